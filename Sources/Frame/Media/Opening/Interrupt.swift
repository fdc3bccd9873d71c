import CFFmpeg
import Foundation
import Scene

/// Ends FFmpeg's blocking calls: FFmpeg asks it several times a second whether to go on.
///
/// Shared by the thread that blocks, which arms the deadline, and whoever cancels or shortens it, who may be in another process.
package final class Interrupt: Sendable {
    private let board: SourceBoard
    private let wake = NSCondition()
    /// So often whoever waits looks whether another process has cancelled.
    private static let longestSleep = 0.1

    package init(_ board: SourceBoard = SourceBoard()) { self.board = board }

    package var isCancelled: Bool { board.flag(.cancelled) }
    /// Whether the armed time is over.
    var isOverdue: Bool { av_gettime_relative() &- board[.start] > allowed }
    /// How much time calls have, all together.
    var time: Duration { .microseconds(allowed) }
    private var allowed: Int64 { min(board[.patience], board[.limit]) }
    /// Asked by what goes on.
    var shouldStop: Bool {
        beat()
        return isCancelled || isOverdue
    }

    /// Gives the calls from now on so much time, all together.
    package func arm(_ patience: Duration) {
        board[.patience] = Self.microseconds(patience)
        board[.start] = av_gettime_relative()
        board[.beat] = board[.start]
    }
    /// The thread goes on.
    func beat() { board[.beat] = av_gettime_relative() }
    /// For how long the thread has not shown that it goes on.
    package var quiet: Duration { .microseconds(max(0, av_gettime_relative() &- board[.beat])) }
    /// Gives no calls more time than that, the one that blocks at the moment included.
    package func limit(to patience: Duration) { board[.limit] = Self.microseconds(patience) }
    private static func microseconds(_ duration: Duration) -> Int64 {
        Int64((min(max(duration, .zero), .longestCounted).seconds * 1e6).rounded())
    }
    package func cancel() {
        board.setFlag(.cancelled, true)
        wake.withLock { wake.broadcast() }
    }
    /// Blocks the calling thread until `time`, or until cancelled.
    func wait(until time: ContinuousClock.Instant) {
        wake.withLock {
            while !isCancelled {
                beat()
                let left = (time - .now).seconds
                guard left > 0 else { return }
                _ = wake.wait(until: Date() + min(left, Self.longestSleep))
            }
        }
    }
}
