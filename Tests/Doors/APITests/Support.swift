import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Store
import Testing

extension Reply {
    /// The answer is this error, whole and in the form that all errors have.
    func expectError(
        _ status: Int, _ code: Int64, _ description: String, _ detail: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(self.status == status, sourceLocation: sourceLocation)
        #expect(headers["content-type"] == "application/json", sourceLocation: sourceLocation)
        #expect(
            try json == [
                "error_code": .integer(code), "desc": .string(description), "detail": .string(detail),
                "link": .string("https://docs.visionlabs.ai/info/luna/troubleshooting/errors-description/code-\(code)"),
            ], sourceLocation: sourceLocation)
    }
    /// What a resource that is a WebSocket answers to requests that are no upgrade to it.
    func expectUpgradeWanted(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectError(
            426, 12017, "Bad/incomplete input data",
            "This resource is a WebSocket; the request should be an upgrade to it, in version 13",
            sourceLocation: sourceLocation)
        #expect(headers["upgrade"] == "websocket", sourceLocation: sourceLocation)
        #expect(headers["sec-websocket-version"] == "13", sourceLocation: sourceLocation)
        #expect(headers["connection"] == "close, upgrade", sourceLocation: sourceLocation)
    }
}

extension RawWebSocket {
    /// Watches a stream, as its owner unless other headers say who asks.
    static func open(
        _ server: TestServer, stream: UUID, headers: [String: String]? = nil,
        _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await open(
            port: server.port, "/6/streams/\(stream.wire)/ws", headers: headers ?? TestServer.basic(server.user), body)
    }
    func nextMessage() async throws -> JSONValue? {
        guard case .text(let text) = try await next() else { return nil }
        return try JSONValue(parsing: Data(text.utf8))
    }
}

/// What a general event of these tests is about.
struct Told: Facts {
    let members: [String: JSONValue]
}

extension TestServer {
    /// Stores an event that was made elsewhere.
    @discardableResult
    func createEvent(
        _ account: Account? = nil, _ members: [String: JSONValue] = [:], at begin: Date = .now, to end: Date? = nil
    ) async throws -> UUID {
        let account = (account ?? user).id
        let event = RawEvent(
            accountID: account, handlerID: BuiltInHandler.id(of: account), begin: begin, end: end ?? begin,
            members: members)
        try await store.save(event)
        return event.id
    }
    /// Stores a general event of a stream that ends as it begins.
    @discardableResult
    func createGeneralEvent(
        _ account: Account? = nil, type: String = "crowd", _ members: [String: JSONValue] = [:], stream: UUID = UUID(),
        at begin: Date = .now
    ) async throws -> UUID {
        let time = FrameTime(index: 0, pts: MediaTime(nanoseconds: 0), wallClock: begin)
        let event = Event(
            trackID: UUID(), type: type, begin: time, end: time, facts: Told(members: members))
        let definition = StreamDefinition(
            id: stream, accountID: (account ?? user).id, version: 1,
            source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"), analytics: [],
            location: .emptyObject)
        let updates = [EventUpdate.Change.opened, .closed].map {
            EventUpdate(event: event, change: $0, status: .started, isReported: false, time: time, live: event.facts)
        }
        try await store.record(updates, deliveries: [], of: definition)
        return event.id
    }
}
