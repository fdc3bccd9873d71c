import Foundation
import JSON
import KeepSupport
import Logging
import ObjectStore
import Records
import Store
import Synchronization
import Testing

@testable import Jobs

/// Does what a test says with each item, and remembers which it was given.
private final class Scripted: JobRunner {
    let kind = JobKind.cameraTrap
    let itemsAtOnce: Int
    private let body: @Sendable (JobItem) async throws -> JSONText
    private let listing: @Sendable (Job) async throws -> Void
    /// Whether somebody is told of each state that a job comes to.
    private let tells: Bool
    let patience: JobPatience?
    private let state = Mutex((seen: [Int](), running: 0, most: 0, finished: 0))

    init(
        itemsAtOnce: Int = 4,
        _ body: @escaping @Sendable (JobItem) async throws -> JSONText = { JSONText(.string($0.name)) },
        listing: @escaping @Sendable (Job) async throws -> Void = { _ in }, tells: Bool = false,
        patience: JobPatience? = nil
    ) {
        (self.itemsAtOnce, self.listing, self.body, self.tells) = (itemsAtOnce, listing, body, tells)
        self.patience = patience
    }
    func reports(of job: Job) async throws -> [JobReport] {
        guard tells else { return [] }
        let callback = try Callback(jobURL: JSONReader("http://a.example/"))
        return [
            JobReport(
                to: callback, JSONText(["state": .string(job.state.rawValue), "error": .string(job.error ?? "")]))
        ]
    }
    func list(_ job: Job) async throws -> JSONText? {
        try await listing(job)
        return JSONText("listed")
    }
    func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText {
        state.withLock {
            $0.seen.append(item.number)
            $0.running += 1
            $0.most = max($0.most, $0.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        return try await body(item)
    }
    func finish(_ job: Job) -> JSONText? {
        state.withLock { $0.finished += 1 }
        return job.parameters["says"].map(JSONText.init)
    }
    var seen: [Int] { state.withLock { $0.seen } }
    var most: Int { state.withLock { $0.most } }
    var finished: Int { state.withLock { $0.finished } }
}

struct JobEngineTests {
    /// An engine at work for as long as `body` runs.
    private func withEngine(
        _ store: Store, _ runners: [any JobRunner], places: Int = 4, _ body: (JobEngine) async throws -> Void
    ) async throws {
        var configuration = JobConfiguration()
        (configuration.places, configuration.roomPause) = (places, .milliseconds(20))
        let engine = JobEngine(
            store: store, runners: runners, configuration: configuration, logger: Logger(label: "test"))
        let running = Task { try await engine.run() }
        do { try await body(engine) } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
        running.cancel()
        _ = await running.result
    }
    private func draft(_ store: TemporaryStore, items: Int) -> JobDraft {
        JobDraft(
            accountID: store.account.id, kind: .cameraTrap, items: (0..<items).map { JobItemDraft(name: "\($0)") })
    }
    private func until(_ store: Store, _ id: UUID, _ isReached: (Job) -> Bool) async throws -> Job {
        while true {
            if let job = try await store.job(id: id), isReached(job) { return job }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(.timeLimit(.minutes(30))) func eachItemIsDoneOnceAndSomeAtATime() async throws {
        let store = try await TemporaryStore(.sqlite), runner = Scripted(itemsAtOnce: 3)
        try await withEngine(store.store, [runner]) { _ in
            let id = try await store.store.insert(draft(store, items: 600)).id
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.error == nil)
            #expect(job.tally == JobTally(items: 600, done: 600, weight: 600, weightDone: 600))
            #expect(job.startTime != nil && job.endTime != nil && job.expiry != nil)
            #expect(runner.seen.sorted() == Array(0..<600) && runner.most <= 3 && runner.finished == 1)
            let items = try await store.store.items(ofJob: id, after: 590)
            #expect(items.map(\.result) == (591..<600).map { JSONText(.string("\($0)")) })
        }
    }

    @Test(.timeLimit(.minutes(30))) func anItemFailsAloneWithItsReason() async throws {
        let store = try await TemporaryStore(.sqlite)
        let runner = Scripted { item in
            if item.number == 1 { throw JobFailure("truncated JPEG") }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner]) { _ in
            let id = try await store.store.insert(draft(store, items: 3)).id
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 2 && job.tally.failed == 1)
            #expect(try await store.store.items(ofJob: id).map(\.error) == [nil, "truncated JPEG", nil])
        }
    }

    @Test(.timeLimit(.minutes(30))) func aDatabaseThatIsAwayIsNoFaultOfAnItem() async throws {
        let store = try await TemporaryStore(.sqlite), tries = Mutex(0)
        let runner = Scripted { _ in
            let isFirst = tries.withLock {
                $0 += 1
                return $0 == 1
            }
            if isFirst { throw StoreError.unavailable(reason: "it is locked") }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner]) { _ in
            let id = try await store.store.insert(draft(store, items: 1)).id
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 1)
        }
        #expect(tries.withLock { $0 } == 2)
    }

    /// As long as there is none, who asks is told so.
    @Test(.timeLimit(.minutes(30)), arguments: [StoreError.noRoomForObjects, .quotaExceeded(limit: 5)])
    func thatThereIsNoRoomIsNoFaultOfAnItem(error: StoreError) async throws {
        let store = try await TemporaryStore(.sqlite), hasRoom = Mutex(false)
        let runner = Scripted { _ in
            if !hasRoom.withLock({ $0 }) { throw error }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner]) { engine in
            let id = try await store.store.insert(draft(store, items: 1)).id
            while await engine.progress(of: id)?.hindrance != "\(error)" { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await store.store.job(id: id)?.state == .running)
            hasRoom.withLock { $0 = true }
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 1)
        }
    }

    /// Whether it is worked on, read ahead, or nobody has come to it yet.
    @Test(.timeLimit(.minutes(30)), arguments: [0, 10, 700]) func oneOfManyItemsIsEnded(number: Int) async throws {
        let store = try await TemporaryStore(.sqlite), goesOn = Mutex(false)
        let runner = Scripted(itemsAtOnce: 1) { _ in
            while !goesOn.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner]) { engine in
            let id = try await store.store.insert(draft(store, items: 800)).id
            while runner.seen.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await engine.fail(number, of: id, "not wanted"))
            goesOn.withLock { $0 = true }
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 799 && job.tally.failed == 1)
            #expect(try await store.store.items(ofJob: id, in: .failed).map(\.number) == [number])
            #expect(try await engine.fail(number, of: id, "again") == false)
        }
    }
    @Test func anItemOfAJobThatWaitsIsEnded() async throws {
        let store = try await TemporaryStore(.sqlite)
        var waiting = draft(store, items: 2)
        waiting.state = .waitingForApproval
        let id = try await store.store.insert(waiting).id
        try await withEngine(store.store, []) { engine in
            let isEnded = try await engine.fail(1, of: id, "not wanted")
            let items = try await store.store.items(ofJob: id)
            #expect(isEnded && items.map(\.state) == [.pending, .failed])
        }
    }

    @Test(.timeLimit(.minutes(30))) func aJobOfWhichNothingIsDoneFails() async throws {
        let store = try await TemporaryStore(.sqlite)
        try await withEngine(store.store, [Scripted { _ in throw JobFailure("no picture") }]) { _ in
            let one = try await store.store.insert(draft(store, items: 1)).id
            let two = try await store.store.insert(draft(store, items: 2)).id
            #expect(try await until(store.store, one) { $0.state.isFinal }.error == "no picture")
            let job = try await until(store.store, two) { $0.state.isFinal }
            #expect(job.state == .failed)
            #expect(job.error == "None of its 2 items could be done; the first: no picture")
        }
    }

    @Test(.timeLimit(.minutes(30))) func aJobIsGivenMoreWhileItRunsAndWhenItIsOver() async throws {
        let store = try await TemporaryStore(.sqlite), runner = Scripted()
        try await withEngine(store.store, [runner]) { _ in
            var draft = draft(store, items: 0)
            draft.state = .waitingForUpload
            let id = try await store.store.insert(draft).id
            for number in 0..<40 {
                #expect(try await store.store.addUpload(JobItemDraft(name: "\(number)"), toJob: id))
                // Now before, now after its end.
                if number.isMultiple(of: 3) { try await Task.sleep(for: .milliseconds(number)) }
            }
            let job = try await until(store.store, id) { $0.state.isFinal && $0.tally.pending == 0 }
            #expect(job.state == .done && job.tally.done == 40)
            #expect(runner.seen.sorted() == Array(0..<40))
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsToBeDoneIsListedFirst() async throws {
        let store = try await TemporaryStore(.sqlite)
        let runner = Scripted(listing: { job in
            guard job.parameters["fails"] == nil else { throw JobFailure("no such container") }
            try await store.store.add([JobItemDraft(name: "a"), JobItemDraft(name: "b")], toJob: job.id)
        })
        try await withEngine(store.store, [runner]) { _ in
            var listed = draft(store, items: 0), failing = listed, empty = draft(store, items: 0)
            (listed.state, failing.state, failing.id) = (.created, .created, UUID())
            (failing.parameters, empty.parameters) = (["fails": true], ["says": 7])
            empty.id = UUID()
            for draft in [listed, failing, empty] { _ = try await store.store.insert(draft) }
            let job = try await until(store.store, listed.id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 2 && job.result == JSONText("listed"))
            let failed = try await until(store.store, failing.id) { $0.state.isFinal }
            #expect(failed.state == .failed && failed.error == "no such container")
            // Nothing to be done is done.
            let nothing = try await until(store.store, empty.id) { $0.state.isFinal }
            #expect(nothing.state == .done && nothing.result == JSONText(7))
        }
    }

    @Test(.timeLimit(.minutes(30))) func progressIsOfWhatWasListed() async throws {
        let store = try await TemporaryStore(.sqlite)
        let runner = Scripted { item in
            if item.number > 0 { try await Task.sleep(for: .seconds(86_400)) }
            return JSONText(1)
        } listing: { job in
            try await store.store.add((0..<4).map { JobItemDraft(name: "\($0)") }, toJob: job.id)
        }
        try await withEngine(store.store, [runner]) { engine in
            var draft = draft(store, items: 0)
            draft.state = .created
            let id = try await store.store.insert(draft).id
            _ = try await until(store.store, id) { $0.tally.done == 1 }
            while await engine.progress(of: id)?.tally.done != 1 { try await Task.sleep(for: .milliseconds(5)) }
            let tally = await engine.progress(of: id)?.tally
            #expect(tally?.items == 4 && tally?.weight == 4 && tally?.percent(.running) == 25)
        }
    }
    @Test(.timeLimit(.minutes(30))) func listingThatDoesNotEndHoldsUpNeitherWorkNorTheListingOfOthers() async throws {
        let store = try await TemporaryStore(.sqlite), other = try await store.createAccount("two@example.org")
        let runner = Scripted(listing: { job in
            if job.parameters["waits"] != nil { try await Task.sleep(for: .seconds(86_400)) }
            try await store.store.add([JobItemDraft(name: "a")], toJob: job.id)
        })
        try await withEngine(store.store, [runner], places: 2) { _ in
            var waiting: [UUID] = []
            for _ in 0..<3 {
                var draft = draft(store, items: 0)
                (draft.id, draft.state, draft.parameters) = (UUID(), .created, ["waits": true])
                waiting.append(try await store.store.insert(draft).id)
            }
            let work = try await store.store.insert(draft(store, items: 2)).id
            _ = try await until(store.store, work) { $0.state == .done }
            var listed = draft(store, items: 0)
            (listed.id, listed.accountID, listed.state) = (UUID(), other.id, .created)
            _ = try await store.store.insert(listed)
            _ = try await until(store.store, listed.id) { $0.state == .done }
            for id in waiting { _ = try await store.store.move(id, to: .cancelled) }
        }
    }

    @Test(.timeLimit(.minutes(30))) func aProcessGoesOnWhereTheOneBeforeStopped() async throws {
        let store = try await TemporaryStore(.sqlite), first = Mutex(0)
        let id = try await store.store.insert(draft(store, items: 40)).id
        let before = Scripted(itemsAtOnce: 2) { item in
            if first.withLock({
                $0 += 1
                return $0
            }) > 10 {
                try await Task.sleep(for: .seconds(600))
            }
            return JSONText(.string("before"))
        }
        try await withEngine(store.store, [before]) { _ in
            _ = try await until(store.store, id) { $0.tally.done == 10 }
        }
        let after = Scripted { _ in JSONText(.string("after")) }
        try await withEngine(store.store, [after]) { _ in
            let job = try await until(store.store, id) { $0.state.isFinal }
            #expect(job.state == .done && job.tally.done == 40 && job.tally.failed == 0)
        }
        #expect(after.seen.count == 30 && after.finished == 1 && before.finished == 0)
        let results = try await store.store.items(ofJob: id).map(\.result)
        #expect(results.count { $0 == JSONText(.string("before")) } == 10)
    }

    @Test(.timeLimit(.minutes(30))) func whoCancelsEndsWhatIsUnderWay() async throws {
        let store = try await TemporaryStore(.sqlite), isCancelled = Mutex(0)
        let runner = Scripted { _ in
            do { try await Task.sleep(for: .seconds(600)) } catch {
                isCancelled.withLock { $0 += 1 }
                throw error
            }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner], places: 2) { engine in
            let id = try await store.store.insert(draft(store, items: 5)).id
            while runner.seen.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await store.store.move(id, to: .cancelled))
            while isCancelled.withLock({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(5)) }
            while await engine.progress(of: id) != nil { try await Task.sleep(for: .milliseconds(5)) }
            let job = try await store.store.job(id: id)
            #expect(job?.state == .cancelled && job?.tally.pending == 5 && runner.finished == 0)
            #expect(runner.seen.count == 2)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aSmallJobIsNotHeldUpByALargeOneOfSomebodyElse() async throws {
        let store = try await TemporaryStore(.sqlite), other = try await store.createAccount("two@example.org")
        let runner = Scripted(itemsAtOnce: 8) { _ in
            try await Task.sleep(for: .milliseconds(2))
            return JSONText(1)
        }
        try await withEngine(store.store, [runner], places: 2) { _ in
            let large = try await store.store.insert(draft(store, items: 2000)).id
            _ = try await until(store.store, large) { $0.tally.done > 10 }
            var small = draft(store, items: 20)
            (small.id, small.accountID) = (UUID(), other.id)
            _ = try await store.store.insert(small)
            _ = try await until(store.store, small.id) { $0.state == .done }
            let left = try await store.store.job(id: large)?.tally.pending ?? 0
            #expect(left > 0)
            _ = try await store.store.move(large, to: .cancelled)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsToldOfAnEndIsDueWithIt() async throws {
        let store = try await TemporaryStore(.sqlite)
        let runner = Scripted(
            { item in
                if item.name == "0" { throw JobFailure("no picture") }
                return JSONText(1)
            },
            listing: { _ in throw JobFailure("no such container") }, tells: true)
        try await withEngine(store.store, [runner]) { engine in
            func told(_ id: UUID) async throws -> JSONValue? {
                let due = try await store.store.deliveries(ofJob: id, account: nil)?.pending ?? []
                #expect(due.count == 1)
                for lane in try await store.store.dueLanes(at: .distantFuture) {
                    guard let letter = try await store.store.nextLetter(of: lane.id), letter.jobID == id else {
                        continue
                    }
                    return letter.body.value
                }
                return nil
            }
            let failing = try await store.store.insert(draft(store, items: 1)).id
            _ = try await until(store.store, failing) { $0.state.isFinal }
            #expect(try await told(failing) == ["state": "failed", "error": "no picture"])
            let done = try await store.store.insert(draft(store, items: 2)).id
            _ = try await until(store.store, done) { $0.state.isFinal }
            #expect(try await told(done) == ["state": "done", "error": ""])
            var listed = draft(store, items: 0)
            listed.state = .created
            _ = try await store.store.insert(listed)
            _ = try await until(store.store, listed.id) { $0.state.isFinal }
            #expect(try await told(listed.id) == ["state": "failed", "error": "no such container"])

            var waiting = draft(store, items: 1)
            waiting.state = .waitingForUpload
            _ = try await store.store.insert(waiting)
            #expect(try await engine.move(waiting.id, of: UUID(), to: .cancelled) == false)
            #expect(try await engine.move(waiting.id, of: store.account.id, to: .cancelled))
            #expect(try await engine.move(waiting.id, to: .cancelled) == false)
            #expect(try await told(waiting.id) == ["state": "cancelled", "error": ""])
        }
    }

    // MARK: What was sent

    private func keep(_ count: Int, for job: UUID, in store: TemporaryStore) async throws {
        for number in 0..<count {
            let upload = store.store.upload()
            try await upload.append([1, 2, 3])
            var draft = ObjectDraft(
                accountID: store.account.id, kind: .object, contentType: "text/plain", meta: ["Name": "\(number)"])
            draft.jobID = job
            _ = try await store.store.keep(upload, as: draft)
        }
    }

    @Test(.timeLimit(.minutes(30))) func nothingIsLeftOfACancelledJob() async throws {
        let store = try await TemporaryStore(.sqlite), isRefused = Mutex(false)
        let runner = Scripted { item in
            do { try await Task.sleep(for: .seconds(3600)) } catch {}
            // Made a moment too late.
            do { try await keep(1, for: item.jobID, in: store) } catch StoreError.jobIsOver {
                isRefused.withLock { $0 = true }
            }
            return JSONText(1)
        }
        try await withEngine(store.store, [runner]) { engine in
            let id = try await store.store.insert(draft(store, items: 1)).id
            try await keep(3, for: id, in: store)
            while runner.seen.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await engine.move(id, of: store.account.id, to: .cancelled))
            #expect(try await store.store.objects(ofJob: id).isEmpty)
            while !isRefused.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            while await engine.progress(of: id) != nil { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await store.store.objectTotals().count == 0)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aJobThatNobodySendsAnythingForFailsByItself() async throws {
        let store = try await TemporaryStore(.sqlite)
        let patience = JobPatience(.seconds(60), withoutUpload: "no upload", withoutApproval: "no approval")
        let runner = Scripted(tells: true, patience: patience)
        let engine = JobEngine(
            store: store.store, runners: [runner], configuration: JobConfiguration(), logger: Logger(label: "test"))
        func waiting(_ state: JobState, _ time: Date) async throws -> UUID {
            var draft = draft(store, items: 0)
            (draft.state, draft.keeping) = (state, .seconds(86_400))
            let id = try await store.store.insert(draft, at: time).id
            try await keep(2, for: id, in: store)
            return id
        }
        let now = Date.now, old = now - 61, young = now - 59
        let upload = try await waiting(.waitingForUpload, old), approval = try await waiting(.waitingForApproval, old)
        let other = try await waiting(.waitingForUpload, young), queued = try await waiting(.queued, old)
        await engine.endLateJobs(at: now)
        for (id, error) in [(upload, "no upload"), (approval, "no approval")] {
            let job = try #require(try await store.store.job(id: id))
            #expect(job.state == .failed && job.error == error)
            #expect(try await store.store.objects(ofJob: id).isEmpty)
            #expect(try await store.store.deliveries(ofJob: id, account: nil)?.pending.count == 1)
        }
        for id in [other, queued] {
            #expect(try await store.store.job(id: id)?.state.isFinal == false)
            #expect(try await store.store.objects(ofJob: id).count == 2)
        }
        let job = try #require(try await store.store.job(id: other))
        #expect(try await engine.endIfLate(job, at: now + 2))
        #expect(try await !engine.endIfLate(job, at: now + 2))
    }

    // MARK: Work that somebody waits for

    @Test(.timeLimit(.minutes(30))) func attendedWorkIsARowWhileItRunsAndAfterwards() async throws {
        let store = try await TemporaryStore(.sqlite)
        let draft = draft(store, items: 1)
        try await withEngine(store.store, []) { engine in
            let answer = try await engine.attend(draft) { meter in
                meter.set(done: 30, of: 120)
                let job = try await store.store.job(id: draft.id)
                #expect(job?.state == .running && job?.isAttended == true)
                #expect(await engine.progress(of: draft.id)?.tally.weightDone == 30)
                return 7
            }
            #expect(answer == 7)
            let job = try await store.store.job(id: draft.id)
            #expect(job?.state == .done && job?.tally.done == 1)
            #expect(await engine.progress(of: draft.id) == nil)
        }
    }

    @Test(.timeLimit(.minutes(30))) func attendedWorkThatFailsSaysSoToBoth() async throws {
        let store = try await TemporaryStore(.sqlite), draft = draft(store, items: 1)
        try await withEngine(store.store, []) { engine in
            await #expect(throws: JobFailure("no video")) {
                try await engine.attend(draft) { _ in throw JobFailure("no video") }
            }
        }
        let job = try await store.store.job(id: draft.id)
        #expect(job?.state == .failed && job?.error == "no video")
    }

    @Test(.timeLimit(.minutes(30))) func attendedWorkEndsWithWhoeverWaits() async throws {
        let store = try await TemporaryStore(.sqlite), draft = draft(store, items: 1)
        var waiting = self.draft(store, items: 1)
        waiting.id = UUID()
        let late = waiting
        try await withEngine(store.store, [], places: 1) { engine in
            let client = Task {
                try await engine.attend(draft) { _ in try await Task.sleep(for: .seconds(600)) }
            }
            _ = try await until(store.store, draft.id) { $0.state == .running }
            let next = Task { try await engine.attend(late) { _ in 1 } }
            _ = try await until(store.store, late.id) { $0.state == .queued }
            next.cancel()
            await #expect(throws: CancellationError.self) { try await next.value }
            client.cancel()
            await #expect(throws: CancellationError.self) { try await client.value }
            #expect(try await store.store.job(id: draft.id)?.state == .cancelled)
            #expect(try await store.store.job(id: late.id)?.state == .cancelled)
            // Its place is free again.
            var third = self.draft(store, items: 0)
            third.id = UUID()
            #expect(try await engine.attend(third) { _ in 3 } == 3)
        }
    }

    @Test(.timeLimit(.minutes(30))) func attendedWorkCanBeCancelledBySomebodyElse() async throws {
        let store = try await TemporaryStore(.sqlite), draft = draft(store, items: 1)
        try await withEngine(store.store, []) { engine in
            let client = Task {
                try await engine.attend(draft) { _ in try await Task.sleep(for: .seconds(600)) }
            }
            _ = try await until(store.store, draft.id) { $0.state == .running }
            #expect(try await store.store.move(draft.id, to: .cancelled))
            await #expect(throws: JobCancelled.self) { try await client.value }
            #expect(try await store.store.job(id: draft.id)?.state == .cancelled)
        }
    }
}
