public import HTTPTypes

/// Finds out who makes a request, and whether that gets him to an operation. Each door has its own.
public protocol Gatekeeper: Sendable {
    associatedtype Caller: Sendable
    /// What an operation asks of its callers.
    associatedtype Access: Hashable & Sendable

    /// - Parameters:
    ///   - head: of the request; its headers hold the credentials, and where the door has links that are signed its query does.
    ///   - context: tells where it comes from: `clientAddress`, by which failed logins may be counted, and from which page.
    /// - Throws: whatever the door answers to those who are not let in.
    func caller(_ head: HTTPRequest, in context: EdgeContext, for access: Access) async throws -> Caller
}

/// Who makes a request to an operation that is open to everybody.
public struct Anybody: Sendable {}

/// Of doors whose credentials, where they have any, are read by their operations: it lets everybody in.
public struct OpenGate: Gatekeeper {
    public init() {}
    public func caller(_ head: HTTPRequest, in context: EdgeContext, for access: Bool) async throws {}
}
