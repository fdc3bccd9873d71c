import Foundation
import JSON
import Records
import Scene
import Store
import Testing

/// A directory of its own that goes with the value.
final class TemporaryDirectory: Sendable {
    let url: URL
    init() { url = FileManager.default.temporaryDirectory.appendingPathComponent("sightline-\(UUID().uuidString)") }
    deinit { try? FileManager.default.removeItem(at: url) }
}

/// A new store with one account in it, on a clock that the test holds.
struct TemporaryStore {
    let directory: TemporaryDirectory
    let store: Store
    let account: Account
    /// 2024-05-11T09:11:41.674Z
    static let noon = Date(timeIntervalSince1970: 1_715_418_701.674)

    init() async throws {
        directory = TemporaryDirectory()
        store = try Store(directory: directory.url)
        account = try await store.createAccount(
            login: "one@example.org", password: "secret", kind: .user, at: Self.noon)
    }

    static func specification(
        name: String = "gate", reference: String = "rtsp://camera/1", autorestart: AutorestartPolicy = .init()
    ) -> StreamSpecification {
        StreamSpecification(
            name: name, source: SourceSpecification(kind: .stream, reference: reference),
            location: ["city": "Riga", "area": nil], autorestart: autorestart,
            analytics: [AnalyticChoice(name: "people_count", parameters: ["parameters": ["probe_count": 2]])])
    }
    func createStream(
        _ specification: StreamSpecification = Self.specification(), at now: Date = Self.noon
    ) async throws -> RegisteredStream {
        try await store.createStream(specification, account: account.id, at: now)
    }
    func logStatuses(of stream: UUID) async throws -> [StreamStatus] {
        var filter = StreamLogFilter()
        filter.streamIDs = [stream]
        return try await store.streamLogs(filter, page: Page(size: 1000)).reversed().map(\.status)
    }
    /// Moves a stream on, expecting that it may be.
    func move(
        _ stream: RegisteredStream, _ from: StreamStatus, _ to: StreamStatus, error: String? = nil,
        isFatal: Bool = false, at now: Date = Self.noon
    ) async throws {
        let isDone = try await store.transition(
            id: stream.id, version: stream.version, from: from, to: to, error: error, isFatal: isFatal, at: now)
        #expect(isDone)
    }
}

/// What an event of these tests is about.
struct Crowd: Facts {
    let people: Int
    var members: [String: JSONValue] { ["people_count": .integer(Int64(people))] }
}

extension Event {
    /// A crowd that begins at `second` and is known until `end`.
    static func crowd(from second: Double, to end: Double, people: Int = 2) -> Event {
        func time(_ second: Double) -> FrameTime {
            FrameTime(
                index: Int(second * 25), pts: MediaTime(seconds: second),
                wallClock: TemporaryStore.noon.addingTimeInterval(second))
        }
        return Event(
            trackID: UUID(), type: "crowd", begin: time(second), end: time(end), facts: Crowd(people: people))
    }
    func update(_ change: EventUpdate.Change) -> EventUpdate {
        EventUpdate(
            event: self, change: change, status: .inProgress, isReported: change == .closed, time: end,
            live: facts)
    }
}
