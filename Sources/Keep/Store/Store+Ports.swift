public import Foundation
public import Records

extension Store: StreamLedger {
    public func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String?, isFatal: Bool
    ) async throws -> Bool {
        try await transition(
            id: stream.id, version: stream.version, from: expected, to: status, error: error, isFatal: isFatal)
    }
    public func recoverFromUncleanStop() async throws { try await recoverFromUncleanStop(at: .now) }
    public func performAutorestarts(now: Date) async throws { _ = try await performAutorestarts(at: now) }
}

extension Store: EventLog {
    public func record(_ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition) async throws {
        try await record(updates, deliveries: deliveries, of: stream, at: .now)
    }
}
