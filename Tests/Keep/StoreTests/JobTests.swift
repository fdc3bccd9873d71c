import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import SQL
import Sealing
import Testing

@testable import Store

@Suite(.onEachBackend) struct JobTests {
    private func draft(_ store: TemporaryStore, items: Int = 3, state: JobState = .queued) -> JobDraft {
        var draft = JobDraft(
            accountID: store.account.id, kind: .cameraTrap, parameters: ["url": "http://host/?sig=geheim"],
            items: (0..<items).map { JobItemDraft(name: "Säson 1/a b#\($0).jpg", facts: ["n": .integer(Int64($0))]) })
        draft.state = state
        return draft
    }

    @Test func whatIsHandedInIsThere() async throws {
        let store = try await TemporaryStore()
        let job = try await store.store.insert(draft(store), at: TemporaryStore.noon)
        #expect(job.state == .queued && job.tally == JobTally(items: 3, weight: 3))
        #expect(job.createTime == TemporaryStore.noon && job.parameters["url"] == "http://host/?sig=geheim")
        #expect(try await store.store.job(id: job.id, account: store.account.id) == job)
        #expect(try await store.store.job(id: job.id, account: UUID()) == nil)
        let items = try await store.store.items(ofJob: job.id)
        #expect(items.map(\.name) == ["Säson 1/a b#0.jpg", "Säson 1/a b#1.jpg", "Säson 1/a b#2.jpg"])
        #expect(items.map(\.facts) == [["n": 0], ["n": 1], ["n": 2]])
        #expect(try await store.store.items(ofJob: job.id, after: 1).map(\.number) == [2])
    }

    @Test func whatIsUploadedBringsAJobBack() async throws {
        let store = try await TemporaryStore()
        func upload(_ name: String, _ id: UUID) async throws -> Bool {
            try await store.store.addUpload(JobItemDraft(name: name), toJob: id)
        }
        var waiting = draft(store, items: 0, state: .waitingForUpload)
        waiting.expiry = Date.now.addingTimeInterval(60)
        let id = try await store.store.insert(waiting).id
        #expect(try await store.store.job(id: id)?.expiry != nil)
        #expect(try await upload("one", id))
        var job = try #require(try await store.store.job(id: id))
        #expect(job.state == .queued && job.expiry == nil && job.tally == JobTally(items: 1, weight: 1))
        #expect(try await store.store.move(id, to: .running))
        try await store.store.record(JobOutcome(jobID: id, number: 0, .done(JSONText(1))))
        // Not over while something came that nobody has looked at.
        #expect(try await upload("two", id))
        #expect(try await store.store.job(id: id)?.state == .running)
        #expect(try await !store.store.move(id, to: .done, ifOver: true))
        try await store.store.record(JobOutcome(jobID: id, number: 1, .failed(reason: "broken")))
        #expect(try await store.store.move(id, to: .failed, error: "broken", ifOver: true))
        #expect(try await upload("three", id))
        job = try #require(try await store.store.job(id: id))
        #expect(job.state == .queued && job.error == nil && job.endTime == nil && job.expiry == nil)
        #expect(try await store.store.items(ofJob: id, in: .pending).map(\.name) == ["three"])
        try await store.store.move(id, to: .cancelled)
        #expect(try await !upload("four", id))
        waiting.id = UUID()
        waiting.expiry = Date.now.addingTimeInterval(-1)
        let gone = try await store.store.insert(waiting).id
        #expect(try await !upload("late", gone))
    }

