import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Matching
@testable import Store

/// Events that say what those look like whom they are about.
@Suite(.onEachBackend) struct EventMatchingTests {
    private static func save(
        _ store: TemporaryStore, _ descriptor: Descriptor?, at second: Double = 0,
        _ members: [String: JSONValue] = [:], account: UUID? = nil, stored: Date = TemporaryStore.noon
    ) async throws -> UUID {
        let account = account ?? store.account.id, time = TemporaryStore.noon + second
        let event = RawEvent(
            accountID: account, handlerID: BuiltInHandler.id(of: account), begin: time, end: time, members: members,
            descriptor: descriptor)
        try await store.store.save(event, at: stored)
        return event.id
    }
    private static func found(
        _ store: TemporaryStore, _ reference: Descriptor, among filter: Filter<StoredEvent> = Filter(),
        _ wish: MatchWish = MatchWish(limit: 100)
    ) async throws -> [UUID] {
        try await store.store.matches([reference], among: filter, wish)[0].map(\.event.id)
    }
    /// Whether memory holds what the table holds.
    private static func expectAgreement(_ store: Store) async throws {
        try await store.loadDescriptors()
        let rows: [(Int64, QuantisedDescriptor?)] = try await store.read {
            try $0.rows("SELECT event_sequence, bytes FROM event_descriptor JOIN descriptor ON id = descriptor_id", [])
            {
                ($0[0], $0.quantisedDescriptor(1))
            }
        }
        let table = try #require(store.eventDescriptors.table)
        #expect(table.isConsistent && table.subjects == Set(rows.map(\.0)))
        for (subject, descriptor) in rows {
            let portion = try #require(table.portions(of: [subject]).first)
            let row = Int(try #require(portion.rows?.first))
            let codes = UnsafeBufferPointer(
                start: portion.block.codes + row * Descriptor.count, count: Descriptor.count)
            #expect(Array(codes) == descriptor?.codes)
        }
    }

    @Test func theMostAlikeAreFoundAndTheOthersAreNot() async throws {
        let store = try await TemporaryStore()
        var known: [UUID: Descriptor] = [:]
        for _ in 0..<40 {
            let descriptor = Descriptor.random()
            known[try await Self.save(store, descriptor)] = descriptor
        }
        let without = try await Self.save(store, nil), reference = Descriptor.random()
        let matches = try await store.store.matches(
            [reference], among: Filter<StoredEvent>(accountID: store.account.id), MatchWish(limit: 7))[0]
        let expected = known.map { ($0.key, $0.value.cosine(to: reference)) }.sorted { $0.1 > $1.1 }.prefix(7)
        #expect(matches.map(\.event.id) == expected.map(\.0) && matches.map(\.cosine) == expected.map(\.1))
        #expect(store.store.descriptorsInMemory.events == 40 && store.store.descriptorsInMemory.faces == 0)
        let ids = Array(known.keys.prefix(3)) + [without, UUID()]
        #expect(
            try await store.store.descriptorsOfEvents(ids, account: store.account.id)
                == known.filter { ids.contains($0.key) })
        #expect(try await store.store.descriptorsOfEvents(ids, account: UUID()).isEmpty)
    }

    /// Events may be stored long after they were.
    @Test func byTimeTheyComeAsTheyWereAndNotAsTheyWereStored() async throws {
        let store = try await TemporaryStore(), one = Descriptor.random()
        var ids: [UUID] = []
        for second in [3, 1, 2, 5, 4] { ids.append(try await Self.save(store, one, at: Double(second))) }
        func found(_ order: MatchOrder) async throws -> [UUID] {
            try await Self.found(store, one, MatchWish(order: order, limit: 3))
        }
        #expect(try await found(.oldestFirst) == [ids[1], ids[2], ids[0]])
        #expect(try await found(.newestFirst) == [ids[3], ids[4], ids[0]])
        #expect(try await found(.similarity) == Array(ids[..<3]))
        let other = try await Self.save(store, .random(), at: 9)
        let near = MatchWish(order: .newestFirst, limit: 1, threshold: 0.99)
        #expect(try await Self.found(store, one, near) == [ids[3]] && other != ids[3])
    }

