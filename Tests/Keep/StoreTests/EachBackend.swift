import Foundation
import JSON
import KeepSupport
import Records
import Scene
import Testing

@testable import Store

/// Runs a test once on each kind of database.
struct EachBackend: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Backend.onEach(function)
    }
}
extension Trait where Self == EachBackend {
    static var onEachBackend: Self { EachBackend() }
}

extension TemporaryStore {
    /// On the database of the test's scope.
    init() async throws { try await self.init(Backend.current) }

    /// Moves a stream on, expecting that it may be.
    func move(
        _ stream: RegisteredStream, _ from: StreamStatus, _ to: StreamStatus, error: String? = nil,
        isFatal: Bool = false, at now: Date = Self.noon
    ) async throws {
        let isDone = try await store.transition(
            stream.definition.streamVersion, from: from, to: to, error: error, isFatal: isFatal, at: now)
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
            event: self, change: change, status: .inProgress, isReported: change == .closed, time: end, live: facts)
    }
}
