import Foundation
import Frames
import Scene
import Testing

/// A picture that only tells whether it is still alive.
private final class Blank: Picture {
    let size = PixelSize(width: 1, height: 1)
    func draw(_ region: PixelRect, to target: PixelTarget) {}
    func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [])
    }
    func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [])
    }
}

private struct Broken: SourceFailure, Equatable {
    let isTransient = true
    let description = "It broke."
}

struct FrameBufferTests {
    private static func frame(_ index: Int) -> Frame {
        let time = FrameTime(index: index, pts: MediaTime(seconds: Double(index)), wallClock: .distantPast)
        return Frame(time: time, consumers: [], picture: Blank())
    }
    /// Runs `body` on a thread, as a producer would.
    private static func onThread(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread(body)
    }

    @Test func framesComeOutInOrderAndThenNil() async throws {
        let buffer = FrameBuffer(capacity: 3, policy: .wait)
        for index in 0..<3 { #expect(buffer.push(Self.frame(index))) }
        buffer.finish()
        for index in 0..<3 { #expect(try await buffer.next()?.time.index == index) }
        #expect(try await buffer.next() == nil)
        #expect(try await buffer.next() == nil)
        #expect(buffer.delivered == 3)
    }

    @Test func aWaitingProducerLosesNothing() async throws {
        let buffer = FrameBuffer(capacity: 2, policy: .wait)
        Self.onThread {
            for index in 0..<500 { _ = buffer.push(Self.frame(index)) }
            buffer.finish()
        }
        var seen: [Int] = []
        while let frame = try await buffer.next() { seen.append(frame.time.index) }
        #expect(seen == Array(0..<500))
        #expect(buffer.dropped == 0)
    }

    @Test func aLiveProducerNeverWaitsAndTheNewestFramesRemain() async throws {
        let buffer = FrameBuffer(capacity: 2, policy: .dropOldest)
        for index in 0..<10 { #expect(buffer.push(Self.frame(index))) }
        buffer.finish()
        #expect(buffer.dropped == 8)
        #expect(try await buffer.next()?.time.index == 8)
        #expect(try await buffer.next()?.time.index == 9)
        #expect(try await buffer.next() == nil)
    }

    @Test func aFailureFollowsTheFramesThatCameBeforeIt() async throws {
        let buffer = FrameBuffer(capacity: 2, policy: .wait)
        _ = buffer.push(Self.frame(0))
        buffer.finish(Broken())
        #expect(try await buffer.next()?.time.index == 0)
        await #expect(throws: Broken()) { try await buffer.next() }
    }

    @Test func cancellingEndsAProducerThatWaitsForRoom() async throws {
        let buffer = FrameBuffer(capacity: 1, policy: .wait)
        let (results, continuation) = AsyncStream.makeStream(of: Bool.self)
        Self.onThread {
            continuation.yield(buffer.push(Self.frame(0)))
            continuation.yield(buffer.push(Self.frame(1)))
            continuation.finish()
        }
        var iterator = results.makeAsyncIterator()
        #expect(await iterator.next() == true)
        buffer.cancel()
        #expect(await iterator.next() == false)
        await #expect(throws: CancellationError.self) { try await buffer.next() }
    }

    @Test func cancellingTheTaskEndsItsWait() async throws {
        let buffer = FrameBuffer(capacity: 1, policy: .wait)
        let task = Task { try await buffer.next() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!buffer.push(Self.frame(0)))
    }

    @Test func cancellingForgetsTheFramesHeld() {
        let buffer = FrameBuffer(capacity: 2, policy: .wait)
        weak var picture: Blank?
        do {
            let blank = Blank()
            picture = blank
            let time = FrameTime(index: 0, pts: .zero, wallClock: .distantPast)
            _ = buffer.push(Frame(time: time, consumers: [], picture: blank))
        }
        #expect(picture != nil)
        buffer.cancel()
        #expect(picture == nil)
    }
}
