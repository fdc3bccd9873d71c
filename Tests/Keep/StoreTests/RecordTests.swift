import Foundation
import JSON
import KeepSupport
import Records
import Scene
import Testing

@testable import Store

/// Records as those are told them who follow a stream, an account or all.
@Suite(.onEachBackend) struct RecordTests {
    private let fixture: TemporaryStore
    private let gate, yard: StreamDefinition
    private var store: Store { fixture.store }
    private let account: RecordScope
    init() async throws {
        fixture = try await TemporaryStore()
        (gate, yard) = (try await fixture.createStream().definition, try await fixture.createStream().definition)
        account = .account(fixture.account.id)
    }

    private func scope(_ stream: StreamDefinition) -> RecordScope { .stream(stream.id, of: stream.accountID) }
    /// All that follows on a place, as a reader gets it who takes so many at once.
    private func all(
        _ scope: RecordScope, after place: Int64 = 0, limit: Int = 200
    ) async throws -> [RecordPortion] {
        var portions: [RecordPortion] = []
        while portions.last?.isLast != true {
            portions.append(try await store.records(of: scope, after: portions.last?.end ?? place, limit: limit))
        }
        return portions
    }
    private func places(_ scope: RecordScope, after place: Int64 = 0, limit: Int = 200) async throws -> [Int64] {
        try await all(scope, after: place, limit: limit).flatMap { $0.records.map(\.place) }
    }

    /// Beginning and end of an event, of both of which subscribers are told.
    private func tell(_ second: Double, of stream: StreamDefinition) async throws {
        let callback = try Callback(JSONReader(["type": "luna-ws-notification"]))
        let origin = EventOrigin(name: "people_count", resultName: "crowd", callbacks: [callback])
        let crowd = Event.crowd(from: second, to: second + 1)
        for change in [EventUpdate.Change.opened, .closed] {
            var update = crowd.update(change)
            update.isReported = true
            try await store.record(
                AnalyticUpdates(origin: origin, updates: [update]).durable, deliveries: [], of: stream)
        }
    }

    @Test func aStreamsRecordsComeInTheirOrderAndThoseOfOthersAreLeftOut() async throws {
        try await store.record([.crowd(from: 0, to: 1)], of: gate)  // 1, 2
        try await store.record([.crowd(from: 0, to: 1), .crowd(from: 2, to: 3)], of: yard)  // 3 … 6
        try await store.record([.crowd(from: 2, to: 3)], of: gate)  // 7, 8
        try await store.record([.crowd(from: 4, to: 5)], of: yard)  // 9, 10
        #expect(try await places(scope(gate)) == [1, 2, 7, 8])
        #expect(try await places(scope(yard), after: 3) == [4, 5, 6, 9, 10])
        #expect(try await places(account).isEmpty)
        #expect(try await all(account).last?.end == 10)
        #expect(try await all(scope(gate)).last?.end == 10)
        let phases = try await all(scope(gate)).flatMap { $0.records.map(\.phase) }
        #expect(phases == [.started, .finished, .started, .finished])
        // One after the other is the same.
        #expect(try await places(scope(gate), limit: 1) == [1, 2, 7, 8])
        let end = try await store.records(of: scope(gate), after: 10)
        #expect(end.records.isEmpty && end.end == 10 && end.isLast && end.expired == nil)
        #expect(try await store.lastRecord(of: scope(gate)) == 10)
    }

    @Test func manyRecordsOfOthersArePassedOverInSteps() async throws {
        try await store.record([.crowd(from: 0, to: 1)], of: gate)
        for second in 0..<Int(Store.recordSpan / 2) {
            let crowd = Event.crowd(from: Double(second), to: Double(second))
            try await store.record([crowd.update(.closed)], deliveries: [], of: yard)
        }
        try await store.record([.crowd(from: 2, to: 3)], of: gate)
        let portions = try await all(scope(gate))
        #expect(portions.map(\.end) == [Store.recordSpan, Store.recordSpan + 4])
        #expect(portions.map { $0.records.count } == [2, 2])
    }

    @Test func whatIsNoLongerKeptIsToldAsNumbersThatAreGone() async throws {
        let long = Event.crowd(from: 0, to: 100)
        try await store.record([long.update(.opened)], deliveries: [], of: gate)  // 1
        try await store.record([.crowd(from: 0, to: 1), .crowd(from: 2, to: 3), .crowd(from: 4, to: 5)], of: gate)
        #expect(try await store.deleteEvents(beyond: 2) == 1)  // the long one goes on; 2 and 3 are gone
        let portions = try await all(scope(gate))
        #expect(portions.map { $0.records.map(\.place) } == [[1], [], [4, 5, 6, 7]])
        #expect(portions.map(\.expired) == [nil, 2...3, nil])
        #expect(try await all(account, after: 2).map(\.expired) == [3...3, nil])
        #expect(try await all(.everything).map(\.expired) == [nil, 2...3, nil])

        try await store.record([long.update(.closed)], deliveries: [], of: gate)  // 8
        #expect(try await store.deleteEvents(beyond: 0) == 3)
        let none = try await store.records(of: scope(gate), after: 0)
        #expect(none.expired == 1...8 && none.end == 8 && none.isLast)
        try await store.record([.crowd(from: 6, to: 7)], of: gate)
        #expect(try await places(scope(gate)) == [9, 10])
    }

