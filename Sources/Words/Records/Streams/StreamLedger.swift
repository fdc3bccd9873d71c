public import Foundation

/// What the supervisor needs to know of the registered streams and writes down about them. The daemon keeps it in its
/// database; tests keep it in memory.
public protocol StreamLedger: Sendable {
    /// Streams in `pending`, those that have waited longest first: of each account at most `limit` that autorestart put
    /// there and `limit` others.
    func waitingStreams(limit: Int) async throws -> [WaitingStream]
    /// Moves a stream from `pending` to `in_progress`, as `transition` does. One whose row cannot be read fails, fatally.
    /// - Returns: what to run; `nil` when the stream is gone, replaced, or in another status: then nothing was written; or when it
    ///   cannot be read.
    func take(_ stream: StreamVersion) async throws -> StreamDefinition?
    /// All streams that are `in_progress`, each in its version.
    func streamsInProgress() async throws -> Set<StreamVersion>
    /// Moves those of the given streams that are still `in_progress` in that version through `restart` to `pending`, each step
    /// logged: nobody runs them.
    func putBack(_ streams: Set<StreamVersion>) async throws
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
    /// - Returns: when the next is due, as far as is known now.
    func performAutorestarts(now: Date) async throws -> Date?
}
