import CFFmpeg
import Foundation
import Scene
import Synchronization

/// Ends FFmpeg's blocking calls: FFmpeg asks it several times a second whether to go on.
///
/// Shared by the thread that blocks, which arms the deadline, and whoever cancels or shortens it.
final class Interrupt: Sendable {
    /// In microseconds, on FFmpeg's clock.
    private let start = Atomic<Int64>(0), patience = Atomic<Int64>(.max), limit = Atomic<Int64>(.max)
    private let cancelled = Atomic<Bool>(false)
    private let wake = NSCondition()

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
    /// Whether the armed time is over.
    var isOverdue: Bool { av_gettime_relative() - start.load(ordering: .relaxed) > allowed }
    /// How much time calls have, all together.
    var time: Duration { .microseconds(allowed) }
    private var allowed: Int64 { min(patience.load(ordering: .relaxed), limit.load(ordering: .relaxed)) }
    var shouldStop: Bool { isCancelled || isOverdue }

    /// Gives the calls from now on so much time, all together.
    func arm(_ patience: Duration) {
        self.patience.store(Self.microseconds(patience), ordering: .relaxed)
        start.store(av_gettime_relative(), ordering: .relaxed)
    }
    /// Gives no calls more time than that, the one that blocks at the moment included.
    func limit(to patience: Duration) { limit.store(Self.microseconds(patience), ordering: .relaxed) }
    private static func microseconds(_ duration: Duration) -> Int64 { Int64((duration.seconds * 1e6).rounded()) }
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
