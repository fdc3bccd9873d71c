import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// What is due of jobs, beside what is due of events.
@Suite(.onEachBackend) struct JobReportTests {
    private static let noon = TemporaryStore.noon
    private static let canary = "canary-51fe"
    private let fixture: TemporaryStore
    private var store: Store { fixture.store }
    init() async throws { fixture = try await TemporaryStore() }

    private static func callback(_ host: String = "a.example") throws -> Callback {
        try Callback(jobURL: JSONReader(.string("http://\(host)/?key=\(canary)")))
    }
    private static func report(_ text: String, to host: String = "a.example") throws -> JobReport {
        JobReport(to: try callback(host), JSONText(["text": .string(text)]))
    }
    private func job(_ items: Int = 0) async throws -> UUID {
        try await store.insert(
            JobDraft(
                accountID: fixture.account.id, kind: .blob, items: (0..<items).map { JobItemDraft(name: "\($0)") }),
            at: Self.noon
        ).id
    }

    @Test func whatIsToldOfAStateIsDueWithItAndNotOtherwise() async throws {
        let id = try await job()
        #expect(try await store.move(id, to: .running, reports: [try Self.report("begun")], at: Self.noon))
        #expect(try await store.outboxLevel() == OutboxLevel(due: 1, dead: 0, oldestDueTime: Self.noon))
        #expect(
            try await store.move(
                id, to: .done, reports: [try Self.report("done"), try Self.report("done", to: "b.example")],
                at: Self.noon + 1))
        // It is over already.
        #expect(try await !store.move(id, to: .cancelled, reports: [try Self.report("late")], at: Self.noon + 1))
        #expect(try await store.report([try Self.report("again")], ofJob: id, at: Self.noon + 2))
        #expect(try await !store.report([try Self.report("lost")], ofJob: UUID(), at: Self.noon + 2))
        // Reports of others stand in lanes of their own, also to the same callback.
        let other = try await job()
        #expect(try await store.move(other, to: .cancelled, reports: [try Self.report("other")], at: Self.noon + 3))

