public import Foundation

/// An instant as the database keeps it: whole milliseconds since 1970.
///
/// A `Date` is a `Double` and carries no more than microseconds today, so it is rounded to those first: otherwise
/// `…41.674` would come back as `…41.674000001` and miss its own bound.
enum Milliseconds {
    /// The nearest millisecond: for instants that are stored.
    static func nearest(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }
    /// The first millisecond not before `date`: for bounds. Whole milliseconds are `>= date` or `< date` exactly when they
    /// are so for this one.
    static func bound(_ date: Date) -> Int64 { Int64((microseconds(date) / 1000).rounded(.up)) }
    /// The last millisecond not after `date`.
    static func floor(_ date: Date) -> Int64 { Int64((microseconds(date) / 1000).rounded(.down)) }
    static func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    private static func microseconds(_ date: Date) -> Double {
        // Far beyond any stored time, yet inside Int64 once divided.
        (date.timeIntervalSince1970 * 1e6).rounded().clamped(to: -1e17...1e17)
    }
}

extension Date {
    /// As the database gives it back: whole milliseconds.
    public var storedTime: Date { Milliseconds.date(Milliseconds.nearest(self)) }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
