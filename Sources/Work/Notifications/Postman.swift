public import Records

/// Takes a letter to its receiver and brings back what that said. Implementations: HTTP, a test's.
public protocol Postman: Sendable {
    /// - Returns: `nil` when the task was cancelled: nobody knows whether the receiver has it.
    func post(_ letter: Letter) async -> Answer?
}

/// What a receiver said to a letter.
public enum Answer: Hashable, Sendable {
    /// - Parameter retryAfter: how long it wants to be left in peace.
    case status(Int, retryAfter: Duration? = nil)
    /// It could not be asked; the sentence says why, and holds no secret.
    case unreachable(String)
    /// It can never be asked.
    case impossible(String)
}