        let lanes = try await store.dueLanes(at: Self.noon + 3)
        #expect(lanes.count == 3 && Set(lanes.map(\.receiver)).count == 2)
        var told: [UUID: [String]] = [:]
        for lane in lanes {
            while let letter = try await store.nextLetter(of: lane.id) {
                let pending = try #require(try await store.delivery(id: letter.id, account: fixture.account.id))
                #expect(pending.jobID == letter.jobID && pending.eventID == nil && pending.streamID == nil)
                #expect(pending.number == letter.number && letter.eventID == nil && letter.callback?.url != nil)
                #expect(letter.number == told[lane.id, default: []].count + 1)
                told[lane.id, default: []].append(letter.body.value["text"]?.string ?? "")
                try await store.settle(letter, .delivered, at: Self.noon + 9)
                try await store.settle(letter, .delivered, at: Self.noon + 9)
            }
        }
        #expect(Set(told.values) == [["begun", "done", "again"], ["done"], ["other"]])
        let standing = ReportsStanding(delivered: 4, lastDeliveryTime: Self.noon + 9, pending: [])
        #expect(try await store.deliveries(ofJob: id, account: fixture.account.id, at: Self.noon + 9) == standing)
        let stranger = try await store.deliveries(ofJob: id, account: UUID(), at: Self.noon)
        #expect(stranger == nil)
    }

    @Test func whatFailsIsADeadLetterOfItsJob() async throws {
        let id = try await job()
        try await store.report([try Self.report("one"), try Self.report("two")], ofJob: id, at: Self.noon)
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        let first = try #require(try await store.nextLetter(of: lane.id))
        try await store.settle(first, .dead(reason: "refused"), at: Self.noon)
        let found = try #require(try await store.deliveries(ofJob: id, account: nil))
        #expect(found.pending.map(\.state) == [.dead, .due] && found.pending.map(\.number) == [1, 2])
        #expect(try await store.nextLetter(of: lane.id)?.number == 2)
        var filter = Filter<PendingDelivery>(accountID: fixture.account.id)
        filter.require(.jobIDs, [.id(id)])
        #expect(try await store.deliveries(filter).map(\.number) == [2, 1])
        #expect(try await store.redeliver(ids: [first.id], account: fixture.account.id, at: Self.noon + 5) == 1)
        #expect(try await store.nextLetter(of: lane.id)?.id == first.id)
    }

    /// A job that has expired owes what it owed; one that somebody removes does not.
    @Test func whatIsDueOutlivesAJobThatExpiresAndGoesWithOneThatIsRemoved() async throws {
        let expired = try await job(), removed = try await job()
        for id in [expired, removed] {
            #expect(
                try await store.move(
                    id, to: .cancelled, keeping: .seconds(60), reports: [try Self.report("over")], at: Self.noon))
        }
        let lane = try #require(try await store.deliveries(Filter()).first { $0.jobID == removed })
        #expect(try await store.deleteJob(id: removed, account: fixture.account.id, at: Self.noon))
        #expect(try await store.delivery(id: lane.id, account: nil) == nil)
        #expect(try await store.deleteExpiredJobs(at: Self.noon + 61) == 1)
        try await store.deleteDeadLetters(before: Self.noon)
        #expect(try await store.deliveries(ofJob: expired, account: nil, at: Self.noon + 61) == nil)

        func lanes() async throws -> Int? { try await store.read { try $0.value("SELECT count(*) FROM lane") } }
        var arrived: [UUID?] = []
        for lane in try await store.dueLanes(at: Self.noon + 62) {
            guard let letter = try await store.nextLetter(of: lane.id) else {
                try await store.settle(lane: lane.id, at: Self.noon + 62)
                continue
            }
            arrived.append(letter.jobID)
            try await store.settle(letter, .delivered, at: Self.noon + 62)
        }
        #expect(arrived == [expired])
        try await store.deleteDeadLetters(before: Self.noon)
        #expect(try await lanes() == 0)

        // As long as its job is there, a lane counts on.
        let id = try await job()
        try await store.report([try Self.report("one")], ofJob: id, at: Self.noon)
        let one = try #require(try await store.dueLanes(at: Self.noon).first)
        try await store.settle(try #require(try await store.nextLetter(of: one.id)), .delivered, at: Self.noon)
        try await store.deleteDeadLetters(before: Self.noon)
        try await store.report([try Self.report("two")], ofJob: id, at: Self.noon)
        #expect(try await store.nextLetter(of: one.id)?.number == 2)
    }

    @Test func whatIsSaidLiesSealedAlsoUnderAnotherKey() async throws {
        let id = try await job()
        try await store.report([try Self.report(Self.canary)], ofJob: id, at: Self.noon)
        func isOpen() async throws -> Bool {
            try await store.read { connection in
                let body: [UInt8] = try connection.value("SELECT body FROM delivery", []) ?? []
                let callback: [UInt8] = try connection.value("SELECT callback FROM lane", []) ?? []
                #expect(body.count > 40 && callback.count > 40)
                return String(decoding: body + callback, as: UTF8.self).contains(Self.canary)
            }
        }
        #expect(try await !isOpen())
        try await store.changeKey(to: .random())
        #expect(try await !isOpen())
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        let letter = try #require(try await store.nextLetter(of: lane.id))
        #expect(letter.body.value == ["text": .string(Self.canary)])
        #expect(try letter.callback == Self.callback())
        // What comes later is due behind it.
        try await store.report([try Self.report("two")], ofJob: id, at: Self.noon)
        #expect(try await store.dueLanes(at: Self.noon).map(\.id) == [lane.id])
    }

    /// What cannot be opened any more is a dead letter, and not a report of nothing.
    @Test func aReportWhoseBodyIsDamagedIsNotSent() async throws {
        let id = try await job()
        try await store.report([try Self.report("one")], ofJob: id, at: Self.noon)
        try await store.write { _ = try $0.execute("UPDATE delivery SET body = ?", [[UInt8](repeating: 7, count: 60)]) }
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        let letter = try #require(try await store.nextLetter(of: lane.id))
        #expect(letter.callback == nil && letter.jobID == id)
    }

    /// As the version before has left it: what was due of events is due afterwards, in its order and with its numbers.
    @Test func whatWasDueBeforeJobsReportedIsDueAfterwards() async throws {
        let stream = try await fixture.createStream()
        try await store.record([.crowd(from: 0, to: 1), .crowd(from: 2, to: 3)], of: stream.definition)
        let before = try await store.deliveries(Filter())
        try await store.write { [vault = store.vault] connection in
            try connection.script(
                """
                DROP INDEX delivery_by_job; ALTER TABLE lane RENAME COLUMN source_id TO stream_id;
                ALTER TABLE job DROP COLUMN delivered; ALTER TABLE job DROP COLUMN last_delivery_time;
                """)
            // What came after it takes its steps again, too.
            try connection.script("DROP TABLE handler")
            if connection.dialect == .postgres {
                try connection.script(
                    """
                    ALTER TABLE delivery DROP COLUMN job_id; ALTER TABLE delivery DROP COLUMN body;
                    ALTER TABLE delivery DROP COLUMN handler_id
                    """)
            } else {
                // A table as it was: no column of it may be missing where rows are copied.
                try connection.script(
                    """
                    CREATE TABLE was AS SELECT * FROM delivery;
                    DROP TABLE delivery;
                    CREATE TABLE delivery (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,
                        account_id BLOB NOT NULL, stream_id BLOB NOT NULL, event_id BLOB NOT NULL, lane_id BLOB NOT NULL,
                        number INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, last_error TEXT,
                        last_attempt_time INTEGER, create_time INTEGER NOT NULL, due_time INTEGER NOT NULL) STRICT;
                    INSERT INTO delivery SELECT sequence, id, account_id, stream_id, event_id, lane_id, number, state, attempts,
                        last_error, last_attempt_time, create_time, due_time FROM was;
                    DROP TABLE was;
                    CREATE INDEX delivery_by_lane ON delivery (lane_id); CREATE INDEX delivery_by_state ON delivery (state);
                    CREATE INDEX delivery_by_account ON delivery (account_id);
                    CREATE INDEX delivery_by_stream ON delivery (stream_id); CREATE INDEX delivery_by_event ON delivery (event_id);
                    """)
            }
            try connection.execute("DELETE FROM migration WHERE name IN ('0017 reports of jobs', '0022 handlers')")
            try Schema.migrator(vault).migrate(connection)
        }
        #expect(try await store.deliveries(Filter()) == before && before.count == 2)
        try await store.report([try Self.report("one")], ofJob: try await job(), at: Self.noon)
        #expect(try await store.deliveries(Filter()).count == 3)
    }
}
