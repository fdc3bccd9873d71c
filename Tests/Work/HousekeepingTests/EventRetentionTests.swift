import Foundation
import JSON
import KeepSupport
import Records
import Scene
import Store
import Testing

@testable import Housekeeping

/// Many more events than a disk holds, on a disk of 48 MB of which 16 are to stay free.
@Suite(.enabled(if: SmallDisk.isPossible), .timeLimit(.minutes(30))) struct EventRetentionTests {
    private static let reserve = 16 << 20
    private let disk: SmallDisk
    private let store: Store
    private let account: Account
    private let stream: StreamDefinition

    init() async throws {
        disk = try SmallDisk(megabytes: 48)
        store = try Store(directory: disk.url, reserve: DiskReserveConfiguration(bytes: Self.reserve))
        account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        stream = try await store.createStream(TemporaryStore.specification(), account: account.id).definition
    }

    private struct Crowd: Facts { let members: [String: JSONValue] = ["people_count": 2] }
    /// Each with a picture of 300 kB.
    private func record(_ numbers: Range<Int>) async throws {
        for number in numbers {
            let time = FrameTime(index: number, pts: MediaTime(seconds: Double(number)), wallClock: TemporaryStore.noon)
            let event = Event(
                trackID: UUID(), type: "crowd", begin: time, end: time, facts: Crowd(),
                pictures: [
                    Event.Picture(
                        role: .frame(member: "overview"), time: time, facts: Crowd(),
                        snapshot: Snapshot(mediaType: .jpeg, bytes: [UInt8](repeating: 7, count: 300_000)))
                ])
            try await store.record(
                [
                    EventUpdate(
                        event: event, change: .closed, status: .finished, isReported: false, time: time, live: Crowd())
                ], deliveries: [], of: stream)
        }
    }
    private var free: Int {
        var found = statvfs()
        return statvfs(disk.url.path, &found) == 0 ? Int(found.f_bavail) * Int(found.f_frsize) : 0
    }
    /// Of the frames that events begin at, and whether each has its picture.
    private func stored() async throws -> [(second: Int, hasPicture: Bool)] {
        try await store.events(account: account.id).filter { $0.phase == .finished }.map {
            (Int($0.event.begin.offset.nanoseconds / 1_000_000_000), $0.event.body["event"]?["overview"] != nil)
        }
    }

    @Test func ofMoreThanAreKeptTheOldestGo() async throws {
        var configuration = EventRetentionConfiguration()
        (configuration.policy, configuration.count) = (.delete, 12)
        try await record(0..<35)
        #expect(try await Sweep.events(of: store, configuration).run(.now) == 23)
        #expect(try await stored().map(\.second) == Array(23..<35))
        #expect(try await Sweep.events(of: store, configuration).run(.now) == 0)
    }

    @Test func theOldestGoBeforeTheReserveIsTouched() async throws {
        var configuration = EventRetentionConfiguration()
        configuration.policy = .delete
        let sweep = Sweep.events(of: store, configuration)
        for portion in 0..<50 {
            try await record(portion * 5..<portion * 5 + 5)
            _ = try await sweep.run(.now)
            #expect(free > Self.reserve / 2)
            try await store.check()
        }
        let stored = try await stored()
        #expect(stored.map(\.second) == Array(250 - stored.count..<250) && stored.count > 20)
        #expect(stored.allSatisfy(\.hasPicture) && store.droppedPictures == 0 && store.lostEventWrites == 0)
        #expect(store.deletedEventCount == 250 - stored.count)
        try await store.close()
    }

    @Test func withoutDeletionPicturesGoAndEventsGoOn() async throws {
        let sweep = Sweep.events(of: store, EventRetentionConfiguration())
        for portion in 0..<50 {
            try await record(portion * 5..<portion * 5 + 5)
            #expect(try await sweep.run(.now) == 0)
            // A look at the disk holds for a second.
            if free < Self.reserve { #expect(free > Self.reserve / 2) }
            try await Task.sleep(for: .milliseconds(50))
        }
        await #expect(throws: StoreTrouble.self) { try await store.check() }
        let stored = try await stored()
        #expect(stored.map(\.second) == Array(0..<250))
        let pictured = stored.count(where: \.hasPicture)
        #expect(pictured > 20 && pictured < 120 && store.droppedPictures == 250 - pictured)
        #expect(stored.prefix(pictured).allSatisfy(\.hasPicture) && store.deletedEventCount == 0)
        try await store.close()
    }

    @Test func eventsGoWhenTheyAreTooOld() async throws {
        let before = Date.now
        try await record(0..<3)
        let after = Date.now
        var configuration = EventRetentionConfiguration()
        (configuration.policy, configuration.days) = (.delete, 2)
        let sweep = Sweep.events(of: store, configuration)
        #expect(try await sweep.run(before.addingTimeInterval(2 * 86_400 - 1)) == 0)
        #expect(try await sweep.run(after.addingTimeInterval(2 * 86_400 + 1)) == 3)
        #expect(try await stored().isEmpty)
        configuration.policy = .keep
        try await record(3..<4)
        #expect(try await Sweep.events(of: store, configuration).run(.now.addingTimeInterval(1e9)) == 0)
        try await store.close()
    }
}
