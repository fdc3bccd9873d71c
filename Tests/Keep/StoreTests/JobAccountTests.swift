import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// What jobs cost, who is told of them, and what is left of cancelled ones.
@Suite(.onEachBackend) struct JobAccountTests {
    private let fixture: TemporaryStore
    private var store: Store { fixture.store }
    init() async throws { fixture = try await TemporaryStore() }

    private func job(_ state: JobState = .waitingForApproval) async throws -> Job {
        var draft = JobDraft(accountID: fixture.account.id, kind: .anonymisation)
        draft.state = state
        return try await store.insert(draft)
    }
    private var used: Int { get async throws { try await store.creditsUsed(by: fixture.account.id) } }

    @Test func creditsAreReservedOnceAndGivenBack() async throws {
        let first = try await job(), second = try await job(), third = try await job()
        #expect(try await used == 0)
        #expect(try await store.charge(6, toJob: first.id, limit: 10))
        #expect(try await store.charge(6, toJob: first.id, limit: 10))
        #expect(try await used == 6)
        await #expect(throws: StoreError.notEnoughCredits(left: 4)) {
            try await store.charge(5, toJob: second.id, limit: 10)
        }
        #expect(try await used == 6)
        #expect(try await store.charge(4, toJob: second.id, limit: 10))
        await #expect(throws: StoreError.notEnoughCredits(left: 0)) {
            try await store.charge(1, toJob: third.id, limit: 10)
        }
        // Whoever has no limit is counted all the same.
        #expect(try await store.charge(100, toJob: third.id))
        #expect(try await used == 110)
        // Of one that is done stays what it has brought, of others nothing.
        #expect(try await store.move(first.id, to: .queued))
        #expect(try await store.charge(2, toJob: first.id, limit: 1))
        #expect(try await store.move(first.id, to: .done))
        #expect(try await store.move(second.id, to: .cancelled))
        #expect(try await used == 102)
        #expect(try await !store.charge(50, toJob: second.id))
        #expect(try await store.deleteJob(id: first.id, account: fixture.account.id))
        #expect(try await used == 102)
        #expect(try await store.deleteJob(id: third.id, account: fixture.account.id))
        #expect(try await used == 2)
        let other = try await fixture.createAccount("two@example.org")
        #expect(try await store.creditsUsed(by: other.id) == 0)
    }

    @Test func whoIsToldOfJobsIsToldOnce() async throws {
        func callback(_ host: String) throws -> Callback {
            try Callback(jobURL: JSONReader(.string("http://\(host)/?key=canary-7e")))
        }
        let account = fixture.account.id, one = try await job(), two = try await job()
        func add(_ host: String, _ job: Job? = nil, limit: Int = 100) async throws -> Bool {
            try await store.add(
                try callback(host), account: account, kind: .anonymisation, job: job?.id, limit: limit)
        }
        func told(_ job: Job) async throws -> [String] {
            try await store.callbacks(ofJob: job).map { $0.receiver.replacing(":80", with: "") }
        }
        #expect(try await add("all"))
        #expect(try await !add("all"))
        #expect(try await add("one", one))
        #expect(try await add("all", one))
        #expect(try await told(one) == ["all", "one"])
        #expect(try await told(two) == ["all"])
        await #expect(throws: StoreError.tooManyCallbacks(limit: 2)) { try await add("more", one, limit: 2) }
        #expect(try await told(one) == ["all", "one"])
        var blob = JobDraft(accountID: account, kind: .blob)
        blob.id = UUID()
        #expect(try await told(try await store.insert(blob)) == [])
        // Sealed, and found again under another key.
        let secrets = try await store.read {
            try $0.rows("SELECT callback FROM job_callback", []) { $0[0] as [UInt8] }
        }
        #expect(secrets.count == 3)
        #expect(!secrets.contains { String(decoding: $0, as: UTF8.self).contains("canary-7e") })
        try await store.changeKey(to: .random())
        #expect(try await told(one) == ["all", "one"])
        #expect(try await !add("one", one))
        #expect(
            try await store.removeCallback(try callback("all"), account: account, kind: .anonymisation))
        #expect(
            try await !store.removeCallback(try callback("all"), account: account, kind: .anonymisation))
        #expect(try await told(two) == [])
        #expect(try await store.deleteJob(id: one.id, account: account))
        #expect(try await store.read { try $0.value("SELECT count(*) FROM job_callback") as Int? } == 0)
    }

    @Test func aCancelledJobIsGivenNothingMore() async throws {
        func keep(for job: Job) async throws -> StoredObject {
            let upload = store.upload()
            try await upload.append([1, 2, 3])
            var draft = ObjectDraft(
                accountID: fixture.account.id, kind: .object, contentType: "text/plain", meta: [:])
            draft.jobID = job.id
            return try await store.keep(upload, as: draft)
        }
        let job = try await job(), other = try await self.job()
        _ = try await keep(for: job)
        _ = try await keep(for: other)
        #expect(try await store.move(job.id, to: .cancelled))
        await #expect(throws: StoreError.jobIsOver) { try await keep(for: job) }
        // Of a process that was killed before it came to that.
        #expect(try await store.removeObjectsOfCancelledJobs() == 1)
        #expect(try await store.removeObjectsOfCancelledJobs() == 0)
        #expect(try await store.objectTotals() == ObjectTotals(count: 1, bytes: 3))
        #expect(try fixture.directory.objectFiles().count == 1)
    }
}
