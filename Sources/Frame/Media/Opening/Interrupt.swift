import CFFmpeg
import Foundation
import Scene
import Synchronization

/// Ends FFmpeg's blocking calls: FFmpeg asks it several times a second whether to go on.
///
/// Shared by the thread that blocks, which arms the deadline, and whoever cancels.
final class Interrupt: Sendable {
    private let deadline = Atomic<Int64>(.max)
    private let cancelled = Atomic<Bool>(false)
    private let wake = NSCondition()

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
    /// Whether the armed time is over.
    var isOverdue: Bool { av_gettime_relative() > deadline.load(ordering: .relaxed) }
    var shouldStop: Bool { isCancelled || isOverdue }

    /// Gives the calls from now on so much time, all together.
    func arm(_ patience: Duration) {
        deadline.store(av_gettime_relative() + Int64(patience.seconds * 1e6), ordering: .relaxed)
    }
    func cancel() {
        cancelled.store(true, ordering: .releasing)
        wake.withLock { wake.broadcast() }
    }
    /// Blocks the calling thread until `time`, or until cancelled.
    func wait(until time: Date) {
        wake.withLock {
            while !isCancelled, wake.wait(until: time) {}
        }
    }
}
