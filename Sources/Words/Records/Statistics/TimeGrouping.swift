public import Foundation
public import JSON

/// How a statistic is cut by time: into intervals that follow one another, or by what clocks and calendars show.
///
/// Days and hours are those of a zone's clocks. Databases know no zones here: they count local milliseconds by the offsets that
/// `ZoneOffsets` gives, in `Unit`s, and what months and weeks are made of days is reckoned here.
public struct TimeGrouping: Hashable, Sendable {
    public enum Frequency: String, Sendable, CaseIterable {
        case monthOfYear, weekOfYear, dayOfYear, dayOfMonth, dayOfWeek, hourOfDay, minuteOfHour
    }
    public enum Kind: Hashable, Sendable {
        /// Of so many seconds; up to an hour each is told apart from the same time of the clocks before they were set back.
        case seconds(Int)
        case days(Int)
        /// From Mondays.
        case weeks(Int)
        case months(Int)
        case frequency(Frequency)
    }
    public let kind: Kind
    /// As it was written.
    public let name: String

    /// `5m`, `1h`, `7d`, `2w`, `3M`, `10y`, or a frequency such as `dayOfWeek`.
    public init?(_ text: String) {
        name = text
        if let frequency = Frequency(rawValue: text) {
            kind = .frequency(frequency)
            return
        }
        guard let unit = text.last, let count = Int(text.dropLast()), (1...10_000).contains(count),
            text.utf8.first.map({ (48...57).contains($0) }) == true
        else { return nil }
        switch unit {
        case "s": kind = .seconds(count)
        case "m": kind = .seconds(count * 60)
        case "h": kind = .seconds(count * 3600)
        case "d": kind = .days(count)
        case "w": kind = .weeks(count)
        case "M": kind = .months(count)
        case "y": kind = .months(count * 12)
        default: return nil
        }
    }

    /// Whether no minute lies in two of its parts, and it is an interval.
    public var isOfWholeMinutes: Bool {
        switch kind {
        case .seconds(let count): count % 60 == 0
        case .frequency: false
        default: true
        }
    }

    /// What a database counts in: `local / size`, and where `modulus` is not 0 what remains of that by it.
    public struct Unit: Hashable, Sendable {
        /// Milliseconds.
        public let size: Int64
        public let modulus: Int64
        /// Whether the same number under two offsets is two things.
        public let isByOffset: Bool
    }
    public var unit: Unit {
        switch kind {
        case .seconds(let count):
            Unit(size: Int64(count) * 1000, modulus: 0, isByOffset: count <= 3600)
        case .frequency(.minuteOfHour): Unit(size: 60_000, modulus: 60, isByOffset: false)
        case .frequency(.hourOfDay): Unit(size: 3_600_000, modulus: 24, isByOffset: false)
        default: Unit(size: Self.day, modulus: 0, isByOffset: false)
        }
    }
    private static let day: Int64 = 86_400_000
    /// Local milliseconds are counted from 1970 less so much, so that all of them are positive: 2000 years, which are whole weeks.
    public static let shift: Int64 = 5 * 146_097 * day
    private static let shiftedDays = shift / day

    /// One of the parts that time is cut into.
    public struct Bucket: Hashable, Comparable, Sendable {
        /// In the order of time.
        let index: Int64
        /// East of UTC, in milliseconds; 0 unless it tells buckets apart.
        let offset: Int64
        public static func < (a: Self, b: Self) -> Bool { a.start < b.start }
        /// The same scale for all buckets of one grouping: where they are told apart by offset the instant at which it begins, in
        /// milliseconds since 1970.
        let start: Int64
    }
    /// - Parameters:
    ///   - number: of units, as a database counts them.
    ///   - offset: of `zone` during the part, in milliseconds; only where the unit is by offset.
    public func bucket(_ number: Int64, offset: Int64, in zone: TimeZone) -> Bucket {
        let index: Int64
        switch kind {
        case .seconds(let count):
            let size = Int64(count) * 1000
            guard unit.isByOffset else { return Bucket(index: number, offset: 0, start: number * size) }
            let start = number * size - Self.shift - offset
            return Bucket(
                index: number, offset: offset, start: zone.firstInstant(of: offset, from: start, before: start + size))
        case .days(let count): index = (number - Self.shiftedDays).floored(by: Int64(count))
        // The first day of 1970 was a Thursday.
        case .weeks(let count): index = (number - Self.shiftedDays + 3).floored(by: 7 * Int64(count))
        case .months(let count):
            let date = CalendarDay(daysSince1970: number - Self.shiftedDays)
            index = (date.year * 12 + date.month - 1).floored(by: Int64(count))
        case .frequency(let frequency): index = Self.index(of: number, frequency)
        }
        return Bucket(index: index, offset: 0, start: index)
    }
    private static func index(of number: Int64, _ frequency: Frequency) -> Int64 {
        let day = CalendarDay(daysSince1970: number - shiftedDays)
        return switch frequency {
        case .minuteOfHour, .hourOfDay: number
        case .monthOfYear: day.month
        case .dayOfMonth: day.day
        case .dayOfYear: day.dayOfYear
        case .dayOfWeek: day.dayOfWeek
        case .weekOfYear: day.weekOfYear
        }
    }

