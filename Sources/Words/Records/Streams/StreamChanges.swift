public import Foundation

/// The newest first, or the oldest. Creation order, also within one millisecond and when the clock was set back.
public enum CreationOrder: String, Sendable, CaseIterable {
    case newestFirst = "desc"
    case oldestFirst = "asc"
}

/// What came of a request to stop or resume a stream.
public enum StatusChange: Sendable, Equatable {
    case done
    case notFound
    /// The stream's status does not allow it; nothing was written.
    case refused(StreamStatus)
}

/// `action` of the linker on the wire.
public enum LinkAction: String, Sendable, CaseIterable {
    case attach, detach
}
/// What came of a request to the linker.
public enum LinkOutcome: Sendable, Equatable {
    case done
    /// The account has no such group; nothing was written.
    case groupNotFound
    /// The first of the streams that the account does not have; nothing was written.
    case streamNotFound(UUID)
}
