public import Foundation
public import JSON

/// A row of counts over time: of one analytic of a stream that counts people, where people count for it.
public struct CountSeries: Hashable, Sendable {
    public let streamID, accountID: UUID
    /// Place among the stream's analytics.
    public let analytic: Int
    /// As the stream's owner wrote it; `nil`: everywhere.
    public let droi: JSONText?
    public init(streamID: UUID, accountID: UUID, analytic: Int, droi: JSONText? = nil) {
        (self.streamID, self.accountID, self.analytic, self.droi) = (streamID, accountID, analytic, droi)
    }
}

/// How many people were seen in a time: of a minute what is kept, of longer times what that adds up to.
public struct SeenPeople: Hashable, Sendable {
    /// Milliseconds in which somebody looked.
    public private(set) var covered: Int64
    /// People times milliseconds.
    public private(set) var sum: Int64
    public private(set) var minimum, maximum: Int
    /// `nil` when nobody looked.
    public var mean: Double? { covered > 0 ? Double(sum) / Double(covered) : nil }

    public init(covered: Int64, sum: Int64, minimum: Int, maximum: Int) {
        (self.covered, self.sum, self.minimum, self.maximum) = (covered, sum, minimum, maximum)
    }
    /// So many people for so many milliseconds.
    public init(people: Int, for covered: Int64) {
        self.init(covered: covered, sum: Int64(people) * covered, minimum: people, maximum: people)
    }
    public mutating func add(_ other: SeenPeople) {
        covered += other.covered
        sum += other.sum
        (minimum, maximum) = (min(minimum, other.minimum), max(maximum, other.maximum))
    }
}

/// A minute of a series.
public struct PeopleMinute: Hashable, Sendable {
    public let series: CountSeries
    /// Since 1970.
    public let minute: Int64
    public let count: SeenPeople
    public init(series: CountSeries, minute: Int64, count: SeenPeople) {
        (self.series, self.minute, self.count) = (series, minute, count)
    }
}

/// Puts the counts of single frames together to minutes.
///
/// The count of a frame holds until the next one, but no longer than `patience`: what comes later than that leaves a gap, for nobody looked.
public struct MinuteCounter: Sendable {
    private let patience: Int64
    private var last: (time: Int64, people: Int)?
    private var minutes: [Int64: SeenPeople] = [:]

    /// - Parameter patience: how far apart two frames may be.
    public init(patience: Duration) { self.patience = Int64(patience / .milliseconds(1)) }

    /// Takes the next frame.
    /// - Returns: minutes that are over, in order.
    public mutating func see(_ people: Int, at date: Date) -> [(minute: Int64, count: SeenPeople)] {
        let time = Int64((date.timeIntervalSince1970 * 1000).rounded())
        if let last, time > last.time { hold(last.people, from: last.time, to: min(time, last.time + patience)) }
        // Also a frame that nothing follows was seen, for no time.
        add(SeenPeople(people: people, for: 0), to: time.minute)
        last = (time, people)
        return take { $0 < time.minute }
    }
    /// Ends what is counted, at the last frame.
    public mutating func finish() -> [(minute: Int64, count: SeenPeople)] {
        last = nil
        return take { _ in true }
    }

    private mutating func hold(_ people: Int, from: Int64, to: Int64) {
        var from = from
        while from < to {
            let end = min(to, (from.minute + 1) * 60_000)
            add(SeenPeople(people: people, for: end - from), to: from.minute)
            from = end
        }
    }
    private mutating func add(_ count: SeenPeople, to minute: Int64) {
        if var known = minutes[minute] {
            known.add(count)
            minutes[minute] = known
        } else {
            minutes[minute] = count
        }
    }
    private mutating func take(_ isOver: (Int64) -> Bool) -> [(minute: Int64, count: SeenPeople)] {
        let over = minutes.keys.filter(isOver).sorted().map { (minute: $0, count: minutes[$0]!) }
        for (minute, _) in over { minutes[minute] = nil }
        return over
    }
}
extension Int64 {
    /// Of milliseconds since 1970; rounded down also before that.
    fileprivate var minute: Int64 { (self >= 0 ? self : self - 59_999) / 60_000 }
}
