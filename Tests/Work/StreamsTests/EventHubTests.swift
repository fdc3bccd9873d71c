import Foundation
import JSON
import Records
import Scene
import Streams
import Synchronization
import TestSupport
import Testing

struct EventHubTests {
    /// Remembers what was stored; the moment of storing is visible to the test.
    private actor MemoryStore: EventLog {
        private(set) var stored: [EventUpdate] = []
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) -> EventTicket? {
            stored += updates
            return nil
        }
        func untilDurable(_ ticket: EventTicket) -> Bool { true }
    }
    /// Has only memory until the test says what becomes of that.
    private actor FullDisk: EventLog {
        private var count = 0
        private var isDurable: Bool?
        private var waiting: [CheckedContinuation<Void, Never>] = []
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) -> EventTicket? {
            count += 1
            return isDurable == true ? nil : EventTicket(count)
        }
        func untilDurable(_ ticket: EventTicket) async -> Bool {
            if isDurable == nil, !Task.isCancelled { await withCheckedContinuation { waiting.append($0) } }
            return isDurable ?? false
        }
        func become(durable: Bool) {
            isDurable = durable
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }
    private struct Full: EventLog {
        struct DiskFull: Error {}
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) async throws -> EventTicket? { throw DiskFull() }
        func untilDurable(_ ticket: EventTicket) async -> Bool { false }
    }
    private static let stream = StreamDefinition(
        id: UUID(), accountID: UUID(), version: 1, source: SourceSpecification(kind: .stream, reference: "x"),
        analytics: [],
        location: .emptyObject)
    private static func update(_ change: EventUpdate.Change, frame: Int = 0) -> EventUpdate {
        let time = FrameTime(index: frame, pts: MediaTime(seconds: Double(frame)), wallClock: .now)
        return EventUpdate(
            event: Event(
                trackID: UUID(), type: "presence", begin: time, end: time, facts: Presence.Count(people: 1)),
            change: change, status: .inProgress, isReported: false, time: time, live: Presence.Count(people: 1))
    }
    /// What one analytic says of one frame.
    private static func said(_ updates: EventUpdate...) -> [AnalyticUpdates] {
        [AnalyticUpdates(origin: EventOrigin(name: "presence", resultName: "crowd"), updates: updates)]
    }
    private static func changes(_ messages: [LiveMessage]) -> [EventUpdate.Change] {
        messages.flatMap { message -> [EventUpdate.Change] in
            if case .updates(let said) = message { said.flatMap(\.updates).map(\.change) } else { [] }
        }
    }

    @Test func anEventIsStoredBeforeASubscriberHearsOfIt() async throws {
        let store = MemoryStore()
        let hub = EventHub(log: store)
        let feed = hub.subscribe(to: Self.stream.id)
        let sink = hub.sink(for: Self.stream)
        try await sink.record(Self.said(Self.update(.opened)))
        #expect(await store.stored.count == 1)
        #expect(Self.changes(try #require(await feed.next())) == [.opened])
    }

    @Test func framesOfAnEventNeverTouchTheStore() async throws {
        let store = MemoryStore()
        try await EventHub(log: store).sink(for: Self.stream).record(Self.said(Self.update(.continued)))
        #expect(await store.stored.isEmpty)
    }

    @Test func whatCouldNotBeStoredIsNotDelivered() async {
        let hub = EventHub(log: Full())
        let feed = hub.subscribe(to: Self.stream.id)
        await #expect(throws: Full.DiskFull.self) {
            try await hub.sink(for: Self.stream).record(Self.said(Self.update(.opened)))
        }
        hub.offer(.finished, to: Self.stream.id)
        #expect(await feed.next()?.count == 1)
    }

    private final class Taken: PeopleTaker {
        let people = Mutex<[FollowedPerson]>([])
        func take(_ person: FollowedPerson) { people.withLock { $0.append(person) } }
    }
    @Test func whoIsGoneIsTakenToTheHandlerThatHisAnalyticNames() async throws {
        let taken = Taken(), store = MemoryStore(), handler = UUID()
        let hub = EventHub(log: store, people: taken), feed = hub.subscribe(to: Self.stream.id)
        var ending = Self.update(.closed)
        ending.shots = [
            Event.Picture(
                role: .face([]), time: ending.time, facts: Presence.Count(people: 1),
                snapshot: Snapshot(mediaType: .jpeg, bytes: [1]))
        ]
        for named in [handler, nil] {
            let origin = EventOrigin(name: "presence", resultName: "crowd", handler: named)
            try await hub.sink(for: Self.stream).record([
                AnalyticUpdates(origin: origin, updates: [Self.update(.opened), ending])
            ])
        }
        let people = taken.people.withLock { $0 }
        #expect(people.map(\.handler) == [handler] && people.first?.eventID == ending.event.id)
        #expect(people.first?.shots.count == 1 && people.first?.stream.id == Self.stream.id)
        // Subscribers hold no pixels.
        for case .updates(let said) in try #require(await feed.next()) {
            #expect(said.flatMap(\.updates).allSatisfy { $0.shots.isEmpty })
        }
    }

    /// A reader that does not wait: it gets what may be told at this moment.
    private static func told(by feed: LiveFeed) async -> [LiveMessage]? {
        let reader = Task { await feed.next() }
        reader.cancel()
        return await reader.value
    }

    @Test func whatIsInMemoryAloneIsWithheldWithAllBehindIt() async throws {
        let log = FullDisk(), hub = EventHub(log: log), sink = hub.sink(for: Self.stream)
        let early = hub.subscribe(to: Self.stream.id), late = hub.subscribe(to: Self.stream.id)
        try await sink.record(Self.said(Self.update(.opened)))
        for frame in 0..<1000 { try await sink.record(Self.said(Self.update(.continued, frame: frame))) }
        let newcomer = hub.subscribe(to: Self.stream.id)
        try await sink.record(Self.said(Self.update(.continued)))
        try await sink.record(Self.said(Self.update(.closed)))
        hub.offer(.finished, to: Self.stream.id)
        #expect(await Self.told(by: early) == nil)
        #expect(await Self.told(by: newcomer) == nil)

        await log.become(durable: true)
        var messages: [LiveMessage] = []
        while let more = await late.next() { messages += more }
        let changes = Self.changes(messages)
        #expect(changes.first == .opened && changes.last == .closed && messages.count == changes.count + 1)
        #expect(late.droppedCount == 1003 - changes.count && late.droppedCount > 500)
        #expect(late.end == .streamEnded)
    }

    @Test func whatOneStreamHasInMemoryHoldsUpNoOther() async throws {
        let log = FullDisk(), hub = EventHub(log: log)
        let other = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: Self.stream.source, analytics: [], location: .emptyObject
        )
        try await hub.sink(for: Self.stream).record(Self.said(Self.update(.opened)))
        let feed = hub.subscribe(to: other.id)
        try await hub.sink(for: other).record(Self.said(Self.update(.continued)))
        #expect(await Self.told(by: feed)?.count == 1)
    }

    @Test func whatIsLostIsToldToNobody() async throws {
        let log = FullDisk(), hub = EventHub(log: log)
        let feed = hub.subscribe(to: Self.stream.id)
        try await hub.sink(for: Self.stream).record(Self.said(Self.update(.closed)))
        hub.offer(.finished, to: Self.stream.id)
        await log.become(durable: false)
        #expect(await feed.next() == nil)
        #expect(feed.end == .overflowed)
    }

    @Test func picturesDoNotWaitInTheQueuesOfSubscribers() async throws {
        let hub = EventHub(log: MemoryStore())
        let feed = hub.subscribe(to: Self.stream.id)
        var update = Self.update(.closed)
        update.event.pictures = [
            Event.Picture(
                role: .frame(member: "overview"), time: update.time, facts: Presence.Count(people: 1),
                snapshot: Snapshot(mediaType: .jpeg, bytes: [1]))
        ]
        try await hub.sink(for: Self.stream).record(Self.said(update))
        guard case .updates(let said)? = try #require(await feed.next()).first else {
            Issue.record("no update came")
            return
        }
        #expect(said[0].updates[0].event.pictures.isEmpty)
    }

    @Test func aSlowSubscriberLosesFramesAndNoBeginningOrEnd() async throws {
        let hub = EventHub(log: MemoryStore())
        let feed = hub.subscribe(to: Self.stream.id)
        let sink = hub.sink(for: Self.stream)
        for frame in 0..<1000 {
            try await sink.record(Self.said(Self.update(frame % 100 == 0 ? .opened : .continued, frame: frame)))
        }
        let changes = Self.changes(try #require(await feed.next()))
        #expect(changes.filter { $0 == .opened }.count == 10)
        #expect(feed.droppedCount == 1000 - changes.count)
        #expect(feed.droppedCount > 500)
        #expect(feed.end == nil)
    }

    @Test func aSubscriberThatIsHopelesslySlowIsToldSo() async throws {
        let hub = EventHub(log: MemoryStore())
        let feed = hub.subscribe(to: Self.stream.id)
        for _ in 0...LiveFeed.capacity {
            try await hub.sink(for: Self.stream).record(Self.said(Self.update(.opened)))
        }
        #expect(await feed.next()?.count == LiveFeed.capacity)
        #expect(await feed.next() == nil)
        #expect(feed.end == .overflowed)
    }

    @Test func afterTheLastMessageTheFeedEnds() async throws {
        let hub = EventHub(log: MemoryStore())
        let feed = hub.subscribe(to: Self.stream.id)
        hub.offer(.failed("broken"), to: Self.stream.id)
        hub.offer(.finished, to: Self.stream.id)
        #expect(await feed.next()?.count == 1)
        #expect(await feed.next() == nil)
        #expect(feed.end == .streamEnded)
        #expect(hub.subscriberCount(of: Self.stream.id) == 0)
    }

    @Test func aCancelledReaderStopsWaiting() async {
        let hub = EventHub(log: MemoryStore())
        let feed = hub.subscribe(to: Self.stream.id)
        let reader = Task { await feed.next() }
        reader.cancel()
        #expect(await reader.value == nil)
        #expect(feed.end == nil)
    }

    @Test func subscribersOfAnotherStreamHearNothing() async throws {
        let hub = EventHub(log: MemoryStore())
        let other = UUID()
        let feed = hub.subscribe(to: other)
        try await hub.sink(for: Self.stream).record(Self.said(Self.update(.opened)))
        hub.offer(.finished, to: other)
        #expect(await feed.next()?.count == 1)
        hub.unsubscribe(feed, from: other)
    }
}
