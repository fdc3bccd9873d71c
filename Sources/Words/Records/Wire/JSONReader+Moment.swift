public import Foundation
public import JSON

extension JSONReader {
    /// RFC 3339, or `now-<n><unit>`.
    public func momentInTime(at now: Date) throws(JSONViolation) -> Date {
        let text = try string(maximumLength: 64)
        if let time = Date(rfc3339: text) { return time }
        let units: [Character: Calendar.Component] = [
            "y": .year, "M": .month, "w": .weekOfYear, "d": .day, "h": .hour, "m": .minute, "s": .second,
        ]
        guard text.hasPrefix("now-"), let last = text.last, let unit = units[last],
            let count = Int(text.dropFirst(4).dropLast()), (0...1_000_000).contains(count),
            let time = Calendar.utc.date(byAdding: unit, value: -count, to: now)
        else {
            throw violation("Input should be a valid datetime or 'now-' with a number and one of y, M, w, d, h, m, s")
        }
        return time
    }
}

extension Calendar {
    public static let utc: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        return calendar
    }()
}
