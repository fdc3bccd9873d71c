import Synchronization

/// Remembers whether the latest inference went well, for the health check.
final class InferenceWatch: Sendable {
    private let isFailing = Atomic(false)

    func succeeded() { isFailing.store(false, ordering: .relaxed) }
    func failed(_ error: any Error) {
        if !(error is CancellationError) { isFailing.store(true, ordering: .relaxed) }
    }

    /// Returns while all is well.
    func check() throws(InferenceTrouble) { if isFailing.load(ordering: .relaxed) { throw .latestFailed } }
}

/// Why models cannot be relied on at this moment.
public enum InferenceTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    case latestFailed
    public var description: String {
        switch self {
        case .latestFailed: "the latest inference failed"
        }
    }
}
