import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

@Suite(.onEachBackend) struct StatisticTests {
    private let fixture: TemporaryStore
    init() async throws { fixture = try await TemporaryStore() }

    private static func column(_ name: String) -> StatisticColumn {
        StatisticColumn.stored.first { $0.name == name }
            ?? .free(name, prefix: "meta", column: "meta", base: [], shortcuts: [:], isGrouped: false)!
    }
    private func save(_ time: String, _ members: [String: JSONValue] = [:]) async throws {
        let begin = Date(rfc3339: time)!
        try await fixture.store.save(
            RawEvent(
                accountID: fixture.account.id, handlerID: BuiltInHandler.id(of: fixture.account.id), begin: begin,
                end: begin + 5, members: members))
    }
    private func ask(
        _ targets: [(String, EventStatistic<StoredEvent>.Aggregator)], _ conditions: [Condition<StoredEvent>] = [],
        by grouping: String? = nil, zone: String = "UTC", includesGaps: Bool = false
    ) async throws -> JSONValue {
        let statistic = EventStatistic<StoredEvent>(
            targets: targets.map { .init(Self.column($0), $1) },
            filter: Filter(accountID: fixture.account.id, conditions), grouping: grouping.flatMap { TimeGrouping($0) },
            zone: TimeZone(named: zone)!, includesGaps: includesGaps)
        let rows = JSONValue.array(try await fixture.store.statistic(statistic).map { .array($0) })
        return try JSONValue(parsing: rows.data)  // read again, since JSON writes 20.0 as 20
    }
    private static func person(_ age: Int, _ gender: Int) -> [String: JSONValue] {
        [
            "face_attributes": [
                "basic_attributes": ["age": .integer(Int64(age)), "gender": .integer(Int64(gender))]
            ]
        ]
    }

