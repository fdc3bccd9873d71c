import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

@Suite(.onEachBackend) struct DeliveryTests {
    private static let noon = TemporaryStore.noon
    private static func callback(_ url: JSONValue = "http://a.example/") throws -> Callback {
        try Callback(JSONReader(["type": "http", "url": url]))
    }
    /// An event that is reported to callbacks.
    @discardableResult
    private static func report(
        _ store: Store, _ stream: RegisteredStream, to callbacks: [Callback], at now: Date = noon
    ) async throws -> UUID {
        let crowd = Event.crowd(from: 1, to: 2)
        try await store.record(
            [crowd.update(.opened)], deliveries: callbacks.map { Delivery(eventID: crowd.id, callback: $0) },
            of: stream.definition, at: now)
        return crowd.id
    }

    @Test func eachStreamHasALaneToEachOfItsCallbacks() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let (a, b) = (try await fixture.createStream(), try await fixture.createStream())
        let callbacks = [try Self.callback(), try Self.callback("http://a.example/other")]
        for stream in [a, b, a] { try await Self.report(store, stream, to: callbacks) }
        let lanes = try await store.dueLanes(at: Self.noon)
        #expect(Set(lanes.map(\.id)).count == 4 && Set(lanes.map(\.receiver)).count == 1)
        #expect(try await store.outboxLevel() == OutboxLevel(due: 6, dead: 0, oldestDueTime: Self.noon))

