import Foundation
import JSON
import Records
import Scene
import Store
import Testing

/// An event of a stream as tests have it happen, and what those are told who follow the stream.
struct Seen: Sendable {
    let id = UUID()
    private let stream: StreamDefinition
    private static let noon = Date(timeIntervalSince1970: 1_715_418_701)
    init(_ stream: RegisteredStream) { self.stream = stream.definition }

    func updates(_ change: EventUpdate.Change, at second: Double) -> AnalyticUpdates {
        let time = FrameTime(
            index: Int(second * 25), pts: MediaTime(seconds: second), wallClock: Self.noon.addingTimeInterval(second))
        let facts = Told(members: ["people_count": 2])
        let event = Event(id: id, trackID: id, type: "crowd", begin: time, end: time, facts: facts)
        let update = EventUpdate(
            event: event, change: change, status: change.status, isReported: change == .closed, time: time, live: facts)
        return AnalyticUpdates(origin: EventOrigin(name: "people_count", resultName: "crowd"), updates: [update])
    }
    /// - Parameter sequence: of the record, if it is one.
    func told(
        _ change: EventUpdate.Change, at second: Double, sequence: Int64? = nil, previous: Int64 = 0
    ) -> JSONValue {
        let id = JSONValue.string(id.wire)
        let time = second == second.rounded() ? JSONValue.integer(Int64(second)) : .number(second)
        var members: [String: JSONValue] = [
            "stream_status": "in_progress", "error": nil,
            "analytics_results": [
                "crowd": [
                    "people_count": 2, "track_id": id, "event_id": id,
                    "event_status": .string(change.status.rawValue), "time_offset": time,
                ]
            ],
        ]
        if let sequence {
            members["phase"] = change == .opened ? "started" : "finished"
            (members["sequence"], members["previous"]) = (.integer(sequence), .integer(previous))
        }
        return .object(members)
    }
    fileprivate func record(_ change: EventUpdate.Change, at second: Double, in store: Store) async throws {
        try await store.record(updates(change, at: second).durable, deliveries: [], of: stream)
    }
}

extension EventUpdate.Change {
    fileprivate var status: EventUpdate.Status {
        switch self {
        case .opened: .started
        case .continued: .inProgress
        case .closed: .finished
        }
    }
}

extension TestServer {
    /// Stores what a run would.
    func record(_ event: Seen, _ change: EventUpdate.Change, at second: Double) async throws {
        try await event.record(change, at: second, in: store)
    }
    /// A run ends.
    func end(_ stream: RegisteredStream, _ status: StreamStatus = .done, error: String? = nil) async throws {
        let isDone = try await store.transition(
            StreamVersion(id: stream.id, version: 1), from: .inProgress, to: status, error: error, isFatal: true)
        #expect(isDone)
    }
}
