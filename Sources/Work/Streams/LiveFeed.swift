import Records
import Synchronization

/// The queue between a running stream and one live subscriber. One consumer.
///
/// What is behind something that is in memory alone waits until that is on disk, and all that comes later waits behind it.
public final class LiveFeed: Sendable {
    /// Messages that may wait before even openings and closings can wait no longer.
    public static let capacity = 4096
    /// Messages that may wait before `continued` updates are dropped.
    static let continuedCapacity = 256

    public enum End: Sendable, Equatable {
        /// The stream ended; its last message was delivered.
        case streamEnded
        /// The subscriber cannot be told everything it must be told: it was too slow, or some of it was lost.
        case overflowed
    }
    fileprivate struct State {
        var waiting: [(message: LiveMessage, ticket: EventTicket?)] = []
        /// All up to this is on disk.
        var durable = EventTicket(0)
        var end: End?
        var dropped = 0
        var consumer: CheckedContinuation<Void, Never>?
        var isCancelled = false
    }
    private let state = Mutex(State())
    private let untilDurable: @Sendable (EventTicket) async -> Bool

    /// - Parameter untilDurable: as `EventLog` says.
    init(untilDurable: @escaping @Sendable (EventTicket) async -> Bool) { self.untilDurable = untilDurable }

    /// Messages that wait for the subscriber.
    var waitingCount: Int { state.withLock { $0.waiting.count } }
    public var droppedCount: Int { state.withLock { $0.dropped } }
    /// Why `next()` returned `nil`; `nil` while the feed is open or when its reader was cancelled.
    public var end: End? { state.withLock { $0.end } }

    fileprivate enum Step {
        case deliver([LiveMessage])
        case hold(EventTicket)
        case wait, end
    }

    /// All messages that wait and may be told, at least one; `nil` when the feed has ended or the calling task is cancelled.
    public func next() async -> [LiveMessage]? {
        await withTaskCancellationHandler {
            while true {
                switch state.withLock({ $0.step() }) {
                case .deliver(let messages): return messages
                case .hold(let ticket):
                    let isDurable = await untilDurable(ticket)
                    state.withLock { $0.release(ticket, isDurable) }
                case .wait: await somethingNew()
                case .end: return nil
                }
            }
        } onCancel: {
            wake { $0.isCancelled = true }
        }
    }
    private func somethingNew() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.waiting.isEmpty || state.end != nil || state.isCancelled { return true }
                state.consumer = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// - Parameter ticket: of what must be on disk before this is told.
    func offer(_ message: LiveMessage, behind ticket: EventTicket?) {
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
            state.waiting.append((message, ticket))
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

extension LiveFeed.State {
    /// What a reader does next; what is delivered no longer waits.
    fileprivate mutating func step() -> LiveFeed.Step {
        let free = waiting.prefix { ($0.ticket ?? durable) <= durable }
        if !free.isEmpty {
            defer { waiting.removeFirst(free.count) }
            return .deliver(free.map(\.message))
        }
        if isCancelled { return .end }
        if let ticket = waiting.first?.ticket { return .hold(ticket) }
        return end == nil ? .wait : .end
    }
    fileprivate mutating func release(_ ticket: EventTicket, _ isDurable: Bool) {
        if isDurable {
            durable = max(durable, ticket)
        } else if !isCancelled {
            (waiting, end) = ([], .overflowed)
        }
    }
}

extension AnalyticUpdates {
    /// Beginnings and ends alone; `nil` when there are none.
    fileprivate var essential: AnalyticUpdates? {
        let essential = updates.filter { $0.change != .continued }
        return essential.isEmpty ? nil : AnalyticUpdates(origin: origin, updates: essential)
    }
}
