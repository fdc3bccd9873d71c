import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import SQL
import Scene
import Sealing
import Synchronization
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

extension Vault {
    /// Under a key of its own.
    static func inMemory() throws -> Vault {
        let vault = try Vault(.given(.random()))
        _ = try vault.begin()
        return vault
    }
}

/// Remembers what was reported.
final class Reports: Sendable {
    private let all = Mutex<[StoreReport]>([])
    func add(_ report: StoreReport) { all.withLock { $0.append(report) } }
    var list: [StoreReport] { all.withLock { $0 } }
    /// What is done may be seen before it is reported.
    func until(_ report: StoreReport) async throws {
        while !list.contains(report) { try await Task.sleep(for: .milliseconds(5)) }
    }
}

extension TemporaryDirectory {
    /// A store as a process would have it, with its spool in this directory.
    func store(
        on database: any Database, vault: Vault? = nil, limits: EventSpool.Limits = .init(), room: DiskRoom? = nil,
        objects: ObjectConfiguration = .init(),
        patience: EventQueue.Patience = .init(
            pause: GrowingPause(from: .milliseconds(5), upTo: .milliseconds(20)), last: .milliseconds(50)),
        report: @escaping @Sendable (StoreReport) -> Void = { _ in }
    ) throws -> Store {
        // Each has a lock of its own, for the ones before it have not really died.
        let lock = url.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: lock, withIntermediateDirectories: true)
        let vault = try vault ?? Vault.inMemory()
        let room = room ?? DiskRoom(DiskReserveConfiguration(bytes: 0), measure: { nil })
        return Store(
            database, lock: try DirectoryLock(directory: lock), vault: vault,
            spool: try EventSpool(
                file: url.appending(path: "events.spool"), vault: vault, limits: limits, room: room), room: room,
            tree: try ObjectTree(url.appending(path: Store.objectsName)), objects: objects,
            patience: patience, report: report)
    }
}

extension Store {
    /// Opens and closes `events`, each with a report that is due.
    func record(_ events: [Event], of stream: StreamDefinition, at now: Date = TemporaryStore.noon) async throws {
        let callback = try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))
        for event in events {
            try await record([event.update(.opened)], deliveries: [], of: stream, at: now)
            try await record(
                [event.update(.closed)], deliveries: [Delivery(eventID: event.id, callback: callback)], of: stream,
                at: now)
        }
    }
    /// Returns when nothing waits any longer.
    func settle() async throws {
        while events.trouble != nil { try await Task.sleep(for: .milliseconds(5)) }
    }
}

extension Event {
    /// The same with a picture of so many bytes.
    func pictured(_ size: Int = 1000, lifetime: Lifetime? = nil) -> Event {
        var event = self
        event.pictures = [
            Picture(
                role: .frame(member: "overview"), time: end, facts: Crowd(people: 2),
                snapshot: Snapshot(mediaType: .jpeg, bytes: [UInt8](repeating: 7, count: size), lifetime: lifetime))
        ]
        return event
    }
}
extension EventRecord {
    var hasPicture: Bool { event.body["event"]?["overview"]?["image"]?.string?.hasPrefix("/6/images/") == true }
}
