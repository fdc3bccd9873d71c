/// When an event is sent to callbacks and to `analyze --events`: `event_policy` on the wire. Live subscribers are told
/// of every frame whatever the policy.
public enum EventPolicy: Hashable, Sendable {
    /// Once, as soon as the crowd or person is confirmed.
    case start
    /// Once, when it is over.
    case end
    /// Every so many seconds of media time while it lasts, and a last time at its end. Greater than 0.
    case period(Double)
}
