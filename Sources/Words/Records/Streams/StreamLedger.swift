public import Foundation

/// What the supervisor needs to know of the registered streams and writes down about them. The daemon keeps it in its
/// database; tests keep it in memory.
public protocol StreamLedger: Sendable {
    /// Streams in `pending`, oldest first, at most `limit`.
    func pendingStreams(limit: Int) async throws -> [StreamDefinition]
    /// Of the given streams (id and version), those that are still `in_progress` in that very version.
    func stillInProgress(_ streams: [StreamVersion]) async throws -> Set<StreamVersion>
    /// Moves a stream to `status` and writes the log record, both or neither, if it is in `expected` and in that version.
    /// - Parameters:
    ///   - error: becomes `last_error` and the record's `error`; passwords already redacted.
    ///   - isFatal: whether the failure forbids autorestart attempts.
    /// - Returns: false when the stream is gone, replaced, or in another status: then nothing was written.
    func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String?, isFatal: Bool
    ) async throws -> Bool
    /// After a start: streams that an earlier process left `in_progress` go through `restart` to `pending`, each step
    /// logged; events it left open are closed.
    func recoverFromUncleanStop() async throws
    /// Carries out the autorestart attempts and verdicts that are due (`docs/contract/streams.md §3.9`).
    func performAutorestarts(now: Date) async throws
}