    @Test func eachItemIsOverOnce() async throws {
        let store = try await TemporaryStore()
        let id = try await store.store.insert(draft(store)).id
        func record(_ number: Int, _ kind: JobOutcome.Kind) async throws {
            try await store.store.record(JobOutcome(jobID: id, number: number, kind))
        }
        // Nothing of a job that has not begun.
        try await record(0, .done(JSONText(1)))
        #expect(try await store.store.job(id: id)?.tally.done == 0)
        #expect(try await store.store.move(id, to: .running))
        try await record(0, .done(JSONText(["found": 1])))
        try await record(0, .failed(reason: "late"))
        try await record(1, .failed(reason: "broken"))
        try await record(2, .reached(checkpoint: JSONText(7), weight: 1))
        #expect(
            try await store.store.job(id: id)?.tally == JobTally(items: 3, done: 1, failed: 1, weight: 3, weightDone: 3)
        )
        let items = try await store.store.items(ofJob: id)
        #expect(items.map(\.state) == [.done, .failed, .pending])
        #expect(items[0].result == JSONText(["found": 1]) && items[0].error == nil)
        #expect(items[1].error == "broken" && items[2].checkpoint == JSONText(7))
        #expect(try await store.store.items(ofJob: id, in: .pending).map(\.number) == [2])
        // What is recorded of a part is not counted again.
        try await record(2, .done(JSONText(3)))
        #expect(try await store.store.job(id: id)?.tally.weightDone == 3)
    }

    @Test func anEndIsFinal() async throws {
        let store = try await TemporaryStore()
        let id = try await store.store.insert(draft(store)).id
        #expect(try await store.store.move(id, to: .running, at: TemporaryStore.noon))
        #expect(try await !store.store.move(id, of: UUID(), to: .cancelled))
        #expect(try await store.store.move(id, of: store.account.id, to: .cancelled, at: TemporaryStore.noon))
        #expect(try await !store.store.move(id, to: .running))
        #expect(try await !store.store.move(id, to: .done))
        try await store.store.record(JobOutcome(jobID: id, number: 0, .done(JSONText(1))))
        let job = try await store.store.job(id: id, at: TemporaryStore.noon)
        #expect(job?.state == .cancelled && job?.tally.done == 0)
        #expect(job?.startTime == TemporaryStore.noon && job?.endTime == TemporaryStore.noon)
    }

    @Test func itemsComeWhileAJobIsListed() async throws {
        let store = try await TemporaryStore()
        let id = try await store.store.insert(draft(store, items: 0, state: .created)).id
        let more = (0..<Store.itemPortion + 1).map { JobItemDraft(name: "\($0)", weight: 2) }
        #expect(try await store.store.add(more, toJob: id))
        #expect(try await store.store.move(id, to: .queued))
        #expect(try await !store.store.add(more, toJob: id))
        let tally = try await store.store.job(id: id)?.tally
        #expect(tally?.items == more.count && tally?.weight == 2 * more.count)
        #expect(try await store.store.items(ofJob: id, after: more.count - 2).map(\.name) == ["\(more.count - 1)"])
    }

    @Test func listsAreFilteredAndBegunWithTheNewest() async throws {
        let store = try await TemporaryStore()
        let other = try await store.createAccount("two@example.org")
        let first = try await store.store.insert(draft(store)), second = try await store.store.insert(draft(store))
        var foreign = draft(store)
        foreign.accountID = other.id
        _ = try await store.store.insert(foreign)
        _ = try await store.store.move(second.id, to: .running)
        #expect(try await store.store.jobs(Filter(accountID: store.account.id)).map(\.id) == [second.id, first.id])
        #expect(try await store.store.jobs(Filter()).count == 3)
        var running = Filter<Job>()
        running.require(.states, [.text("running")])
        #expect(try await store.store.jobs(running).map(\.id) == [second.id])
        #expect(try await store.store.activeJobs().map(\.id).prefix(2) == [first.id, second.id])
    }

    @Test func aLimitHoldsForWhatIsNotOver() async throws {
        let store = try await TemporaryStore()
        let first = try await store.store.insert(draft(store), limit: 2)
        _ = try await store.store.insert(draft(store), limit: 2)
        await #expect(throws: StoreError.tooManyJobs(limit: 2)) { try await store.store.insert(draft(store), limit: 2) }
        _ = try await store.store.move(first.id, to: .cancelled)
        _ = try await store.store.insert(draft(store), limit: 2)
    }

    @Test func jobsExpireAndAreDeleted() async throws {
        let store = try await TemporaryStore(), noon = TemporaryStore.noon
        var kept = draft(store)
        kept.keeping = .seconds(20)
        let first = try await store.store.insert(kept, at: noon), second = try await store.store.insert(draft(store))
        _ = try await store.store.move(first.id, to: .cancelled, keeping: .seconds(5), at: noon)
        #expect(try await store.store.deleteExpiredJobs(at: noon.addingTimeInterval(19)) == 0)
        #expect(try await store.store.job(id: first.id, at: noon.addingTimeInterval(21)) == nil)
        #expect(try await store.store.deleteExpiredJobs(at: noon.addingTimeInterval(21)) == 1)
        #expect(try await store.store.items(ofJob: first.id).isEmpty)
        #expect(try await !store.store.deleteJob(id: second.id, account: UUID()))
        #expect(try await store.store.deleteJob(id: second.id, account: store.account.id))
        #expect(try await !store.store.deleteJob(id: second.id, account: store.account.id))
        #expect(try await store.store.jobs(Filter()).isEmpty)
    }

    @Test func whatBelongsToAJobGoesWithIt() async throws {
        let store = try await TemporaryStore()
        let job = try await store.store.insert(draft(store)), other = try await store.store.insert(draft(store))
        func keep(_ job: Job) async throws -> StoredObject {
            let upload = store.store.upload()
            try await upload.append([1, 2, 3])
            var draft = ObjectDraft(
                accountID: store.account.id, kind: .object, contentType: "application/json", meta: ["Name": "a.json"])
            (draft.jobID, draft.expiry) = (job.id, .distantFuture)
            return try await store.store.keep(upload, as: draft)
        }
        let (first, second, foreign) = (try await keep(job), try await keep(job), try await keep(other))
        #expect(try await store.store.objects(ofJob: job.id).map(\.id) == [first.id, second.id])
        try await store.store.removeObjects(ofJob: job.id, [first.id, foreign.id])
        #expect(try await store.store.objects(ofJob: job.id).map(\.id) == [second.id])
        #expect(try await store.store.deleteJob(id: job.id, account: store.account.id))
        #expect(try await store.store.objects(ofJob: job.id).isEmpty)
        #expect(try await store.store.objectTotals() == ObjectTotals(count: 1, bytes: 3))
    }

    /// More than one transaction removes.
    @Test func ofManyObjectsThoseGoThatAreNamed() async throws {
        let store = try await TemporaryStore()
        let job = try await store.store.insert(draft(store)), other = try await store.store.insert(draft(store))
        func keep(_ job: Job) async throws -> UUID {
            var draft = ObjectDraft(accountID: store.account.id, kind: .object, contentType: "a/b")
            draft.jobID = job.id
            return try await store.store.keep(store.store.upload(), as: draft).id
        }
        var ids: [UUID] = []
        for _ in 0..<203 { ids.append(try await keep(job)) }
        let foreign = try await keep(other)
        try await store.store.removeObjects(ofJob: job.id, Array(ids.dropFirst()) + [foreign, UUID()])
        #expect(try await store.store.objects(ofJob: job.id).map(\.id) == [ids[0]])
        #expect(try await store.store.objects(ofJob: other.id).map(\.id) == [foreign])
        #expect(try await store.store.objectTotals() == ObjectTotals(count: 2, bytes: 0))
        try await store.store.removeObjects(ofJob: job.id, [])
        #expect(try await store.store.objects(ofJob: job.id).count == 1)
    }

    @Test func objectsOfAJobAreAddedUpByTheirDescription() async throws {
        let store = try await TemporaryStore()
        let job = try await store.store.insert(draft(store)), other = try await store.store.insert(draft(store))
        func keep(_ meta: [String: String], _ size: Int, in job: Job, until expiry: Date? = nil) async throws -> UUID {
            let upload = store.store.upload()
            try await upload.append([UInt8](repeating: 1, count: size))
            var draft = ObjectDraft(accountID: store.account.id, kind: .object, contentType: "a/b", meta: meta)
            (draft.jobID, draft.expiry) = (job.id, expiry)
            return try await store.store.keep(upload, as: draft).id
        }
        func tally(_ job: Job, besides value: String) async throws -> JobObjectTally {
            try await store.store.tally(ofJob: job.id, by: "Block", besides: value)
        }
        #expect(try await tally(job, besides: "01") == JobObjectTally(count: 0, bytes: 0, value: nil))
        let first = try await keep(["Block": "01"], 3, in: job), again = try await keep(["Block": "01"], 4, in: job)
        _ = try await keep(["Block": "02"], 5, in: job)
        _ = try await keep(["Block": "03"], 6, in: job, until: .now.addingTimeInterval(-1))
        _ = try await keep(["Blocks": "04", "Name": "a"], 7, in: job)
        _ = try await keep(["Block": "05"], 8, in: other)
        #expect(try await tally(job, besides: "01") == JobObjectTally(count: 1, bytes: 5, value: "02"))
        #expect(try await tally(job, besides: "02") == JobObjectTally(count: 2, bytes: 7, value: "01"))
        let found = try await store.store.objects(ofJob: job.id, meta: ["Block": "01"])
        #expect(found.map(\.id) == [first, again] && found.map(\.size) == [3, 4])
        #expect(try await store.store.objects(ofJob: job.id, meta: ["Block": "03"]).isEmpty)
        #expect(try await store.store.objects(ofJob: other.id, meta: ["Block": "01"]).isEmpty)
    }

    @Test func aListingThatWasCutOffBeginsAnew() async throws {
        let store = try await TemporaryStore()
        let id = try await store.store.insert(draft(store, items: 3, state: .created)).id
        try await store.store.removeItems(ofListed: id)
        #expect(try await store.store.items(ofJob: id).isEmpty)
        try await store.store.add([JobItemDraft(name: "x")], toJob: id)
        #expect(try await store.store.job(id: id)?.tally == JobTally(items: 1, weight: 1))
        _ = try await store.store.move(id, to: .queued)
        try await store.store.removeItems(ofListed: id)
        #expect(try await store.store.items(ofJob: id).map(\.name) == ["x"])
    }

    @Test func whatWasAttendedGoesWithItsProcess() async throws {
        let store = try await TemporaryStore()
        let running = try await store.store.insert(draft(store), isAttended: true)
        let over = try await store.store.insert(draft(store), isAttended: true)
        let stays = try await store.store.insert(draft(store))
        _ = try await store.store.move(running.id, to: .running)
        _ = try await store.store.move(over.id, to: .cancelled)
        #expect(try await store.store.dropAttendedJobs() == 1)
        #expect(Set(try await store.store.jobs(Filter()).map(\.id)) == [over.id, stays.id])
    }

    @Test func secretsLieSealedAlsoUnderAnotherKey() async throws {
        let store = try await TemporaryStore()
        let id = try await store.store.insert(draft(store)).id
        func isOpen() async throws -> Bool {
            try await store.store.read { connection in
                let parameters: [UInt8] = try connection.value("SELECT parameters FROM job", []) ?? []
                let subject: [UInt8] = try connection.value("SELECT subject FROM job_item LIMIT 1", []) ?? []
                return String(decoding: parameters, as: UTF8.self).contains("geheim")
                    || String(decoding: subject, as: UTF8.self).contains("jpg")
            }
        }
        #expect(try await !isOpen())
        try await store.store.changeKey(to: .random())
        #expect(try await !isOpen())
        #expect(try await store.store.job(id: id)?.parameters["url"] == "http://host/?sig=geheim")
        #expect(try await store.store.items(ofJob: id).map(\.number) == [0, 1, 2])
    }
}
