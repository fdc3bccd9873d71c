import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Store
import Testing

@testable import API

/// An event of a stream whose analytic has callbacks, as tests of those who subscribe to events have it happen.
struct Noticed: Sendable {
    var event: Event
    let stream: StreamDefinition
    let origin: EventOrigin
    static let noon = Date(timeIntervalSince1970: 1_715_418_701.674)

    /// - Parameters:
    ///   - callbacks: their types and whether they are enabled.
    ///   - account: whose stream it was.
    init(
        _ type: String = "crowd", _ members: [String: JSONValue] = ["people_count": 3], of account: UUID,
        callbacks: [(type: String, isEnabled: Bool)] = [("luna-ws-notification", true)], form: Event.Form = .general
    ) throws {
        func time(_ second: Double) -> FrameTime {
            FrameTime(index: 0, pts: MediaTime(seconds: second), wallClock: Self.noon.addingTimeInterval(second))
        }
        event = Event(
            trackID: UUID(), type: type, form: form, begin: time(0), end: time(7.5), facts: Told(members: members))
        stream = StreamDefinition(
            id: UUID(), accountID: account, version: 1,
            source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"), analytics: [],
            location: [
                "city": "Riga", "area": nil, "district": nil, "street": "Brivibas", "house_number": "12",
                "geo_position": ["longitude": 24.118, "latitude": 56.955],
            ])
        origin = EventOrigin(
            name: type, resultName: type,
            callbacks: try callbacks.map {
                try Callback(JSONReader(["type": .string($0.type), "enable": $0.isEnabled ? 1 : 0]))
            })
    }
    fileprivate func updates(_ change: EventUpdate.Change, isReported: Bool) -> AnalyticUpdates {
        let update = EventUpdate(
            event: event, change: change, status: change == .closed ? .finished : .started, isReported: isReported,
            time: change == .closed ? event.end : event.begin, live: event.facts)
        return AnalyticUpdates(origin: origin, updates: [update])
    }
}

extension TestServer {
    /// Stores what a run would.
    /// - Parameter isReported: whether the policy sends the event with this change.
    func record(_ noticed: Noticed, _ change: EventUpdate.Change, isReported: Bool) async throws {
        try await store.record(
            noticed.updates(change, isReported: isReported).durable, deliveries: [], of: noticed.stream)
    }
    /// An event that is sent at its end.
    @discardableResult
    func happen(_ noticed: Noticed) async throws -> UUID {
        try await record(noticed, .opened, isReported: false)
        try await record(noticed, .closed, isReported: true)
        return noticed.event.id
    }
    func subscribe(
        _ path: String, as headers: [String: String]? = nil, _ body: (RawWebSocket) async throws -> Void
    ) async throws {
        try await RawWebSocket.open(port: port, path, headers: headers ?? Self.basic(user)) { socket in
            #expect(socket.reply.status == 101, "\(path)")
            try await body(socket)
        }
    }
}

extension RawWebSocket {
    /// The id of the event that the next message is about.
    func nextEvent() async throws -> UUID? {
        try await nextMessage()?["event"]?["event_id"]?.string.flatMap { UUID(wire: $0) }
    }
}
