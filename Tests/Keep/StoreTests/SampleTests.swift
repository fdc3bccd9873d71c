import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Scene
import Testing

@testable import Store

/// Samples of the people that events are about: objects, as the pictures of frames are.
@Suite(.onEachBackend) struct SampleTests {
    private let unwell: UnwellStore
    private var database: FlakyDatabase { unwell.database }
    private var stream: StreamDefinition { unwell.stream }
    private var account: UUID { unwell.fixture.account.id }
    private var files: Set<UUID> { get throws { try unwell.directory.objectFiles() } }

    init() async throws { unwell = try await UnwellStore() }

    private func process(_ change: (inout ObjectConfiguration) -> Void = { _ in }) async throws -> Store {
        try await unwell.process(objects: change)
    }
    private func record(_ store: Store, _ event: Event, _ change: EventUpdate.Change, told: Bool = false) async throws {
        try await unwell.record(store, event, change, told: told)
    }

    @Test func anEventNamesItsSamplesWhichAreFoundAsSuch() async throws {
        let store = try await process { $0.bodySamples = Lifetime(days: 7)! }
        let event = Event.person(from: 1, to: 2, samples: 2)
        try await record(store, event, .closed, told: true)
        let body = try #require(try await unwell.records().last?.event.body["event"])
        let ids = event.pictures.filter { $0.kind == .bodySample }.map(\.id)
        let named = try #require(body["detections"]?.array).compactMap { $0["samples"]?["body"] }
        #expect(named.map { $0["sample_id"]?.string } == ids.map(\.wire))
        #expect(named.map { $0["url"]?.string } == ids.map { "/6/samples/bodies/\($0.wire)" })
        #expect(body.namedPictures.count == 3 && body["overview"]?["image"]?.string?.hasPrefix("/6/images/") == true)
        let sample = try #require(
            try await store.object(id: ids[0], kind: .bodySample, account: account, at: TemporaryStore.noon))
        #expect(sample.contentType == "image/jpeg")
        #expect(sample.expiry == TemporaryStore.noon.addingTimeInterval(7 * 86_400), "as its bucket has it")
        #expect(try await store.bytes(0..<sample.size, of: sample) == event.pictures[1].snapshot.bytes)
        #expect(try await store.object(id: ids[0], kind: .image, account: account) == nil)
        let found = try await unwell.records().last?.event.stored()["body_detections"]?.array
        #expect(found?.map { $0["sample_id"]?.string } == ids.map(\.wire))
    }

    @Test func whereTheQuotaEndsTheEventGoesOnWithWhatFitted() async throws {
        let store = try await process { $0.accountQuota = 2500 }  // each is of 1000 bytes
        try await record(store, Event.person(from: 1, to: 2, samples: 3), .closed)
        let body = try #require(try await unwell.records().last?.event.body["event"])
        #expect(body["overview"] != nil)
        let samples = body["detections"]?.array?.map { $0["samples"]?["body"]?["sample_id"] != .null }
        #expect(samples == [true, false, false])
        #expect(body["aggregate_estimations"]?["body"]?["samples"]?.array?.count == 1)
        #expect(store.droppedPictures == 2)
        #expect(try body.namedPictures == files)
    }

    @Test func samplesThatNobodyWasToldOfGoWithTheEndAndTheOthersWithTheEvent() async throws {
        let store = try await process()
        for isTold in [false, true] {
            let before = try files.count
            var event = Event.person(from: 1, to: 2, samples: 2)
            try await record(store, event, .opened, told: isTold)
            #expect(try files.count == before + 3)
            let renewed = Event.person(from: 1, to: 2, samples: 2)
            event.pictures = renewed.pictures
            try await record(store, event, .closed)
            #expect(try files.count == before + (isTold ? 6 : 3))
        }
        #expect(try await store.deleteEvents(before: .distantFuture) == 2)
        #expect(try files.isEmpty)
        #expect(try await store.objectTotals() == ObjectTotals(count: 0, bytes: 0))
    }

    @Test func samplesWaitWithTheirEventForTheDatabase() async throws {
        let store = try await process(), event = Event.person(from: 1, to: 2, samples: 2)
        database.become(.gone)
        try await record(store, event, .closed)
        #expect(store.spooledEventWrites == 1)
        database.become(.well)
        let next = try await process()
        try await next.recoverFromUncleanStop()
        #expect(try await next.mendObjects() == 0)
        #expect(try files.count == 3)
        for picture in event.pictures {
            #expect(try await next.object(id: picture.id, kind: picture.kind, account: account) != nil)
        }
    }

    /// Whatever happens to quota, database and process: what events name is there, and what is there is named.
    @Test(arguments: 1...6) func whatEventsNameIsThereAndNothingElse(seed: UInt64) async throws {
        var chance = SeededGenerator(seed: seed)
        var store = try await process { $0.accountQuota = 30_000 }
        for step in 0..<40 {
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: database.become(.gone)
            case 1: database.become(.dying(Int.random(in: 0..<6, using: &chance)))
            case 2:
                // The process is killed, and the next one begins.
                database.become(.well)
                store = try await process { $0.accountQuota = 30_000 }
                try await store.recoverFromUncleanStop()
            case 3 where step % 2 == 0:
                // Files come, and the process is killed before their event.
                let lost = Event.person(from: 0, to: 1, samples: 2).update(.closed)
                _ = await store.keepPictures(of: [lost], account: account, at: TemporaryStore.noon)
            default: database.become(.well)
            }
            var event = Event.person(
                from: Double(step), to: Double(step) + 1, samples: Int.random(in: 0...5, using: &chance))
            if Bool.random(using: &chance) {
                try? await record(store, event, .opened, told: Bool.random(using: &chance))
                if Bool.random(using: &chance) {
                    event.pictures = Event.person(from: 0, to: 1, samples: 2).pictures
                }
            }
            try? await record(store, event, .closed, told: Bool.random(using: &chance))
        }
        database.become(.well)
        let last = try await process { $0.accountQuota = 30_000 }
        try await last.recoverFromUncleanStop()
        try await last.mendObjects()
        let events: [(UUID, String)] = try await last.read {
            try $0.rows("SELECT id, body FROM event", []) { ($0[0], $0[1]) }
        }
        var named: Set<UUID> = []
        for (_, body) in events { named.formUnion(try JSONValue(stored: body)["event"]?.namedPictures ?? []) }
        let rows: [(UUID, UUID, Bool)] = try await last.read {
            try $0.rows("SELECT id, event_id, is_told FROM object", []) { ($0[0], $0[1], ($0[2] as Int) == 1) }
        }
        #expect(named.count > 5 && named.isSubset(of: rows.map(\.0)))
        #expect(rows.allSatisfy { row in events.contains { $0.0 == row.1 } })
        #expect(rows.filter { !$0.2 }.allSatisfy { named.contains($0.0) }, "what nobody was told of is named")
        #expect(try files == Set(rows.map(\.0)))
    }
}

