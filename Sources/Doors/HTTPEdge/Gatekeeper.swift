public import HTTPTypes

/// Finds out who makes a request, and whether that gets him to an operation. Each door has its own.
public protocol Gatekeeper: Sendable {
    associatedtype Caller: Sendable
    /// What an operation asks of its callers.
    associatedtype Access: Hashable & Sendable

    /// - Parameters:
    ///   - head: of the request; its headers hold the credentials, and where the door has links that are signed its query does.
    ///   - address: where it comes from, `EdgeContext.clientAddress`; failed logins may be counted by it.
    /// - Throws: whatever the door answers to those who are not let in.
    func caller(_ head: HTTPRequest, from address: String, for access: Access) async throws -> Caller
}

/// Who makes a request to an operation that is open to everybody.
public struct Anybody: Sendable {}
