/// Which frames an analytic looks at: `rate` on the wire.
public enum Rate: Hashable, Codable, Sendable {
    /// Every `n`-th decoded frame, beginning with the first; at least 1.
    case frames(Int)
    /// One frame per so many seconds of media time; 0 means every frame.
    case seconds(Double)

    /// Whether each frame that `other` takes is taken, too, whatever the clock of the stream.
    public func covers(_ other: Rate) -> Bool {
        switch (canonical, other.canonical) {
        case (.frames(1), _): true
        case (.frames(let own), .frames(let others)): others % own == 0
        case (let own, let others): own == others
        }
    }

    /// The same frames, written so that equal choices compare equal.
    private var canonical: Rate {
        switch self {
        case .seconds(let period): period > 0 ? self : .frames(1)
        case .frames(let period): .frames(max(1, period))
        }
    }
}