    /// What is told of a bucket: the number or name of a frequency, else the instant at which it begins, with the zone's offset.
    public func label(_ bucket: Bucket, in zone: TimeZone) -> JSONValue {
        let local: Int64
        switch kind {
        case .frequency(.dayOfWeek): return .string(CalendarDay.namesOfWeek[Int(bucket.index) - 1])
        case .frequency: return .integer(bucket.index)
        case .seconds(let count):
            if unit.isByOffset { return .string(Self.text(bucket.start + bucket.offset, offset: bucket.offset)) }
            local = bucket.index * Int64(count) * 1000 - Self.shift
        case .days(let count): local = bucket.index * Int64(count) * Self.day
        case .weeks(let count): local = (bucket.index * 7 * Int64(count) - 3) * Self.day
        case .months(let count):
            let month = bucket.index * Int64(count)
            let year = month.floored(by: 12)
            local = CalendarDay.days(year: year, month: month - year * 12 + 1) * Self.day
        }
        let start = zone.instant(ofLocal: local), offset = zone.offset(at: start)
        return .string(Self.text(start + offset, offset: offset))
    }
    private static func text(_ local: Int64, offset: Int64) -> String {
        let text = Date(timeIntervalSince1970: Double(local) / 1000).rfc3339.dropLast(5)
        guard offset != 0 else { return text + "Z" }
        let minutes = abs(offset) / 60_000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(text)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// All buckets of a frequency; `nil` of an interval.
    public var cycle: [Bucket]? {
        guard case .frequency(let frequency) = kind else { return nil }
        return Self.range(of: frequency).map { Bucket(index: $0, offset: 0, start: $0) }
    }
    /// All buckets of the time between two instants, both included; `nil` when they are more than `limit`.
    public func buckets(from first: Date, to last: Date, in zone: TimeZone, limit: Int) -> [Bucket]? {
        let from = Int64((first.timeIntervalSince1970 * 1000).rounded(.down))
        let to = Int64((last.timeIntervalSince1970 * 1000).rounded(.down))
        if let cycle { return buckets(of: cycle, from: from, to: to, in: zone) }
        let unit = unit
        guard from <= to else { return [] }
        guard (to - from) / unit.size <= Int64(limit) else { return nil }
        var buckets: Set<Bucket> = []
        let steps = ZoneOffsets(zone, from: from, to: to).steps
        for (index, step) in steps.enumerated() {
            let end = index + 1 < steps.count ? steps[index + 1].from - 1 : to
            let numbers = [step.from, end].map { ($0 + step.offset + Self.shift) / unit.size }
            for number in numbers[0]...numbers[1] {
                buckets.insert(bucket(number, offset: step.offset, in: zone))
            }
        }
        return buckets.sorted()
    }
    private func buckets(of cycle: [Bucket], from: Int64, to: Int64, in zone: TimeZone) -> [Bucket] {
        guard from <= to else { return [] }
        // The calendar repeats itself after 400 years, and no day that clocks show is as short as half of one.
        let step = unit.size == Self.day ? unit.size / 2 : min(unit.size, 900_000)
        var found: Set = [bucket(at: to, in: zone)], time = max(from, to - 146_097 * Self.day)
        while time < to, found.count < cycle.count {
            found.insert(bucket(at: time, in: zone))
            time += step
        }
        return found.sorted()
    }
    private func bucket(at time: Int64, in zone: TimeZone) -> Bucket {
        let unit = unit, offset = zone.offset(at: time), number = (time + offset + Self.shift) / unit.size
        return bucket(unit.modulus == 0 ? number : number % unit.modulus, offset: offset, in: zone)
    }
    private static func range(of frequency: Frequency) -> ClosedRange<Int64> {
        switch frequency {
        case .monthOfYear: 1...12
        case .weekOfYear: 1...53
        case .dayOfYear: 1...366
        case .dayOfMonth: 1...31
        case .dayOfWeek: 1...7
        case .hourOfDay: 0...23
        case .minuteOfHour: 0...59
        }
    }
}

extension Int64 {
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
