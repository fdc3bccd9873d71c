/// Which frames an analytic looks at: `rate` on the wire.
public enum Rate: Hashable, Sendable {
    /// Every `n`-th decoded frame, beginning with the first; at least 1.
    case frames(Int)
    /// One frame per so many seconds of media time; 0 means every frame.
    case seconds(Double)

    /// The same frames, written so that equal choices compare equal.
    public var canonical: Rate {
        if case .seconds(let period) = self, period <= 0 { return .frames(1) }
        return self
    }
}
