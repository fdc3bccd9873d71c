import Foundation
import JSON
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Streams

struct LatestFramesTests {
    private static let stream = UUID()
    private let hub = EventHub(log: NoLog())
    private struct NoLog: EventLog {
        func record(
            _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
        ) -> EventTicket? { nil }
        func untilDurable(_ ticket: EventTicket) -> Bool { true }
    }

    private func offer(_ change: EventUpdate.Change, of event: UUID, frame: Int) {
        let time = FrameTime(index: frame, pts: MediaTime(seconds: Double(frame)), wallClock: .now)
        let update = EventUpdate(
            event: Event(
                id: event, trackID: event, type: "presence", begin: time, end: time, facts: Presence.Count(people: 1)),
            change: change, status: .inProgress, isReported: false, time: time, live: Presence.Count(people: 1))
        let origin = EventOrigin(name: "presence", resultName: "crowd")
        hub.offer(.updates([AnalyticUpdates(origin: origin, updates: [update])]), to: Self.stream)
    }
    /// Of which events, and of which frames, or the error.
    private func taken(_ frames: LatestFrames) -> [String] {
        frames.take().map { news in
            switch news {
            case .update(let update, let event): "\(event) \(update.updates[0].time.index)"
            case .error(_, let text): text
            }
        }
    }

    @Test func aSlowReaderIsToldTheLatestFrameOfEachEvent() {
        let frames = hub.frames(of: Self.stream) {}
        let (first, second) = (UUID(), UUID())
        for frame in 1...1000 { offer(.continued, of: frame % 2 == 0 ? first : second, frame: frame) }
        for frame in 1...3 { hub.offer(.analyticError(resultName: "crowd", "frame \(frame)"), to: Self.stream) }
        #expect(taken(frames) == ["\(second) 999", "\(first) 1000", "frame 3"])
        #expect(taken(frames).isEmpty && frames.droppedCount == 1000)
    }

    @Test func framesOfAnEventThatHasEndedAreLetGo() {
        let frames = hub.frames(of: Self.stream) {}
        let event = UUID()
        offer(.continued, of: event, frame: 1)
        offer(.closed, of: event, frame: 1)
        #expect(taken(frames).isEmpty)
    }

    @Test func whatWaitsIsBounded() {
        let frames = hub.frames(of: Self.stream) {}
        for frame in 0..<LatestFrames.capacity + 10 { offer(.continued, of: UUID(), frame: frame) }
        #expect(taken(frames).count == LatestFrames.capacity && frames.droppedCount == 10)
    }

    @Test func aReaderIsWokenAlsoWhenARunEndsAndOutlivesIt() {
        let wakes = Mutex(0)
        let frames = hub.frames(of: Self.stream) { wakes.withLock { $0 += 1 } }
        hub.begin(Self.stream)
        hub.begin(Self.stream)
        hub.end(Self.stream, .finished)
        #expect(hub.isRunning(Self.stream) && wakes.withLock { $0 } == 1)
        hub.end(Self.stream, .finished)
        #expect(!hub.isRunning(Self.stream) && wakes.withLock { $0 } == 2)
        offer(.continued, of: UUID(), frame: 1)
        #expect(taken(frames).count == 1 && hub.subscriberCount(of: Self.stream) == 1)
        hub.forget(frames, of: Self.stream)
        #expect(hub.subscriberCount(of: Self.stream) == 0)
    }
}
