public import Foundation

/// What somebody wrote, as those who wait for it are told. It says where to look, not what is there.
public enum Change: Hashable, Sendable {
    /// Streams were registered, replaced, stopped, resumed or deleted, or have changed their status.
    case streams
    /// An account, one of its tokens or a session is no longer what it was.
    case credentials(account: UUID)
    /// Records were added to an account's list of events.
    case events(account: UUID)
    /// Something is due to callbacks.
    case deliveries
    /// Jobs were handed in, have changed their state or were removed.
    case jobs
    /// Anything may have changed: changes were missed.
    case everything
}
