public import Foundation

/// By how much the clocks of a zone are ahead of UTC during some time: from an instant on, in milliseconds both.
public struct ZoneOffsets: Hashable, Sendable {
    /// In order; the first holds also before it.
    public let steps: [(from: Int64, offset: Int64)]
    public static func == (a: Self, b: Self) -> Bool { a.steps.elementsEqual(b.steps) { $0 == $1 } }
    public func hash(into hasher: inout Hasher) { for step in steps { hasher.combine(step.from) } }

    /// - Parameters: of the time that matters, in milliseconds since 1970.
    public init(_ zone: TimeZone, from: Int64, to: Int64) {
        var steps = [(from: from, offset: zone.offset(at: from))]
        let to = min(to, TimeZone.known.upperBound)
        // Zones change twice a year, or four times in years of a summer time that pauses; never twice within a week.
        let week: Int64 = 604_800_000
        var time = max(from, TimeZone.known.lowerBound)
        while time < to {
            let next = min(time + week, to)
            if zone.offset(at: next) != steps[steps.count - 1].offset {
                var (before, after) = (time, next)
                while after - before > 1 {
                    let middle = before + (after - before) / 2
                    if zone.offset(at: middle) == steps[steps.count - 1].offset {
                        before = middle
                    } else {
                        after = middle
                    }
                }
                steps.append((after, zone.offset(at: after)))
            }
            time = next
        }
        self.steps = steps
    }
}

extension TimeZone {
    /// A zone by its name in the IANA's database; `UTC` too.
    public init?(named name: String) {
        guard name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name) || name.contains("/"),
            name.utf8.allSatisfy({ $0 != UInt8(ascii: ".") && $0 > 0x20 && $0 < 0x7f }),
            let zone = TimeZone(identifier: name)
        else { return nil }
        self = zone
    }
    /// The years 1900 to 2100, in milliseconds since 1970. Before and after clocks stay as they are at its ends: nobody knows what they
    /// will show, and one event of the year 9999 would bring the changes of all years up to it into queries.
    static let known = Int64(-2_208_988_800_000)...4_133_980_799_999

    /// Ahead of UTC, in milliseconds.
    func offset(at milliseconds: Int64) -> Int64 {
        let known = min(max(milliseconds, Self.known.lowerBound), Self.known.upperBound)
        return Int64(secondsFromGMT(for: Date(timeIntervalSince1970: Double(known) / 1000))) * 1000
    }
    /// When its clocks begin to be ahead by `offset`, in a time during which they change once at most; where they never are, its beginning.
    func firstInstant(of offset: Int64, from start: Int64, before end: Int64) -> Int64 {
        guard self.offset(at: start) != offset, self.offset(at: end - 1) == offset else { return start }
        var (before, after) = (start, end - 1)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if self.offset(at: middle) == offset { after = middle } else { before = middle }
        }
        return after
    }
    /// When its clocks begin to show a time or a later one: for one that they leave out the moment at which they leave it out.
    func instant(ofLocal local: Int64) -> Int64 {
        let before = offset(atLocal: local), instant = local - before, after = offset(at: instant)
        return firstInstant(of: after, from: instant - max(after - before, 0), before: instant + 1)
    }
    /// At a time that its clocks show; the earlier of two such times, and for a time that they leave out the offset before.
    private func offset(atLocal local: Int64) -> Int64 {
        let before = offset(at: local - 86_400_000), guess = offset(at: local - before)
        return before == guess ? before : offset(at: local - guess) == guess ? guess : before
    }
}

/// A day of the proleptic Gregorian calendar.
struct CalendarDay {
    let year, month, day: Int64
    private let number: Int64

    init(daysSince1970 number: Int64) {
        self.number = number
        (year, month, day) = GregorianDay(daysSince1970: number).date
    }
    /// Days from 1970 to the first of a month.
    static func days(year: Int64, month: Int64) -> Int64 {
        GregorianDay(year: year, month: month, day: 1).daysSince1970
    }
    var dayOfYear: Int64 { number - Self.days(year: year, month: 1) + 1 }
    /// 1 is Monday.
    var dayOfWeek: Int64 { ((number + 3) % 7 + 7) % 7 + 1 }
    /// By ISO 8601: the week of the year's first Thursday is the first.
    var weekOfYear: Int64 { (CalendarDay(daysSince1970: number + 4 - dayOfWeek).dayOfYear - 1) / 7 + 1 }
    static let namesOfWeek = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}
