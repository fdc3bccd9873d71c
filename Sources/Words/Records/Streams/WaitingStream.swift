public import Foundation

/// A stream in `pending`, as far as it matters for whose turn is next.
public struct WaitingStream: Hashable, Sendable {
    public let stream: StreamVersion
    public let accountID: UUID
    /// Since when it is `pending`.
    public let since: Date
    /// Whether autorestart put it there, after a failure.
    public let isRetry: Bool
    public init(_ stream: StreamVersion, accountID: UUID, since: Date, isRetry: Bool) {
        (self.stream, self.accountID, self.since, self.isRetry) = (stream, accountID, since, isRetry)
    }
}