extension Event {
    private struct Person: Facts {
        let members: [String: JSONValue] = [
            "detections": [
                GeneratedEvent.detection(
                    body: GeneratedEvent.body(["rect": ["x": 1, "y": 2, "width": 3, "height": 4]]),
                    time: TemporaryStore.noon, offset: 1)
            ]
        ]
    }
    private struct Place: Facts {
        let members: [String: JSONValue] = ["rect": ["x": 1, "y": 2, "width": 3, "height": 4], "score": 0.5]
    }
    /// A person with an overview and samples, each of 1000 bytes.
    static func person(from second: Double, to end: Double, samples: Int) -> Event {
        let crowd = crowd(from: second, to: end).pictured()
        let bodies = (0..<samples).map { _ in
            Picture(
                role: .body([.samples]), time: crowd.begin, facts: Place(),
                snapshot: Snapshot(mediaType: .jpeg) { [UInt8](repeating: 8, count: 1000) })
        }
        return Event(
            trackID: UUID(), type: "human_tracking", form: .generated, begin: crowd.begin, end: crowd.end,
            facts: Person(), pictures: crowd.pictures + bodies)
    }
}
extension JSONValue {
    /// Ids of the stored pictures that an event names.
    fileprivate var namedPictures: Set<UUID> {
        let body = self["aggregate_estimations"]?["body"]
        var paths = [self["overview"]?["image"], body?["thumbnail"]?["image"]].compactMap { $0?.string }
        paths += (body?["samples"]?.array ?? []).compactMap { $0["image"]?.string }
        paths += (self["detections"]?.array ?? []).flatMap {
            [$0["image_origin"]?.string, $0["samples"]?["body"]?["url"]?.string].compactMap(\.self)
        }
        return Set(paths.compactMap { UUID(uuidString: String($0.suffix(36))) })
    }
}
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    /// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (SplitMix64).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
