public import Foundation
public import JSON

/// RFC 3339 instants, as every time of the public API is written. A formatter object costs microseconds per event and
/// knows about calendars; this is arithmetic on the proleptic Gregorian calendar.
extension Date {
    /// UTC to the millisecond: `2024-05-11T09:11:41.674Z`. Years outside 0000...9999, which RFC 3339 cannot write, are
    /// shown as the nearest instant it can.
    public var rfc3339: String {
        String(unsafeUninitializedCapacity: Self.rfc3339Length) { bytes in
            write(to: bytes)
            return Self.rfc3339Length
        }
    }
    fileprivate static let rfc3339Length = 24
    /// The years 0000 to 9999, since 1970.
    private static let rfc3339Seconds: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
    fileprivate func write(to bytes: UnsafeMutableBufferPointer<UInt8>) {
        let exact = (timeIntervalSince1970 * 1000).rounded()
        let earliest = Double(Self.rfc3339Seconds.lowerBound * 1000)
        let latest = Double(Self.rfc3339Seconds.upperBound * 1000 + 999)
        let milliseconds = exact.isNaN ? 0 : Int64(Swift.min(Swift.max(exact, earliest), latest))
        let (days, inDay) = milliseconds.flooredQuotientAndRemainder(by: 86_400_000)
        let (year, month, day) = GregorianDay(daysSince1970: days).date
        var position = 0
        func write(_ number: Int64, digits: Int, then separator: Unicode.Scalar) {
            var rest = number
            for place in stride(from: position + digits - 1, through: position, by: -1) {
                bytes[place] = UInt8(48 + rest % 10)
                rest /= 10
            }
            bytes[position + digits] = UInt8(ascii: separator)
            position += digits + 1
        }
        write(year, digits: 4, then: "-")
        write(month, digits: 2, then: "-")
        write(day, digits: 2, then: "T")
        write(inDay / 3_600_000, digits: 2, then: ":")
        write(inDay / 60_000 % 60, digits: 2, then: ":")
        write(inDay / 1000 % 60, digits: 2, then: ".")
        write(inDay % 1000, digits: 3, then: "Z")
    }

    /// Reads an RFC 3339 instant: a fraction of any number of digits (those past the ninth are dropped), `Z` or any
    /// offset. A space counts as the `+` of the offset, which is what a query string makes of an unencoded one.
    /// `nil` for anything else, such as a day that does not exist, a time without offset, or one whose year in UTC cannot be written.
    public init?(rfc3339 text: some StringProtocol) {
        var scanner = InstantScanner(bytes: Array(text.utf8))
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2, in: 1...12), scanner.skip("-"),
            let day = scanner.number(digits: 2, in: 1...GregorianDay.count(ofMonth: month, in: year)),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(digits: 2, in: 0...23), scanner.skip(":"),
            let minute = scanner.number(digits: 2, in: 0...59), scanner.skip(":"),
            let second = scanner.number(digits: 2, in: 0...60),  // 60: a leap second, taken for the next second's begin
            let nanoseconds = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let days = GregorianDay(year: year, month: month, day: day).daysSince1970
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        guard Self.rfc3339Seconds.contains(seconds) else { return nil }
        self.init(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9)
    }
}

extension JSONWriter {
    /// As `Date.rfc3339`.
    public mutating func time(_ time: Date) { plainString(Date.rfc3339Length) { time.write(to: $0) } }
}

/// Days of the proleptic Gregorian calendar counted from 1970-01-01.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013: years begin in March, so that the leap day is
/// the last of its year, and 400 years (146 097 days) repeat exactly.
struct GregorianDay {
    let daysSince1970: Int64
    init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

    init(year: Int64, month: Int64, day: Int64) {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredQuotientAndRemainder(by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
    }

    var date: (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSince1970 + 719_468).flooredQuotientAndRemainder(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    static func count(ofMonth month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

private struct InstantScanner {
    let bytes: [UInt8]
    var position = 0
    init(bytes: [UInt8]) { self.bytes = bytes }
    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
    private mutating func digit() -> Int64? {
        guard position < bytes.count, case 48...57 = bytes[position] else { return nil }
        defer { position += 1 }
        return Int64(bytes[position]) - 48
    }
    mutating func number(digits: Int, in range: ClosedRange<Int64> = 0 ... .max) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return range.contains(number) ? number : nil
    }
    /// Nanoseconds; 0 when there is no fraction, `nil` for a point without digits.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        guard var nanoseconds = digit() else { return nil }
        var count = 1
        while let digit = digit() {
            if count < 9 { (nanoseconds, count) = (nanoseconds * 10 + digit, count + 1) }
        }
        for _ in count..<9 { nanoseconds *= 10 }
        return nanoseconds
    }
    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let isWest = skip("-")
        guard isWest || skip("+") || skip(" "), let hours = number(digits: 2, in: 0...23), skip(":"),
            let minutes = number(digits: 2, in: 0...59)
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