    @Test func allAccountsShareNumbersOfTheirOwn() async throws {
        let other = Account(
            id: UUID(), login: "two@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(other, passwordHash: "none")
        let hall = try await store.createStream(TemporaryStore.specification(), account: other.id).definition
        for stream in [gate, hall, gate] { try await tell(0, of: stream) }
        #expect(try await places(.everything) == [1, 2, 3, 4, 5, 6])
        let accounts = try await all(.everything).flatMap { $0.records.compactMap(\.event?.accountID) }
        #expect(accounts == [gate, gate, hall, hall, gate, gate].map(\.accountID))
        #expect(try await places(.account(other.id)) == [1, 2])
        #expect(try await places(account, limit: 3) == [1, 2, 3, 4])
        #expect(try await store.lastRecord(of: .everything) == 6)
    }

    @Test func aRecordRemembersWhatItWasToldBy() async throws {
        let callback = try Callback(JSONReader(["type": "luna-ws-notification"]))
        let origin = EventOrigin(name: "people_count", resultName: "crowd", callbacks: [callback])
        let crowd = Event.crowd(from: 1, to: 4)
        for change in [EventUpdate.Change.opened, .continued, .closed] {
            let updates = AnalyticUpdates(origin: origin, updates: [crowd.update(change)])
            try await store.record(updates.durable, deliveries: [], of: gate)
        }
        let records = try await all(scope(gate)).flatMap(\.records)
        #expect(records.map(\.isNotice) == [false, true] && records.allSatisfy { $0.event == nil })
        let told: JSONValue = [
            "crowd": [
                "track_id": .string(crowd.trackID.wire), "event_id": .string(crowd.id.wire), "time_offset": 4,
                "event_status": "in_progress", "people_count": 2,
            ]
        ]
        #expect(records.allSatisfy { $0.results.value == told })
        // Its beginning is told to nobody but those who follow the stream.
        #expect(try await all(account).flatMap(\.records).map(\.event?.id) == [nil, crowd.id])
    }

    @Test func whatNobodyRemembersIsToldAsFarAsItsEventTells() async throws {
        let crowd = Event.crowd(from: 1, to: 4, people: 3)
        try await store.record([crowd], of: gate)
        let records = try await all(scope(gate)).flatMap(\.records)
        for (record, (status, offset)) in zip(records, [("started", 1), ("finished", 4)] as [(String, Double)]) {
            #expect(
                record.results.value["crowd"] == [
                    "track_id": .string(crowd.trackID.wire), "event_id": .string(crowd.id.wire),
                    "event_status": .string(status), "time_offset": .integer(Int64(offset)), "people_count": 3,
                ])
        }
    }

    @Test func anEventThatWasMadeElsewhereIsOfNoStreamWhateverItSays() async throws {
        let raw = RawEvent(
            accountID: fixture.account.id, handlerID: BuiltInHandler.id(of: fixture.account.id),
            begin: TemporaryStore.noon, end: TemporaryStore.noon, members: ["stream_id": .string(gate.id.wire)])
        try await store.save(raw)
        #expect(try await places(scope(gate)).isEmpty)
        #expect(try await places(account) == [1, 2])
    }

    @Test func soMuchOfEventsIsHeldForSomebodyAtOnce() async throws {
        func save(_ letters: Int) async throws {
            let meta: JSONValue = ["text": .string(String(repeating: "x", count: letters))]
            try await store.save(
                RawEvent(
                    accountID: fixture.account.id, handlerID: BuiltInHandler.id(of: fixture.account.id),
                    begin: TemporaryStore.noon, end: TemporaryStore.noon, members: ["meta": meta]))
        }
        for letters in [10, Store.recordBytes / 2, Store.recordBytes / 3, 10, 3 * Store.recordBytes, 10] {
            try await save(letters)
        }
        let portions = try await all(account)
        #expect(portions.map { $0.records.compactMap(\.event).count } == [4, 1, 1])
        #expect(portions.flatMap { $0.records.map(\.place) } == Array(1...12))
    }

    @Test func eventsThatGoOnAreKnownByTheirBeginning() async throws {
        let (first, second) = (Event.crowd(from: 0, to: 9), Event.crowd(from: 1, to: 9))
        for event in [first, second] { try await store.record([event.update(.opened)], deliveries: [], of: gate) }
        #expect(try await store.openEvents(ofStream: gate.id, startedUpTo: 1) == [first.id])
        #expect(try await store.openEvents(ofStream: gate.id, startedUpTo: 2) == [first.id, second.id])
        try await store.record([first.update(.closed)], deliveries: [], of: gate)
        #expect(try await store.openEvents(ofStream: gate.id, startedUpTo: 3) == [second.id])
        #expect(try await store.openEvents(ofStream: yard.id, startedUpTo: 3).isEmpty)
    }

    @Test func anEndThatNobodySawIsOfItsStream() async throws {
        try await store.record([Event.crowd(from: 0, to: 9).update(.opened)], deliveries: [], of: gate)
        try await store.recoverFromUncleanStop()
        let records = try await all(scope(gate)).flatMap(\.records)
        #expect(records.map(\.phase) == [.started, .finished])
        #expect(records[1].results.value["crowd"]?["event_status"] == "finished")
    }
}