    @Test func valuesOfGroupsAreCountedAndCompared() async throws {
        try await save("2026-03-02T10:00:00Z", Self.person(20, 0).merging(["source": "gate"]) { $1 })
        try await save("2026-03-02T10:30:00Z", Self.person(40, 1).merging(["source": "gate"]) { $1 })
        try await save("2026-03-03T23:30:00Z", Self.person(33, 1).merging(["meta": ["t": 2]]) { $1 })
        try await save("2026-03-04T00:30:00Z", ["meta": ["t": 3.5], "tags": ["a", "b"]])
        #expect(try await ask([("event_id", .count)]) == [[4]])
        #expect(
            try await ask([("gender", .groupBy), ("event_id", .count), ("age", .avg), ("age", .max)])
                == [[.null, 1, .null, .null], [0, 1, 20, 20], [1, 2, 36.5, 40]])
        #expect(
            try await ask([("source", .groupBy), ("age", .count), ("age", .min)]) == [
                [.null, 1, 33], ["gate", 2, 20],
            ])
        #expect(
            try await ask([("meta.t", .avg), ("meta.t", .max), ("tags", .max), ("create_time", .min)])
                == [[2.75, 3.5, "[\"a\",\"b\"]", "2026-03-02T10:00:00.000Z"]])
        #expect(
            try await ask([("event_id", .count)], [Condition("attributes", path: ["age"], .atLeast, [.integer(33)])])
                == [[2]])
        #expect(
            try await ask([("event_id", .count), ("age", .avg)], [Condition("source", .equal, [.text("x")])])
                == [[0, .null]])
    }

    @Test func timeIsCutByTheClocksOfAZone() async throws {
        for time in [
            "2026-03-02T10:00:00Z", "2026-03-02T10:59:59Z", "2026-03-02T22:30:00Z", "2026-03-04T00:30:00Z",
        ] { try await save(time) }
        let count: [(String, EventStatistic<StoredEvent>.Aggregator)] = [("event_id", .count)]
        #expect(try await ask(count, by: "dayOfWeek") == [["Monday", 3], ["Wednesday", 1]])
        #expect(
            try await ask(count, by: "1d", zone: "Europe/Riga")
                == [
                    ["2026-03-02T00:00:00+02:00", 2], ["2026-03-03T00:00:00+02:00", 1],
                    ["2026-03-04T00:00:00+02:00", 1],
                ])
        #expect(
            try await ask(count, by: "hourOfDay", zone: "Asia/Kathmandu") == [[4, 1], [6, 1], [15, 1], [16, 1]])
        #expect(
            try await ask(count, by: "1d", includesGaps: true)
                == [["2026-03-02T00:00:00Z", 3], ["2026-03-03T00:00:00Z", 0], ["2026-03-04T00:00:00Z", 1]])
        #expect(try await ask(count + [("age", .avg)], by: "1M") == [["2026-03-01T00:00:00Z", 4, .null]])
    }

    @Test func theHourThatComesTwiceIsToldTwiceAndTheOneLeftOutNever() async throws {
        for time in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z", "2026-03-29T01:30:00Z"] {
            try await save(time)
        }
        #expect(
            try await ask([("event_id", .count)], by: "1h", zone: "Europe/Riga")
                == [
                    ["2026-03-29T04:00:00+03:00", 1], ["2026-10-25T03:00:00+03:00", 1],
                    ["2026-10-25T03:00:00+02:00", 1],
                    ["2026-10-25T04:00:00+02:00", 1],
                ])
        #expect(try await ask([("event_id", .count)], by: "hourOfDay", zone: "Europe/Riga") == [[3, 2], [4, 2]])
    }

    @Test func eventsOfFarYearsLeaveTheOthersAsTheyAre() async throws {
        for time in [
            "0000-03-02T10:00:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T01:30:00Z",
            "9999-07-01T12:00:00Z",
        ] { try await save(time) }
        let rows = try await ask([("event_id", .count)], by: "1h", zone: "Europe/Berlin")
        // A year before 1900 is told by the clocks of 1900, one after 2100 by those at the end of 2100.
        #expect(
            rows == [
                ["0000-03-02T11:00:00+01:00", 1], ["2026-03-29T01:00:00+01:00", 1], ["2026-03-29T03:00:00+02:00", 1],
                ["2026-10-25T02:00:00+01:00", 1], ["9999-07-01T13:00:00+01:00", 1],
            ])
        // Every row is compared with some of the changes alone.
        let offsets = ZoneOffsets(TimeZone(named: "Europe/Berlin")!, from: -62_000_000_000_000, to: 253_000_000_000_000)
        let depth = offsets.sql("t").reduce(into: (now: 0, most: 0)) { depth, character in
            depth.now += character == "C" ? 1 : character == "D" ? -1 : 0
            depth.most = max(depth.most, depth.now)
        }
        #expect(depth.most <= 9)
    }

    @Test func gapsOfAPeriodAreToldAlsoWhereNothingIs() async throws {
        let period: [Condition<StoredEvent>] = [
            Condition("begin_time", .atLeast, [.time(Date(rfc3339: "2026-03-02T00:00:00Z")!)]),
            Condition("begin_time", .below, [.time(Date(rfc3339: "2026-03-04T00:00:00Z")!)]),
        ]
        #expect(
            try await ask([("event_id", .count)], period, by: "1d", includesGaps: true)
                == [["2026-03-02T00:00:00Z", 0], ["2026-03-03T00:00:00Z", 0]])
        try await save("2026-03-03T10:00:00Z", ["source": "gate"])
        #expect(
            try await ask([("source", .groupBy), ("event_id", .count)], period, by: "1d", includesGaps: true)
                == [["2026-03-02T00:00:00Z", "gate", 0], ["2026-03-03T00:00:00Z", "gate", 1]])
    }

    @Test func ofAFrequencyThePartsOfThePeriodAreTold() async throws {
        func at(_ comparison: Comparison, _ time: String) -> Condition<StoredEvent> {
            Condition("begin_time", comparison, [.time(Date(rfc3339: time)!)])
        }
        let weeks = [at(.atLeast, "2026-03-02T00:00:00Z"), at(.below, "2026-03-23T00:00:00Z")]
        let count: [(String, EventStatistic<StoredEvent>.Aggregator)] = [("event_id", .count)]
        #expect(try await ask(count, weeks, by: "weekOfYear", includesGaps: true) == [[10, 0], [11, 0], [12, 0]])
        try await save("2026-03-10T10:00:00Z")
        #expect(try await ask(count, weeks, by: "weekOfYear", includesGaps: true) == [[10, 0], [11, 1], [12, 0]])
        // As with intervals, it goes on to the latest event where it has no other end.
        let open = [at(.atLeast, "2026-03-09T00:00:00Z")]
        #expect(
            try await ask(count, open, by: "dayOfWeek", includesGaps: true) == [["Monday", 0], ["Tuesday", 1]])
        // Without a period there is nothing that leaves out any.
        #expect(try await ask(count, by: "hourOfDay", includesGaps: true).array?.count == 24)
        #expect(try await ask(count, by: "weekOfYear", includesGaps: true).array?.count == 53)
    }

    @Test func numbersOfGeneralEventsAreCompared() async throws {
        let stream = try await fixture.createStream()
        for people in 1...4 {
            try await fixture.store.record([.crowd(from: Double(people), to: 9, people: people)], of: stream.definition)
        }
        let people = StatisticColumn.free(
            "event.people_count", prefix: "event", column: "body", base: ["event"],
            shortcuts: ["people_count": "people_count"], isGrouped: true)!
        let type = StatisticColumn.general.first { $0.name == "event_type" }!
        let rows = try await fixture.store.generalStatistic(
            EventStatistic(
                targets: [.init(people, .avg), .init(type, .groupBy), .init(people, .max)], filter: Filter()))
        #expect(rows == [["crowd", 2.5, 4]])
    }

    @Test func countsOverTimeAddUpAndLeaveGaps() async throws {
        let stream = try await fixture.createStream()
        let series = CountSeries(
            streamID: stream.id, accountID: fixture.account.id, analytic: 1, droi: JSONText(["a": 1]))
        let noon = Int64(Date(rfc3339: "2026-03-02T12:00:00Z")!.timeIntervalSince1970) / 60
        func minute(_ minute: Int64, _ people: Int, _ seconds: Int64) -> PeopleMinute {
            PeopleMinute(series: series, minute: noon + minute, count: SeenPeople(people: people, for: seconds * 1000))
        }
        try await fixture.store.add([minute(0, 2, 30), minute(1, 5, 60), minute(180, 1, 60)])
        try await fixture.store.add([minute(0, 4, 30)])
        let found = try await fixture.store.counts(
            account: fixture.account.id, streams: [stream.id], analytic: 1,
            from: Date(rfc3339: "2026-03-02T00:00:00Z")!,
            to: Date(rfc3339: "2026-03-03T00:00:00Z")!, grouping: TimeGrouping("1h")!,
            zone: TimeZone(named: "Asia/Kathmandu")!)
        #expect(found.map(\.series) == [series])
        // 12:00 is 17:45 there, and 15:00 20:45.
        #expect(
            found[0].counts.map { TimeGrouping("1h")!.label($0.bucket, in: TimeZone(named: "Asia/Kathmandu")!) }
                == ["2026-03-02T17:00:00+05:45", "2026-03-02T20:00:00+05:45"])
        #expect(
            found[0].counts.map(\.count) == [
                SeenPeople(covered: 120_000, sum: 480_000, minimum: 2, maximum: 5),
                SeenPeople(covered: 60_000, sum: 60_000, minimum: 1, maximum: 1),
            ])
        #expect(found[0].counts.map(\.count.mean) == [4, 1])
        #expect(try await fixture.store.deleteCounts(before: Date(rfc3339: "2026-03-02T12:01:00Z")!) == 1)
    }
}