        let first = try await store.dueLanes(at: Self.noon, limit: 3)
        #expect(try await first + store.dueLanes(at: Self.noon, after: first.last) == lanes)
        #expect(try await store.dueLanes(at: Self.noon - 1).isEmpty)
    }

    @Test func aLaneIsEmptiedInOrderAndCountsOn() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        var events: [UUID] = []
        for _ in 0..<3 { events.append(try await Self.report(store, stream, to: [try Self.callback()])) }
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        for (index, event) in events.enumerated() {
            let letter = try #require(try await store.nextLetter(of: lane.id))
            #expect(letter.number == index + 1)
            #expect(letter.eventID == event && letter.streamID == stream.id && letter.failures == 0)
            #expect(letter.body.value["event"]?["event_id"] == .string(event.wire))
            try await store.settle(letter, .delivered, at: Self.noon)
            // Said twice it is counted once.
            try await store.settle(letter, .delivered, at: Self.noon)
            let fared = try await store.deliveries(ofEvent: event, account: fixture.account.id)
            #expect(fared == ReportsStanding(delivered: 1, lastDeliveryTime: Self.noon, pending: []))
        }
        let empty = try await store.nextLetter(of: lane.id)
        #expect(empty == nil)
        #expect(try await store.dueLanes(at: .distantFuture).isEmpty)
        try await Self.report(store, stream, to: [try Self.callback()])
        #expect(try await store.nextLetter(of: lane.id)?.number == 4)

        // It goes when its stream is gone and it holds nothing.
        _ = try await store.deleteStream(id: stream.id, account: fixture.account.id)
        try await store.deleteDeadLetters(before: Self.noon)
        let last = try #require(try await store.nextLetter(of: lane.id))
        try await store.settle(last, .delivered, at: Self.noon)
        try await store.deleteDeadLetters(before: Self.noon)
        #expect(try await store.read { try $0.value("SELECT count(*) FROM lane") as Int? } == 0)
    }

    @Test func aFailurePutsTheWholeLaneOffAndWhatIsTooOldAside() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        let old = try await Self.report(store, stream, to: [try Self.callback()])
        let new = try await Self.report(store, stream, to: [try Self.callback()], at: Self.noon + 10)
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        let letter = try #require(try await store.nextLetter(of: lane.id))
        try await store.settle(
            letter, .postponed(reason: "busy", next: Self.noon + 60, expiry: Self.noon - 1), at: Self.noon + 20)
        #expect(try await store.dueLanes(at: Self.noon + 59).isEmpty)
        #expect(try await store.nextLaneTime(after: Self.noon + 59) == Self.noon + 60)
        #expect(try await store.nextLetter(of: lane.id)?.failures == 1)
        // What comes meanwhile waits behind.
        try await Self.report(store, stream, to: [try Self.callback()], at: Self.noon + 30)
        #expect(try await store.dueLanes(at: Self.noon + 59).isEmpty)

        try await store.settle(
            letter, .postponed(reason: "gone", next: Self.noon + 120, expiry: Self.noon + 5), at: Self.noon + 60)
        #expect(try await store.nextLetter(of: lane.id)?.eventID == new)
        let dead = try #require(
            try await store.deliveries(Filter(accountID: nil, [Condition("state", .equal, [.text("dead")])])).first)
        #expect(dead.eventID == old && dead.attempts == 2 && dead.lastError == "gone")
        #expect(dead.lastAttemptTime == Self.noon + 60 && dead.nextAttemptTime == nil)
    }

    @Test func whoWaitsBeyondTheLimitIsRecalledAndNobodyElse() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        try await Self.report(store, stream, to: [try Self.callback()], at: Self.noon)
        try await store.recallLanes(beyond: Self.noon - 1, at: Self.noon - 600)
        #expect(try await store.dueLanes(at: Self.noon - 600).count == 1)

        try await Self.report(store, stream, to: [try Self.callback("http://a.example/other")], at: Self.noon)
        try await store.recallLanes(beyond: Self.noon, at: Self.noon - 600)
        #expect(try await store.dueLanes(at: Self.noon - 1).count == 1)
    }

    @Test func aDeadLetterIsSentAgainWhenItsAccountWantsIt() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        let event = try await Self.report(store, stream, to: [try Self.callback()])
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        try await store.settle(
            try #require(try await store.nextLetter(of: lane.id)), .dead(reason: "refused"), at: Self.noon)
        #expect(try await store.dueLanes(at: .distantFuture).isEmpty)
        let id = try #require(try await store.deliveries(Filter(accountID: fixture.account.id)).first?.id)
        let stranger = try await fixture.createAccount("two@example.org")
        #expect(try await store.redeliver(ids: [id], account: stranger.id) == 0)
        #expect(try await store.deleteDelivery(id: id, account: stranger.id) == false)

        #expect(try await store.redeliver(ids: [id, UUID()], account: fixture.account.id, at: Self.noon + 9) == 1)
        #expect(try await store.dueLanes(at: Self.noon + 9).map(\.id) == [lane.id])
        #expect(try await store.nextLetter(of: lane.id)?.eventID == event)
        #expect(try await store.delivery(id: id, account: nil)?.dueTime == Self.noon + 9)
        #expect(try await store.deleteDelivery(id: id, account: fixture.account.id))
        #expect(try await store.dueLanes(at: .distantFuture).isEmpty)
    }

    /// What a stream had to say is due although nobody runs it any more; with the account it goes.
    @Test func itOutlivesItsStreamAndNotItsAccount() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        try await Self.report(store, stream, to: [try Self.callback()])
        #expect(try await store.deleteStream(id: stream.id, account: fixture.account.id))
        #expect(try await store.outboxLevel().due == 1)
        let deleted = try #require(try await store.deleteAccount(login: fixture.account.login))
        #expect(deleted.counts.contains { $0 == ("reports due", 1) })
        #expect(try await store.read { try $0.value("SELECT count(*) FROM lane") as Int? } == 0)
    }

    /// As the version before has left it: callbacks sealed beside each report, some of them to nobody outside.
    @Test func whatWasDueBeforeThereWereLanesIsDueAfterwardsInItsOrder() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream()
        var events: [UUID] = []
        for _ in 0..<3 { events.append(try await Self.report(store, stream, to: [])) }
        let general: JSONValue = ["type": "luna-event"]
        let texts = [try Self.callback().wire.text, general.text]
        let (ids, vault) = (events, store.vault)
        try await store.write { connection in
            let type = connection.dialect
            try connection.script(
                """
                DROP TABLE pledge; DROP TABLE delivered; DROP TABLE delivery; DROP TABLE lane; DROP TABLE handler;
                ALTER TABLE job DROP COLUMN delivered; ALTER TABLE job DROP COLUMN last_delivery_time;
                CREATE TABLE delivery (sequence \(type.sequence), account_id \(type.id) NOT NULL,
                    event_id \(type.id) NOT NULL REFERENCES event (id) ON DELETE CASCADE,
                    create_time \(type.integer) NOT NULL, callback \(type.blob) NOT NULL) \(type.strict);
                CREATE INDEX delivery_by_event ON delivery (event_id);
                CREATE INDEX delivery_by_create_time ON delivery (create_time);
                """)
            for event in ids {
                for text in texts {
                    try connection.execute(
                        "INSERT INTO delivery (account_id, event_id, create_time, callback) VALUES (?, ?, ?, ?)",
                        [fixture.account.id, event, 1_715_418_701_674, vault.seal(text, at: .callback(ofEvent: event))])
                }
            }
            try connection.execute(
                "DELETE FROM migration WHERE name IN ('0007 outbox', '0017 reports of jobs', '0022 handlers')")
            try Schema.migrator(vault).migrate(connection)
        }
        let lane = try #require(try await store.dueLanes(at: Self.noon).first)
        #expect(try await store.outboxLevel() == OutboxLevel(due: 3, dead: 0, oldestDueTime: Self.noon))
        for event in events {
            let letter = try #require(try await store.nextLetter(of: lane.id))
            #expect(try letter.eventID == event && letter.callback == Self.callback())
            try await store.settle(letter, .delivered, at: Self.noon)
        }
    }
}
