import Foundation
import Synchronization

@testable import Notifications

/// A time of day that a test holds: it goes on only when told to, and who sleeps wakes when his time has come.
final class HeldTime: Sendable {
    private struct Sleeper {
        let until: Date
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var now = Date(timeIntervalSince1970: 1_715_418_701)
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }
    private let state = Mutex(State())

    var now: Date { state.withLock { $0.now } }
    /// When those who sleep will wake.
    var alarms: [Date] { state.withLock { $0.sleepers.values.map(\.until).sorted() } }

    var timepiece: Timepiece {
        Timepiece(now: { self.now }, sleepUntil: { try await self.sleep(until: $0) })
    }

    func advance(by seconds: Double) { advance(to: now + seconds) }
    func advance(to time: Date) {
        let woken = state.withLock { state in
            state.now = max(state.now, time)
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for sleeper in woken { sleeper.resume() }
    }

    private func sleep(until: Date) async throws {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(key) != nil { return .failure(CancellationError()) }
                    guard until > state.now else { return .success(()) }
                    state.sleepers[key] = Sleeper(until: until, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: key)
                if sleeper == nil { state.cancelled.insert(key) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
