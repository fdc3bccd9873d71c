import CFFmpeg
package import Frames
package import Records
import Scene
import Synchronization

/// Where the thread of a source puts what it makes. Its methods are called on that thread.
protocol SourceOutlet: AnyObject {
    var board: SourceBoard { get }
    var interrupt: Interrupt { get }
    var budget: PictureBudget { get }
    /// Where the decoder's frames come from.
    var shells: FrameShells { get }
    /// Where pictures lie; `nil`: in this process's own memory.
    var arena: (any PictureArena)? { get }
    /// The source is open. Said again when more is known.
    func opened(_ properties: SourceProperties)
    /// Takes a frame that somebody wants.
    /// - Parameter frame: one of `shells`.
    /// - Returns: false when nobody wants more.
    func deliver(
        _ frame: UnsafeMutablePointer<AVFrame>, _ presentation: Presentation, _ time: FrameTime,
        _ consumers: ConsumerSet
    ) -> Bool
    /// Takes a piece of the coded video, which somebody has asked for.
    func pass(_ piece: VideoPiece)
    /// Nothing follows.
    func finish(_ error: MediaError?, whileOpening: Bool)
}
extension SourceOutlet {
    var arrivals: Arrivals { Arrivals(board: board) }
}

/// What whoever uses a source sees of it, wherever it is decoded.
package final class SourceState: Sendable {
    private enum Opening {
        case pending, waiting(CheckedContinuation<Void, any Error>), finished(Result<Void, any Error>)
    }
    private let opening = Mutex(Opening.pending)
    private let facts: Mutex<SourceProperties>
    private struct Passing {
        var watcher: (@Sendable (VideoPiece) -> Void)?
        /// Each watcher's own, so that what is coded begins anew with him.
        var number: Int64 = 0
    }
    private let passing = Mutex(Passing())

    package let board: SourceBoard
    package let interrupt: Interrupt
    package let buffer: FrameBuffer

    /// Of a source of that kind.
    package init(_ kind: SourceSpecification.Kind, configuration: MediaConfiguration, board: SourceBoard) {
        buffer =
            switch kind {
            case .stream: FrameBuffer(capacity: max(1, configuration.liveCapacity), policy: .dropOldest)
            case .file: FrameBuffer(capacity: max(1, configuration.fileCapacity), policy: .wait)
            }
        (self.board, interrupt) = (board, Interrupt(board))
        facts = Mutex(
            SourceProperties(
                size: PixelSize(width: 0, height: 0), frameRate: nil, duration: nil, frameCount: nil, codec: ""))
    }

    package var properties: SourceProperties {
        get { facts.withLock { $0 } }
        set { facts.withLock { $0 = newValue } }
    }
    package var statistics: SourceStatistics {
        let arrivals = Arrivals(board: board)
        var statistics = SourceStatistics()
        statistics.framesDecoded = board.count(.framesDecoded)
        statistics.packetsCorrupt = board.count(.packetsCorrupt)
        statistics.packetsLost = board.count(.packetsLost)
        statistics.formatChanges = board.count(.formatChanges)
        (statistics.framesDelivered, statistics.framesDropped) = (buffer.delivered, buffer.dropped)
        statistics.framesWaiting = buffer.waiting
        statistics.pictureBytes = board.count(.pictureBytes)
        (statistics.packetsRead, statistics.silence) = (arrivals.count, arrivals.silence)
        if statistics.silence != nil { statistics.patience = interrupt.time }
        return statistics
    }

    package func passVideo(to watcher: (@Sendable (VideoPiece) -> Void)?) {
        passing.withLock { passing in
            passing.watcher = watcher
            if watcher != nil { passing.number += 1 }
            board[.videoWanted] = watcher == nil ? 0 : passing.number
        }
    }
    /// Hands a piece to whoever has asked for video. One thread calls.
    package func pass(_ piece: VideoPiece) { passing.withLock { $0.watcher }?(piece) }

    /// Says once whether the source is open; later words are not heard.
    package func opened(_ result: Result<Void, any Error>) {
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
    package func waitUntilOpen() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = opening.withLock { opening -> Result<Void, any Error>? in
                if case .finished(let result) = opening { return result }
                opening = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Nothing follows.
    package func finish(_ error: (any SourceFailure)?) {
        if let error { opened(.failure(error)) }
        buffer.finish(error)
        opened(.success(()))
    }

    /// Ends everything soon: what waits here ends at once, what waits in FFmpeg when it asks next.
    package func cancel() {
        interrupt.cancel()
        buffer.cancel()
        opened(.failure(CancellationError()))
    }
}
