import Foundation
import JSON
import Testing

@testable import Records

struct TimeGroupingTests {
    /// The label of the bucket that a time lies in.
    private static func label(_ grouping: String, _ time: String, _ zone: String = "UTC") throws -> String {
        let grouping = try #require(TimeGrouping(grouping)), zone = try #require(TimeZone(named: zone))
        let date = try #require(Date(rfc3339: time))
        let milliseconds = Int64(date.timeIntervalSince1970 * 1000)
        let offset = zone.offset(at: milliseconds), unit = grouping.unit
        var number = (milliseconds + offset + TimeGrouping.shift) / unit.size
        if unit.modulus > 0 { number %= unit.modulus }
        let label = grouping.label(grouping.bucket(number, offset: offset, in: zone), in: zone)
        return label.string ?? label.text
    }

    @Test(arguments: [
        ("1m", "2026-03-02T10:15:30.5Z", "UTC", "2026-03-02T10:15:00Z"),
        ("1h", "2026-03-02T10:15:30Z", "Asia/Kathmandu", "2026-03-02T16:00:00+05:45"),
        ("1h", "2026-03-02T10:45:30Z", "Asia/Kolkata", "2026-03-02T16:00:00+05:30"),
        ("6h", "2026-03-02T05:15:30Z", "UTC", "2026-03-02T00:00:00Z"),
        ("1d", "2026-03-01T23:30:00Z", "Europe/Riga", "2026-03-02T00:00:00+02:00"),
        ("1w", "2026-03-01T23:30:00Z", "UTC", "2026-02-23T00:00:00Z"),
        ("1w", "2026-03-02T00:00:00Z", "UTC", "2026-03-02T00:00:00Z"),
        ("3M", "2026-05-31T12:00:00Z", "UTC", "2026-04-01T00:00:00Z"),
        ("1y", "2026-05-31T12:00:00Z", "America/New_York", "2026-01-01T00:00:00-05:00"),
        ("1d", "1969-12-31T12:00:00Z", "UTC", "1969-12-31T00:00:00Z"),
        ("dayOfWeek", "2026-03-03T12:00:00Z", "UTC", "Tuesday"), ("dayOfWeek", "1960-02-29T00:00:00Z", "UTC", "Monday"),
        ("hourOfDay", "2026-03-03T12:00:00Z", "Asia/Tokyo", "21"),
        ("minuteOfHour", "2026-03-03T12:07:00Z", "Asia/Kathmandu", "52"),
        ("monthOfYear", "2026-12-31T23:00:00Z", "Europe/Riga", "1"),
        ("weekOfYear", "2027-01-03T12:00:00Z", "UTC", "53"), ("weekOfYear", "2024-12-30T12:00:00Z", "UTC", "1"),
        ("dayOfYear", "2024-12-31T12:00:00Z", "UTC", "366"), ("dayOfMonth", "2024-02-29T12:00:00Z", "UTC", "29"),
        // The night in which clocks go from 3 to 4, and the one in which they go from 4 to 3: both hours from 3 are told apart.
        ("1h", "2026-03-29T00:59:59Z", "Europe/Riga", "2026-03-29T02:00:00+02:00"),
        ("1h", "2026-03-29T01:00:00Z", "Europe/Riga", "2026-03-29T04:00:00+03:00"),
        ("1h", "2026-10-25T00:30:00Z", "Europe/Riga", "2026-10-25T03:00:00+03:00"),
        ("1h", "2026-10-25T01:30:00Z", "Europe/Riga", "2026-10-25T03:00:00+02:00"),
        ("1d", "2026-10-25T21:59:59Z", "Europe/Riga", "2026-10-25T00:00:00+03:00"),
        // Clocks that change in the midst of an hour: from 2:45 to 3:45 and back, from 2 to half past and back.
        ("1h", "2026-09-26T13:59:59Z", "Pacific/Chatham", "2026-09-27T02:00:00+12:45"),
        ("1h", "2026-09-26T14:00:00Z", "Pacific/Chatham", "2026-09-27T03:45:00+13:45"),
        ("1h", "2026-09-26T14:15:00Z", "Pacific/Chatham", "2026-09-27T04:00:00+13:45"),
        ("1h", "2026-04-04T13:59:59Z", "Pacific/Chatham", "2026-04-05T03:00:00+13:45"),
        ("1h", "2026-04-04T14:14:59Z", "Pacific/Chatham", "2026-04-05T02:45:00+12:45"),
        ("1h", "2026-04-04T14:15:00Z", "Pacific/Chatham", "2026-04-05T03:00:00+12:45"),
        ("1h", "2026-10-03T15:59:59Z", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),
        ("1h", "2026-04-04T14:59:59Z", "Australia/Lord_Howe", "2026-04-05T01:00:00+11:00"),
        ("1h", "2026-04-04T15:00:00Z", "Australia/Lord_Howe", "2026-04-05T01:30:00+10:30"),
        ("1m", "2026-09-26T14:00:30Z", "Pacific/Chatham", "2026-09-27T03:45:00+13:45"),
        // Parts whose beginning the clocks leave out: from 1 to 3, from midnight to 1, and a whole day.
        ("2h", "2026-03-29T00:59:59Z", "Antarctica/Troll", "2026-03-29T00:00:00Z"),
        ("2h", "2026-03-29T01:00:00Z", "Antarctica/Troll", "2026-03-29T03:00:00+02:00"),
        ("2h", "2026-03-29T02:00:00Z", "Antarctica/Troll", "2026-03-29T04:00:00+02:00"),
        ("1d", "2018-11-04T12:00:00Z", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        ("2d", "2011-12-30T12:00:00Z", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
        // Clocks stay as they are at the end of 2100.
        ("1h", "2099-07-01T12:00:00Z", "Europe/Berlin", "2099-07-01T14:00:00+02:00"),
        ("1h", "9999-07-01T12:00:00Z", "Europe/Berlin", "9999-07-01T13:00:00+01:00"),
    ])
    func aTimeLiesInThePartThatItsZoneShows(grouping: String, time: String, zone: String, expected: String) throws {
        #expect(try Self.label(grouping, time, zone) == expected)
    }

    @Test(arguments: ["", "h", "0h", "1", "1x", "-1h", "+1h", "1.5h", "hour", "10001h"])
    func whatIsNoGroupingIsNone(text: String) { #expect(TimeGrouping(text) == nil) }

    @Test(arguments: [
        ("UTC", true), ("Europe/Riga", true), ("Asia/Kathmandu", true), ("Mars/Base", false), ("../x", false),
    ])
    func aZoneIsKnownByItsName(name: String, isKnown: Bool) { #expect((TimeZone(named: name) != nil) == isKnown) }

    @Test func theNightsOfChangeAreFoundToTheSecond() throws {
        let zone = try #require(TimeZone(named: "Europe/Riga"))
        func time(_ text: String) throws -> Int64 {
            let date = try #require(Date(rfc3339: text))
            return Int64(date.timeIntervalSince1970 * 1000)
        }
        let offsets = ZoneOffsets(zone, from: try time("2026-01-01T00:00:00Z"), to: try time("2027-01-01T00:00:00Z"))
        #expect(offsets.steps.map(\.offset) == [7_200_000, 10_800_000, 7_200_000])
        #expect(
            offsets.steps.dropFirst().map(\.from) == [
                try time("2026-03-29T01:00:00Z"), try time("2026-10-25T01:00:00Z"),
            ])
    }

    @Test func aTimeOfThousandsOfYearsCostsNoMoreThanItsKnownChanges() throws {
        let zone = try #require(TimeZone(named: "Europe/Berlin")), year: Int64 = 31_556_952_000
        let (from, to) = (-1970 * year, 8029 * year), start = ContinuousClock.now
        let steps = ZoneOffsets(zone, from: from, to: to).steps
        #expect((200..<500).contains(steps.count) && steps[0].from == from)
        #expect(steps.allSatisfy { $0.from <= 131 * year } && steps.last?.offset == 3_600_000)
        for time in [steps[0].from, steps[9].from - 1, steps[9].from, to] {
            #expect(steps.last { $0.from <= time }?.offset == zone.offset(at: time))
        }
        let (first, last) = (Date(timeIntervalSince1970: -6e10), Date(timeIntervalSince1970: 2.5e11))
        let long = try #require(TimeGrouping("10000h"))
        let buckets = try #require(long.buckets(from: first, to: last, in: zone, limit: 100_000))
        #expect((8611...8613).contains(buckets.count))
        #expect(start.duration(to: .now) < .seconds(3))  // half an hour once
        #expect(ZoneOffsets(zone, from: to - year, to: to).steps.count == 1)
        #expect(ZoneOffsets(zone, from: from, to: from + year).steps.count == 1)
    }

    /// Each is told by the instant at which it begins: no event of it is earlier, and none of it is later than the next.
    @Test(arguments: [
        ("Pacific/Chatham", "2026-09-26T10:00:00Z"), ("Pacific/Chatham", "2026-04-04T10:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T11:00:00Z"), ("Australia/Lord_Howe", "2026-04-04T11:00:00Z"),
        ("Europe/Riga", "2026-10-24T21:00:00Z"),
    ])
    func hoursOfANightOfChangeFollowOneAnother(name: String, from: String) throws {
        let zone = try #require(TimeZone(named: name)), hours = try #require(TimeGrouping("1h"))
        let first = try #require(Date(rfc3339: from))
        let buckets = try #require(
            hours.buckets(from: first, to: first.addingTimeInterval(28_799), in: zone, limit: 100))
        let labels = buckets.compactMap { hours.label($0, in: zone).string }
        let starts = labels.compactMap { Date(rfc3339: $0) }
        #expect(starts.count == buckets.count && zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }, "\(labels)")
        for (start, next) in zip(starts, starts.dropFirst()) where start >= first {
            let (begin, end) = (start.rfc3339, next.addingTimeInterval(-0.001).rfc3339)
            #expect(try Self.label("1h", begin, name) == Self.label("1h", end, name))
        }
    }

    @Test(arguments: [
        ("weekOfYear", "2026-03-02T00:00:00Z", "2026-03-15T23:59:59Z", "UTC", [10, 11]),
        // By the clocks of Kathmandu the next week has begun.
        ("weekOfYear", "2026-03-02T00:00:00Z", "2026-03-15T23:59:59Z", "Asia/Kathmandu", [10, 11, 12]),
        ("weekOfYear", "2026-12-28T00:00:00Z", "2027-01-05T00:00:00Z", "UTC", [1, 53]),
        ("monthOfYear", "2026-12-31T23:00:00Z", "2027-01-01T01:00:00Z", "UTC", [1, 12]),
        ("dayOfYear", "2024-12-30T12:00:00Z", "2025-01-01T00:00:00Z", "UTC", [1, 365, 366]),
        ("dayOfMonth", "2026-02-27T23:59:59Z", "2026-03-01T00:00:00Z", "UTC", [1, 27, 28]),
        ("dayOfWeek", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", "UTC", [1]),
        ("hourOfDay", "2026-03-02T22:59:59Z", "2026-03-03T01:00:00Z", "UTC", [0, 1, 22, 23]),
        // The hour from three on is left out in that night.
        ("hourOfDay", "2026-03-29T00:00:00Z", "2026-03-29T01:59:59Z", "Europe/Riga", [2, 4]),
        ("minuteOfHour", "2026-03-02T22:58:30Z", "2026-03-02T23:01:00Z", "UTC", [0, 1, 58, 59]),
        ("hourOfDay", "2026-03-02T00:00:00Z", "2025-03-02T00:00:00Z", "UTC", []),
    ])
    func aFrequencyHasThePartsThatLieInATime(
        name: String, from: String, to: String, zone: String, expected: [Int64]
    ) throws {
        let grouping = try #require(TimeGrouping(name)), zone = try #require(TimeZone(named: zone))
        let (first, last) = (try #require(Date(rfc3339: from)), try #require(Date(rfc3339: to)))
        let cycle = try #require(grouping.cycle)
        let buckets = try #require(grouping.buckets(from: first, to: last, in: zone, limit: 100))
        #expect(buckets.allSatisfy(cycle.contains))
        let names = expected.map { number in
            name == "dayOfWeek" ? JSONValue.string(CalendarDay.namesOfWeek[Int(number) - 1]) : .integer(number)
        }
        #expect(buckets.map { grouping.label($0, in: zone) } == names)
    }
    @Test func aLongTimeHasAllPartsOfAFrequency() throws {
        let first = try #require(Date(rfc3339: "0001-01-01T00:00:00Z"))
        let last = try #require(Date(rfc3339: "9999-01-01T00:00:00Z")), zone = try #require(TimeZone(named: "UTC"))
        for frequency in TimeGrouping.Frequency.allCases {
            let grouping = try #require(TimeGrouping(frequency.rawValue))
            #expect(grouping.buckets(from: first, to: last, in: zone, limit: 100) == grouping.cycle)
        }
    }

    @Test func aDayOfChangeHasAsManyHoursAsItsClocksShow() throws {
        let zone = try #require(TimeZone(named: "Europe/Riga")), hours = try #require(TimeGrouping("1h"))
        for (from, to, count) in [
            ("2026-03-28T22:00:00Z", "2026-03-29T20:59:59Z", 23), ("2026-10-24T21:00:00Z", "2026-10-25T21:59:59Z", 25),
            ("2026-05-01T21:00:00Z", "2026-05-02T20:59:59Z", 24),
        ] {
            let (first, last) = (try #require(Date(rfc3339: from)), try #require(Date(rfc3339: to)))
            let buckets = try #require(hours.buckets(from: first, to: last, in: zone, limit: 100))
            #expect(buckets.count == count, "\(from)")
        }
    }
}
