import Records
import Synchronization

/// The queue between a running stream and one live subscriber. One consumer.
public final class LiveFeed: Sendable {
    /// Messages that may wait before even openings and closings can wait no longer.
    public static let capacity = 4096
    /// Messages that may wait before `continued` updates are dropped.
    static let continuedCapacity = 256

    public enum End: Sendable, Equatable {
        /// The stream ended; its last message was delivered.
        case streamEnded
        /// The subscriber was too slow to be told everything it must be told.
        case overflowed
    }
    private struct State {
        var waiting: [LiveMessage] = []
        var end: End?
        var dropped = 0
        var consumer: CheckedContinuation<Void, Never>?
        var isCancelled = false
    }
    private let state = Mutex(State())

    /// Messages that wait for the subscriber.
    var waitingCount: Int { state.withLock { $0.waiting.count } }
    public var droppedCount: Int { state.withLock { $0.dropped } }
    /// Why `next()` returned `nil`; `nil` while the feed is open or when its reader was cancelled.
    public var end: End? { state.withLock { $0.end } }

    /// All messages that wait, at least one; `nil` when the feed has ended or the calling task is cancelled.
    public func next() async -> [LiveMessage]? {
        await withTaskCancellationHandler {
            while true {
                let (messages, isOver) = state.withLock { state in
                    defer { state.waiting.removeAll(keepingCapacity: true) }
                    return (state.waiting, state.end != nil || state.isCancelled)
                }
                if !messages.isEmpty { return messages }
                if isOver { return nil }
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if !state.waiting.isEmpty || state.end != nil || state.isCancelled { return true }
                        state.consumer = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            }
        } onCancel: {
            wake { $0.isCancelled = true }
        }
    }

    func offer(_ message: LiveMessage) {
        wake { state in
            guard state.end == nil else { return }
            var message = message
            if case .updates(let updates) = message, state.waiting.count >= Self.continuedCapacity {
                let essential = updates.compactMap(\.essential)
                state.dropped += updates.reduce(0) { $0 + $1.updates.count }
                state.dropped -= essential.reduce(0) { $0 + $1.updates.count }
                guard !essential.isEmpty else { return }
                message = .updates(essential)
            }
            guard state.waiting.count < Self.capacity else {
                state.end = .overflowed
                return
            }
            state.waiting.append(message)
            switch message {
            case .failed, .finished: state.end = .streamEnded
            default: break
            }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let consumer = state.withLock { state in
            change(&state)
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume()
    }
}

extension AnalyticUpdates {
    /// Beginnings and ends alone; `nil` when there are none.
    fileprivate var essential: AnalyticUpdates? {
        let essential = updates.filter { $0.change != .continued }
        return essential.isEmpty ? nil : AnalyticUpdates(origin: origin, updates: essential)
    }
}
