/// An instant on one stream's own clock, in whole nanoseconds since its first frame.
///
/// Every `pts` is a `MediaTime`; FFmpeg time bases stop at the edge of `Media`. Instants of different streams share
/// no origin: to compare those, use the wall-clock time of the event.
public struct MediaTime: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    public init(seconds: Double) { nanoseconds = Int64((seconds * 1e9).rounded()) }

    public static let zero = MediaTime(nanoseconds: 0)
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    public static func - (b: Self, a: Self) -> Duration { .nanoseconds(b.nanoseconds - a.nanoseconds) }
    public static func + (a: Self, b: Duration) -> Self {
        MediaTime(
            nanoseconds: a.nanoseconds + b.components.seconds * 1_000_000_000 + b.components.attoseconds / 1_000_000_000
        )
    }
}

extension Duration {
    /// The same length as floating-point seconds, for arithmetic.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
