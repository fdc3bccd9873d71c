import Foundation
import JSON
import KeepSupport
import Logging
import Records
import Store
import Synchronization
import Testing

@testable import Jobs

/// Opened once, for whoever waits and whoever comes later.
private final class Latch: Sendable {
    private let (opened, opening) = AsyncStream<Void>.makeStream()
    func open() { opening.finish() }
    func wait() async { for await _ in opened {} }
}

/// Lists one item, as long as a test has it list, for a job that somebody approves afterwards.
private final class Approved: JobRunner {
    let kind = JobKind.anonymisation, itemsAtOnce = 1
    let listed = Latch()
    private let store: Store
    private let listings = Mutex(0)
    init(_ store: Store) { self.store = store }

    func list(_ job: Job) async throws -> JSONText? {
        listings.withLock { $0 += 1 }
        await listed.wait()
        guard try await store.add([JobItemDraft(name: "a")], toJob: job.id) else { throw JobFailure("listed too late") }
        return nil
    }
    func stateAfterListing(_ job: Job) -> JobState { .waitingForApproval }
    func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText { JSONText(.string(item.name)) }
    var listingCount: Int { listings.withLock { $0 } }
}

struct JobEngineLookTests {
    private func wait(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// The database was read before a job's listing ended, and answers when it is known here no more.
    @Test(.timeLimit(.minutes(30))) func aLookThatIsLateBringsNoJobBackToWhatItWas() async throws {
        let store = try await TemporaryStore(.sqlite)
        let runner = Approved(store.store), read = Latch(), answer = Latch()
        let isLate = Atomic(false)
        let engine = JobEngine(
            store: store.store, runners: [runner], configuration: JobConfiguration(), logger: Logger(label: "test")
        ) { [database = store.store] in
            let jobs = try await database.activeJobs()
            if isLate.exchange(false, ordering: .sequentiallyConsistent) {
                read.open()
                await answer.wait()
            }
            return jobs
        }
        let running = Task { try await engine.run() }
        var draft = JobDraft(accountID: store.account.id, kind: .anonymisation)
        draft.state = .created
        let id = try await store.store.insert(draft).id
        try await wait { runner.listingCount == 1 }

        isLate.store(true, ordering: .sequentiallyConsistent)
        engine.wake.yield()
        await read.wait()
        runner.listed.open()
        try await wait { try await store.store.job(id: id)?.state == .waitingForApproval }
        try await wait { await engine.progress(of: id) == nil }
        answer.open()

        // Until it has looked once more.
        let looks = await engine.looks
        engine.wake.yield()
        try await wait { await engine.looks > looks }
        #expect(try await engine.move(id, to: .queued))
        try await wait { try await store.store.job(id: id)?.state.isFinal == true }
        #expect(try await store.store.job(id: id)?.tally.done == 1)
        #expect(runner.listingCount == 1)
        running.cancel()
        _ = await running.result
    }
}
