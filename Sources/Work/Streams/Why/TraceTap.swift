import Foundation
import Frames
import Pipeline
import Records
import Scene
import Synchronization

/// Remembers what a stream's analytics saw and made of it, and keeps the traces of events that have ended.
///
/// What the store does not take waits in memory, up to a limit, and is tried again: no frame waits for it.
final class TraceTap: FrameTap {
    private static let interval = Duration.seconds(1)
    /// For the store, when a stream ends.
    private static let lastPatience = Duration.seconds(1)
    /// Traces that wait for the store.
    private static let limit = 100
    /// How often a trace is offered whose event is not in the database.
    private static let tries = 600

    fileprivate struct Waiting {
        let trace: EventTrace
        var tries = 0
    }
    fileprivate struct State {
        var witness: FrameWitness?
        var trace: StreamTrace?
        var waiting: [Waiting] = []
        var end: Date?
    }
    private let stream: StreamDefinition
    private let limits: TraceLimits
    private let begin = Date.now
    private let keep: (@Sendable ([KeptTrace]) async throws -> [KeptTrace])?
    private let state = Mutex(State())

    /// - Parameter keep: gives back those whose events are not there yet; `nil`: nothing is kept.
    init(
        of stream: StreamDefinition, limits: TraceLimits,
        keep: (@Sendable ([KeptTrace]) async throws -> [KeptTrace])?
    ) {
        (self.stream, self.limits, self.keep) = (stream, limits, keep)
    }

    /// When the stream ended, if it has.
    var end: Date? { state.withLock { $0.end } }
    func isOpen(during window: ClosedRange<Date>) -> Bool {
        begin <= window.upperBound && (end ?? .distantFuture) >= window.lowerBound
    }

    // MARK: What is seen

    /// The stream is about to be looked at, as planned.
    func begin(_ plan: Plan) {
        let witness = FrameWitness(plan)
        state.withLock { state in
            state.trace = StreamTrace(
                stream: stream.id, account: stream.accountID, rules: witness.rules, limits: limits)
            state.witness = witness
        }
    }
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        state.withLock { state in
            for result in results {
                guard let trace = state.witness?.trace(frame, result) else { return }
                let origin = result.updates.origin
                let closed = state.trace?.take(trace, of: origin.index, updates: result.updates.updates) ?? []
                state.queue(closed, limit: Self.limit)
            }
        }
    }
    func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {
        state.withLock { $0.trace?.fail(analytic.index, at: frame.time, reason) }
    }
    /// The source has ended, and its events with it.
    func pause() {
        state.withLock { state in
            let closed = state.trace?.pause() ?? []
            state.queue(closed, limit: Self.limit)
        }
    }
    /// Says why the source is gone.
    func lose(_ reason: String) { state.withLock { $0.trace?.lose(reason) } }

    // MARK: What is known

    func trace(of event: UUID) -> EventTrace? {
        state.withLock { state in
            state.trace?.openTrace(of: event) ?? state.waiting.first { $0.trace.id == event }?.trace
        }
    }
    func moment(_ window: ClosedRange<Date>, now: Date) -> [MomentTrace] {
        let trace = state.withLock { $0.trace }
        return trace?.moment(window, now: end ?? now) ?? []
    }

    // MARK: What is kept

    /// Keeps what has ended, again and again, until the task is cancelled.
    func keepRepeatedly() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { await keepWaiting() }
    }
    /// Keeps all that has ended. Returns in a moment, also when the store does not answer: then it may be lost.
    func finish() async {
        pause()
        state.withLock { $0.end = .now }
        guard state.withLock({ !$0.waiting.isEmpty }) else { return }
        await briefly(Self.lastPatience) { await self.keepWaiting() }
    }
    private func keepWaiting() async {
        guard let keep else { return }
        let waiting = state.withLock { $0.waiting.map(\.trace) }
        guard !waiting.isEmpty, let early = try? await keep(waiting.map(KeptTrace.init)) else { return }
        let offered = Set(waiting.map(\.id)), left = Set(early.map(\.event))
        state.withLock { state in
            state.waiting = state.waiting.compactMap { waiting in
                guard offered.contains(waiting.trace.id) else { return waiting }
                guard left.contains(waiting.trace.id), waiting.tries < Self.tries else { return nil }
                return Waiting(trace: waiting.trace, tries: waiting.tries + 1)
            }
        }
    }
}

extension TraceTap.State {
    fileprivate mutating func queue(_ closed: [EventTrace], limit: Int) {
        guard !closed.isEmpty else { return }
        waiting += closed.map { TraceTap.Waiting(trace: $0) }
        if waiting.count > limit { waiting.removeFirst(waiting.count - limit) }
    }
}
