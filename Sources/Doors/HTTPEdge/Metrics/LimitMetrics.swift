import Synchronization

/// Counts what was refused or ended because a limit was reached, by reason, and the connections that are served.
public final class LimitMetrics: Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        /// Answered 503: the server was at work for as many as it may serve.
        case connections
        /// Closed without an answer: too many were being told that already.
        case connectionsUnanswered = "connections_unanswered"
        /// Kept the server waiting, and gave its place to another.
        case connectionsGivenUp = "connections_given_up"
        case headTime = "head_time"
        case headSize = "head_size"
        case bodyTime = "body_time"
        case bodySize = "body_size"
        /// Took nothing of an answer for too long.
        case writeTime = "write_time"
        /// More clients wanted to watch live than may.
        case subscribers
    }
    /// Served now.
    let connections = Atomic(0)
    let connectionLimit = Atomic(0)
    private let counts = Mutex<[Reason: Int]>([:])

    init() {}

    public func count(_ reason: Reason) { counts.withLock { $0[reason, default: 0] += 1 } }
    public subscript(reason: Reason) -> Int { counts.withLock { $0[reason] ?? 0 } }
}

extension LimitMetrics: MetricsSource {
    public func write(to page: inout MetricsPage) {
        page.add(
            "sightline_connections", .gauge, "Connections that are served", connections.load(ordering: .relaxed))
        page.add(
            "sightline_connections_limit", .gauge, "Connections that may be served at once",
            connectionLimit.load(ordering: .relaxed))
        page.add(
            "sightline_refused_total", .counter, "What was refused or ended because a limit was reached", by: "reason",
            Reason.allCases.map { ($0.rawValue, self[$0]) })
    }
}
