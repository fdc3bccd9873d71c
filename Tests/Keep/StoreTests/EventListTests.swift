import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Scene
import Testing

@testable import Store

/// Lists of events, by what they are found by.
@Suite(.onEachBackend) struct EventListTests {
    private let fixture: TemporaryStore
    init() async throws { fixture = try await TemporaryStore() }

    private static let tags = ["vip", "late", "a,b", "\"", "\\", "é"]
    private static let sources: [JSONValue] = ["gate", "Gate", "", .null, "50 %"]
    private static let ids = (0..<4).map { _ in UUID() }

    private func random(_ second: Int) -> RawEvent {
        var members: [String: JSONValue] = [
            "source": Self.sources.randomElement()!, "external_id": .string(["", "x"].randomElement()!),
            "stream_id": [.null, .string(Self.ids.randomElement()!.wire)].randomElement()!,
            "track_id": [.null, "one", "two"].randomElement()!,
            "user_data": .string(["", "who", "how"].randomElement()!),
            "tags": [
                .null, .array((0..<Int.random(in: 0...3)).map { _ in .string(Self.tags.randomElement()!) }),
            ].randomElement()!,
            "meta": [.null, ["n": .integer(Int64.random(in: 0...5)), "deep": ["t": "open"]], ["n": 2.5]]
                .randomElement()!,
        ]
        if Bool.random() {
            members["location"] = [
                "city": ["Riga", "Bonn", .null].randomElement()!,
                "geo_position": ["longitude": .integer(Int64.random(in: -3...3)), "latitude": 50.5],
            ]
        }
        if Bool.random() {
            members["face_attributes"] = [
                "basic_attributes": [
                    "age": .integer(Int64.random(in: 0...90)), "gender": .integer(Int64.random(in: 0...1)),
                ]
            ]
        }
        let begin = TemporaryStore.noon.addingTimeInterval(Double(second))
        return RawEvent(
            accountID: fixture.account.id, handlerID: BuiltInHandler.id(of: fixture.account.id), begin: begin,
            end: begin + Double(Int.random(in: 0...9)), members: members)
    }
    private static func value(_ field: FilterField<StoredEvent>) -> FieldValue {
        if field.allowsNull, Int.random(in: 0..<3) == 0 { return .null }
        switch field.query {
        case "stream_ids": return .id(ids.randomElement()!)
        case "sources": return .text(["gate", "Gate", "", "50 %"].randomElement()!)
        case "track_ids": return .text("one")
        case "cities": return .text(["Riga", "Bonn"].randomElement()!)
        case "tags": return .text(tags.randomElement()!)
        case "user_data": return .text(["", "who", "ho", "w"].randomElement()!)
        case "external_ids": return .text(["", "x"].randomElement()!)
        default: break
        }
        switch field.kind {
        case .id: return .id(UUID())
        case .integer(let range): return .integer(Int.random(in: range.lowerBound...min(range.upperBound, 90)))
        case .number(let range): return .number(Double.random(in: range))
        case .time: return .time(TemporaryStore.noon.addingTimeInterval(Double(Int.random(in: -5...65))))
        case .choice(let words): return .text(words.randomElement()!)
        case .code(let codes): return .integer(codes.values.first!)
        case .text, .name: return .text("a")
        }
    }

    @Test func aDatabaseFindsWhatMatchesInMemoryByEveryField() async throws {
        for second in 0..<60 { try await fixture.store.save(random(second)) }
        let all = try await fixture.store.events(Filter(), page: Page(size: 1000))
        #expect(all.count == 60)
        let fields = FilterField<StoredEvent>.all.filter { !$0.query.hasPrefix("insert_time") }
        for field in fields + fields {
            var filter = Filter<StoredEvent>(accountID: fixture.account.id)
            filter.require(field, (0..<(field.isList ? Int.random(in: 1...3) : 1)).map { _ in Self.value(field) })
            if Bool.random() {
                filter.conditions.append(PlaceFilter("n__gte:numeric")!.condition([.number(2.5)], in: "meta"))
            }
            let found = try await fixture.store.events(filter, page: Page(size: 1000))
            let matching = all.filter { filter.matches($0) }
            #expect(found.map(\.id) == matching.map(\.id), "\(field.query): \(filter.conditions)")
        }
    }

