import Foundation

/// Hands frames from the one thread that decodes them to the one task that looks at them, in order.
///
/// Bounded: what happens when it is full is the `Policy`. The lock guards only the queue; nobody waits for anything
/// else while holding it.
///
/// `@unchecked Sendable` holds because every stored variable is touched only under `condition`.
public final class FrameBuffer: @unchecked Sendable {
    public enum Policy: Sendable {
        /// The producer waits for room: nothing is lost. For files.
        case wait
        /// The oldest frame is forgotten and counted: the producer never waits. For live sources.
        case dropOldest
    }
    private enum Ending {
        case end, cancelled
        case failure(any SourceFailure)
    }

    private let capacity: Int
    private let policy: Policy
    private let condition = NSCondition()
    private var frames: [Frame] = []
    private var ending: Ending?
    private var waiter: CheckedContinuation<Frame?, any Error>?
    private var counts = (delivered: 0, dropped: 0)

    /// - Parameter capacity: frames held at most; at least 1. A frame keeps its decoder's memory, 3 MB at 1080p.
    public init(capacity: Int, policy: Policy) {
        precondition(capacity > 0, "a frame buffer holds at least one frame")
        (self.capacity, self.policy) = (capacity, policy)
        frames.reserveCapacity(capacity)
    }

    /// Frames that `next()` returned.
    public var delivered: Int { condition.withLock { counts.delivered } }
    /// Frames that were forgotten because the consumer was slow.
    public var dropped: Int { condition.withLock { counts.dropped } }

    /// Frames that wait for `next()` now.
    public var waiting: Int { condition.withLock { frames.count } }

    /// Adds `frame`; with `.wait`, blocks the calling thread until there is room. Never call it from a task.
    /// - Returns: false when the buffer was cancelled or finished, so that the producer may stop.
    public func push(_ frame: Frame) -> Bool {
        condition.lock()
        while policy == .wait, frames.count >= capacity, ending == nil { condition.wait() }
        guard ending == nil else {
            condition.unlock()
            return false
        }
        if let waiter = takeWaiter() {
            counts.delivered += 1
            condition.unlock()
            waiter.resume(returning: frame)
            return true
        }
        if frames.count >= capacity {
            frames.removeFirst()
            counts.dropped += 1
        }
        frames.append(frame)
        condition.unlock()
        return true
    }

    /// Says that no frame follows. Frames still held are delivered first, then `failure` is thrown, if any.
    /// The first ending counts.
    public func finish(_ failure: (any SourceFailure)? = nil) {
        end(failure.map(Ending.failure) ?? .end)
    }

    /// Ends both sides at once and forgets the frames still held. `next()` throws `CancellationError` from now on.
    public func cancel() {
        end(.cancelled)
    }

    /// The next frame, or `nil` after the last one. One caller at a time.
    ///
    /// A cancelled task cancels the buffer, as nobody else reads it.
    /// - Throws: the failure that `finish` was given; `CancellationError`.
    public func next() async throws -> Frame? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                take(continuation)
            }
        } onCancel: {
            cancel()
        }
    }

    private func take(_ continuation: CheckedContinuation<Frame?, any Error>) {
        condition.lock()
        precondition(waiter == nil, "one caller at a time may wait for a frame")
        if !frames.isEmpty {
            let frame = frames.removeFirst()
            counts.delivered += 1
            condition.signal()
            condition.unlock()
            continuation.resume(returning: frame)
        } else if let ending {
            condition.unlock()
            Self.resume(continuation, with: ending)
        } else {
            waiter = continuation
            condition.unlock()
        }
    }

    private func end(_ newEnding: Ending) {
        condition.lock()
        var forgotten: [Frame] = []  // released after the lock: freeing pictures takes time
        if case .cancelled = newEnding {
            swap(&forgotten, &frames)
            ending = .cancelled
        } else if ending == nil {
            ending = newEnding
        }
        let waiter = takeWaiter()
        let ending = ending ?? newEnding
        condition.broadcast()
        condition.unlock()
        if let waiter { Self.resume(waiter, with: ending) }
    }

    private func takeWaiter() -> CheckedContinuation<Frame?, any Error>? {
        defer { waiter = nil }
        return waiter
    }

    private static func resume(_ continuation: CheckedContinuation<Frame?, any Error>, with ending: Ending) {
        switch ending {
        case .end: continuation.resume(returning: nil)
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .failure(let failure): continuation.resume(throwing: failure)
        }
    }
}
