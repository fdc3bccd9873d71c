import Foundation
import Frames
import Scene
import Synchronization

/// What the thread of a source shares with whoever uses the source.
final class SourceState: Sendable {
    private enum Opening {
        case pending, waiting(CheckedContinuation<Void, any Error>), finished(Result<Void, any Error>)
    }
    private let opening = Mutex(Opening.pending)
    private let counters = Mutex(SourceStatistics())
    private let facts: Mutex<SourceProperties>

    let interrupt = Interrupt()
    let arrivals = Arrivals()
    let buffer: FrameBuffer
    let budget: PictureBudget

    init(buffer: FrameBuffer, budget: PictureBudget) {
        (self.buffer, self.budget) = (buffer, budget)
        facts = Mutex(
            SourceProperties(
                size: PixelSize(width: 0, height: 0), frameRate: nil, duration: nil, frameCount: nil, codec: ""))
    }

    var properties: SourceProperties {
        get { facts.withLock { $0 } }
        set { facts.withLock { $0 = newValue } }
    }
    var statistics: SourceStatistics {
        get {
            var statistics = counters.withLock { $0 }
            (statistics.framesDelivered, statistics.framesDropped) = (buffer.delivered, buffer.dropped)
            statistics.framesWaiting = buffer.waiting
            statistics.pictureBytes = budget.bytes
            (statistics.packetsRead, statistics.silence) = (arrivals.count, arrivals.silence)
            if statistics.silence != nil { statistics.patience = interrupt.time }
            return statistics
        }
        set { counters.withLock { $0 = newValue } }
    }

    /// Says once whether the source is open; later words are not heard.
    func opened(_ result: Result<Void, any Error>) {
        let waiting = opening.withLock { opening -> CheckedContinuation<Void, any Error>? in
            switch opening {
            case .pending:
                opening = .finished(result)
                return nil
            case .waiting(let continuation):
                opening = .finished(result)
                return continuation
            case .finished:
                return nil
            }
        }
        waiting?.resume(with: result)
    }

    /// Returns when the source is open.
    func waitUntilOpen() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = opening.withLock { opening -> Result<Void, any Error>? in
                if case .finished(let result) = opening { return result }
                opening = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Ends everything soon: what waits here ends at once, what waits in FFmpeg when it asks next.
    func cancel() {
        interrupt.cancel()
        buffer.cancel()
        opened(.failure(CancellationError()))
    }
}