    @Test func bothKindsAreFoundApartAndCountAsOneAccounts() async throws {
        let stream = try await fixture.createStream()
        let crowd = Event.crowd(from: 1, to: 2, people: 3)
        try await fixture.store.record([crowd], of: stream.definition)
        try await fixture.store.save(random(0))
        let general = try await fixture.store.generalEvents(Filter(accountID: fixture.account.id))
        #expect(general.map(\.id) == [crowd.id] && general[0].handlerID == nil && general[0].streamID == stream.id)
        let handled = try await fixture.store.events(Filter(accountID: fixture.account.id))
        #expect(handled.count == 1 && handled[0].handlerID == BuiltInHandler.id(of: fixture.account.id))
        #expect(try await fixture.store.events(account: fixture.account.id).map(\.sequence) == [1, 2, 3, 4])
        // By what is counted, in a column and in the body.
        for (place, value, count) in [
            ("people_count__gte:integer", FieldValue.integer(3), 1), ("people_count__gt:integer", .integer(3), 0),
            ("people_count", .text("3"), 1),
        ] {
            let condition: Condition<GeneralEvent> = PlaceFilter(place)!.condition(
                [value], in: "body", base: ["event"], shortcuts: ["people_count": "people_count"])
            #expect(try await fixture.store.generalEvents(Filter([condition])).count == count, "\(place)")
        }
    }

    @Test func anEventThatGoesOnIsThereAndItsEndChangesIt() async throws {
        let stream = try await fixture.createStream()
        var crowd = Event.crowd(from: 1, to: 1, people: 2)
        try await fixture.store.record([crowd.update(.opened)], deliveries: [], of: stream.definition)
        #expect(try await fixture.store.event(id: crowd.id, account: nil, isGeneral: true)?.state == .open)
        crowd.facts = Crowd(people: 7)
        try await fixture.store.record([crowd.update(.closed)], deliveries: [], of: stream.definition)
        let people: Int? = try await fixture.store.read { try $0.value("SELECT people_count FROM event") }
        #expect(people == 7)
    }

    @Test func pagesFollowOneAnotherWithoutGapOrDouble() async throws {
        for second in 0..<25 { try await fixture.store.save(random(second / 3)) }
        for order in [EventOrder.byTime(.newestFirst), .byTime(.oldestFirst), .byID(.oldestFirst), .byID(.newestFirst)]
        {
            var seen: [UUID] = []
            for number in 1...4 {
                seen += try await fixture.store.events(Filter(), order: order, page: Page(number: number, size: 7)).map(
                    \.id)
            }
            #expect(seen.count == 25 && Set(seen).count == 25)
            if case .byID(let direction) = order {
                let sorted = seen.map(\.wire).sorted()
                #expect(seen.map(\.wire) == (direction == .oldestFirst ? sorted : sorted.reversed()))
            }
        }
    }

    @Test func aPlaceThatHoldsNoNumberCannotBeComparedWithOne() async throws {
        try await fixture.store.save(
            RawEvent(
                accountID: fixture.account.id, handlerID: BuiltInHandler.id(of: fixture.account.id),
                begin: TemporaryStore.noon, end: TemporaryStore.noon, members: ["meta": ["a": "b", "c": true]]))
        for (place, found) in [("a", "string"), ("c", "boolean")] {
            let condition: Condition<StoredEvent> = PlaceFilter("\(place)__gt:integer")!.condition(
                [.integer(1)], in: "meta")
            await #expect(
                throws: StoreError.incompatibleFilter(reason: "cannot cast jsonb \(found) to type integer")
            ) { _ = try await fixture.store.events(Filter([condition])) }
        }
    }
}
