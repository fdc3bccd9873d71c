import Foundation
import JSON
import Logging
import Records
import Scene
import Synchronization
import Testing

@testable import Streams

struct HandlerQueueTests {
    private struct Refused: Error {}
    private static func person(_ number: Int) -> FollowedPerson {
        let time = FrameTime(index: number, pts: MediaTime(nanoseconds: 0), wallClock: .now)
        let stream = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1,
            source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"), analytics: [],
            location: .emptyObject)
        return FollowedPerson(
            handler: UUID(), stream: stream, eventID: UUID(), trackID: UUID(), begin: time, end: time, shots: [])
    }

    @Test func peopleAreServedInTheirOrderAndWhomAHandlerRefusesHoldsNobodyUp() async throws {
        let served = Mutex<[Int]>([])
        let (done, end) = AsyncStream<Void>.makeStream()
        let queue = HandlerQueue(logger: Logger(label: "test")) { person in
            served.withLock { $0.append(person.end.index) }
            if person.end.index == 3 { end.finish() }
            if person.end.index == 1 { throw Refused() }
        }
        for number in 1...3 { queue.take(Self.person(number)) }
        let running = Task { await queue.run() }
        for await _ in done {}
        running.cancel()
        #expect(served.withLock { $0 } == [1, 2, 3] && queue.droppedCount == 0)
    }

    @Test func whoHasWaitedLongestIsLeftOutWhenTooManyWait() {
        let queue = HandlerQueue(logger: Logger(label: "test")) { _ in }
        for number in 0..<HandlerQueue.capacity + 5 { queue.take(Self.person(number)) }
        #expect(queue.droppedCount == 5)
    }
}