    @Test func filtersDecideFirst() async throws {
        let store = try await TemporaryStore(), one = Descriptor.random()
        let stranger = try await store.createAccount("two@example.org")
        let adult: JSONValue = ["basic_attributes": ["age": 33, "gender": 1]]
        let first = try await Self.save(
            store, .random(), ["source": "gate", "face_attributes": adult, "meta": ["lane": 5]])
        let second = try await Self.save(store, one, ["source": "door", "meta": ["lane": "five"]])
        let foreign = try await Self.save(store, one, ["source": "gate"], account: stranger.id)
        func found(
            _ account: UUID?, _ query: String, _ values: FieldValue...
        ) async throws -> Set<UUID> {
            let field = try #require(FilterField<StoredEvent>.all.first { $0.query == query })
            var filter = Filter<StoredEvent>(accountID: account)
            filter.require(field, values)
            return Set(try await Self.found(store, one, among: filter))
        }
        let own = store.account.id
        #expect(try await found(own, "sources", .text("gate")) == [first])
        #expect(try await found(nil, "sources", .text("gate")) == [first, foreign])
        #expect(try await found(own, "age__gte", .integer(33)) == [first])
        #expect(try await found(own, "gender", .null) == [second])
        #expect(try await found(own, "event_ids", .id(second), .id(foreign)) == [second])
        #expect(try await found(own, "sources", .text("nowhere")) == [])
        #expect(Set(try await Self.found(store, one, among: Filter(accountID: own))) == [first, second])
        #expect(Set(try await Self.found(store, one)) == [first, second, foreign])
        let place = try #require(PlaceFilter("lane", kind: .string))
        let lane: Condition<StoredEvent> = place.condition([.text("five")], in: "meta")
        #expect(try await Self.found(store, one, among: Filter(accountID: own, [lane])) == [second])
    }

    @Test func whatIsGoneIsNotFound() async throws {
        let store = try await TemporaryStore(), one = Descriptor.random(), hour = 3600.0
        let old = try await Self.save(store, one),
            new = try await Self.save(store, one, stored: TemporaryStore.noon + hour)
        #expect(try await Self.found(store, one) == [old, new])
        #expect(try await store.store.deleteEvents(before: TemporaryStore.noon + 1) == 1)
        #expect(try await Self.found(store, one) == [new])
        #expect(store.store.descriptorsInMemory.events == 1)
        try await Self.expectAgreement(store.store)
        // Its number may be given again: to somebody else's event.
        #expect(try await store.store.deleteEvents(beyond: 0) == 1)
        let stranger = try await store.createAccount("two@example.org")
        let theirs = try await Self.save(store, one, account: stranger.id)
        #expect(try await Self.found(store, one, among: Filter(accountID: store.account.id)) == [])
        #expect(try await Self.found(store, one, among: Filter(accountID: stranger.id)) == [theirs])
        #expect(try await store.store.deleteAccount(login: stranger.login) != nil)
        #expect(try await Self.found(store, one) == [])
        try await Self.expectAgreement(store.store)
    }

    @Test(arguments: [false, true]) func memoryAndTableAgree(isRead: Bool) async throws {
        let store = try await TemporaryStore()
        if isRead { try await store.store.loadDescriptors() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for round in 0..<30 {
                        switch Int.random(in: 0..<6) {
                        case 0: try await store.store.deleteEvents(beyond: 20)
                        case 1: _ = try await Self.found(store, .random())
                        default:
                            _ = try await Self.save(store, round.isMultiple(of: 5) ? nil : .random())
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await Self.expectAgreement(store.store)
        store.store.doubtDescriptors()
        #expect(!store.store.eventDescriptors.isKnown)
        try await Self.expectAgreement(store.store)
    }
}
