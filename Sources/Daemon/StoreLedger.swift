import Analytics
import Foundation
import Pipeline
import Scene
import Store

/// Gives the pipeline the store in the shapes it asks for.
struct StoreLedger: StreamLedger, EventStore {
    let store: Store

    func pendingStreams(limit: Int) async throws -> [StreamDefinition] { try await store.pendingStreams(limit: limit) }
    func stillInProgress(_ streams: [StreamVersion]) async throws -> Set<StreamVersion> {
        try await store.stillInProgress(streams)
    }
    func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String?, isFatal: Bool
    ) async throws -> Bool {
        try await store.transition(
            id: stream.id, version: stream.version, from: expected, to: status, error: error, isFatal: isFatal)
    }
    func recoverFromUncleanStop() async throws { try await store.recoverFromUncleanStop() }
    func performAutorestarts(now: Date) async throws { try await store.performAutorestarts(now: now) }

    func record(_ updates: [EventUpdate], of stream: StreamDefinition) async throws {
        try await store.recordEvents(updates, of: stream) { update in
            update.event.wire(stream: stream.id, account: stream.accountID, location: stream.location)
        }
    }
}
