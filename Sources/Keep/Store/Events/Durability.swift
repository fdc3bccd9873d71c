import Records
import Synchronization

/// Up to which ticket all that went into memory has reached the disk, and who waits for that.
final class Durability: Sendable {
    fileprivate struct State {
        var durable = EventTicket(0)
        var isOver = false
        var waiting: [Int: (ticket: EventTicket, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var cancelled: Set<Int> = []
        var lastWaiter = 0
    }
    private let state = Mutex(State())

    /// All up to `ticket` is on disk.
    func advance(to ticket: EventTicket) {
        let done = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            guard ticket > state.durable else { return [] }
            state.durable = ticket
            return state.takeWaiting { $0 <= ticket }
        }
        for continuation in done { continuation.resume(returning: true) }
    }
    /// What is not on disk never will be.
    func end() {
        let done = state.withLock { state in
            state.isOver = true
            return state.takeWaiting { _ in true }
        }
        for continuation in done { continuation.resume(returning: false) }
    }

    /// As `EventLog.untilDurable` says.
    func until(_ ticket: EventTicket) async -> Bool {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        defer { state.withLock { _ = $0.cancelled.remove(waiter) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if ticket <= state.durable { return true }
                    if state.isOver || state.cancelled.contains(waiter) { return false }
                    state.waiting[waiter] = (ticket, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.cancelled.insert(waiter)
                return state.waiting.removeValue(forKey: waiter)
            }
            waiting?.continuation.resume(returning: false)
        }
    }
}

extension Durability.State {
    fileprivate mutating func takeWaiting(
        _ isTaken: (EventTicket) -> Bool
    ) -> [CheckedContinuation<Bool, Never>] {
        let taken = waiting.filter { isTaken($0.value.ticket) }
        for waiter in taken.keys { waiting[waiter] = nil }
        return taken.values.map(\.continuation)
    }
}
