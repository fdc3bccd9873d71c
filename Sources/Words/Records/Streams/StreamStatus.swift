/// `status` of a stream on the wire.
public enum StreamStatus: Int, Sendable, CaseIterable {
    case pending = 0, inProgress = 1, done = 2, restart = 3, failure = 4, stop = 5

    public var name: String {
        switch self {
        case .pending: "pending"
        case .inProgress: "in_progress"
        case .done: "done"
        case .restart: "restart"
        case .failure: "failure"
        case .stop: "stop"
        }
    }

    /// The number of each name.
    public static let codes = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0.rawValue) })
}
