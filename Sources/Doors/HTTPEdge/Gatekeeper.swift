public import HTTPTypes

/// Finds out who makes a request, and whether that gets him to an operation. Each door has its own.
public protocol Gatekeeper: Sendable {
    associatedtype Caller: Sendable
    /// What an operation asks of its callers.
    associatedtype Access: Hashable & Sendable

    /// - Parameters:
    ///   - headers: of the request; they hold the credentials.
    ///   - address: where it comes from, `EdgeContext.clientAddress`; failed logins may be counted by it.
    /// - Throws: whatever the door answers to those who are not let in.
    func caller(_ headers: HTTPFields, from address: String, for access: Access) async throws -> Caller
}

/// Who makes a request to an operation that is open to everybody.
public struct Anybody: Sendable {}
