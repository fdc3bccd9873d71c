import Analytics
import Foundation
import Frames
import JSON
import Pipeline
import Records
import Scene
import Synchronization

/// Counts people over time, for each analytic of a stream that is there to count them, and keeps the minutes that are over.
///
/// What the store does not take waits in memory, up to a limit, and is tried again: no frame waits for it.
final class CountTap: FrameTap {
    /// Between two frames of one analytic, where its rate does not ask for more.
    private static let patience = Duration.seconds(10)
    private static let interval = Duration.seconds(5)
    /// For the store, when a stream ends.
    private static let lastPatience = Duration.seconds(1)
    /// Of minutes that wait; a day of one analytic.
    private static let limit = 1440

    private let stream: StreamDefinition
    private let keep: @Sendable ([PeopleMinute]) async throws -> Void
    private let states: any PeopleStates
    private let isHeard: Bool
    private struct State {
        var counters: [Int: (series: CountSeries, counter: MinuteCounter)] = [:]
        var waiting: [PeopleMinute] = []
    }
    private let state = Mutex(State())

    /// - Parameter states: is told each count.
    init(
        of stream: StreamDefinition, states: any PeopleStates,
        keep: @escaping @Sendable ([PeopleMinute]) async throws -> Void
    ) {
        (self.stream, self.states, self.keep) = (stream, states, keep)
        isHeard = states.wants(stream)
    }

    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        for result in results where isHeard && result.marking == .people {
            states.see(result.observation.headcount.count, by: result.updates.origin.index, of: stream)
        }
        state.withLock { state in
            for result in results where result.marking == .people {
                let index = result.updates.origin.index
                var (series, counter) = state.counters[index] ?? begin(index)
                let over = counter.see(result.observation.headcount.count, at: frame.time.wallClock)
                state.counters[index] = (series, counter)
                state.waiting += over.map { PeopleMinute(series: series, minute: $0.minute, count: $0.count) }
            }
        }
    }
    /// The source has ended; what comes after it is not joined to what was before.
    func pause() {
        if isHeard { states.rest(stream) }
        state.withLock { state in
            for (series, var counter) in state.counters.values {
                let over = counter.finish()
                state.waiting += over.map { PeopleMinute(series: series, minute: $0.minute, count: $0.count) }
            }
            state.counters = [:]
        }
    }

    /// Keeps what is over, again and again, until the task is cancelled.
    func keepRepeatedly() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { await keepWaiting() }
    }
    /// Keeps all that was counted. Returns in a moment, also when the store does not answer: then it may be lost.
    func keepAll() async {
        pause()
        guard state.withLock({ !$0.waiting.isEmpty }) else { return }
        await briefly(Self.lastPatience) { await self.keepWaiting() }
    }
    private func keepWaiting() async {
        let minutes = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        guard !minutes.isEmpty else { return }
        do { try await keep(minutes) } catch {
            state.withLock { $0.waiting = Array((minutes + $0.waiting).suffix(Self.limit)) }
        }
    }

    private func begin(_ index: Int) -> (CountSeries, MinuteCounter) {
        let parameters = index < stream.analytics.count ? stream.analytics[index].parameters["parameters"] : nil
        let droi = parameters?["droi"].flatMap { $0 == .null ? nil : JSONText($0) }
        let rate = parameters?["rate"]
        let asked = rate?["unit"] == "second" ? Duration.seconds(1.5 * (rate?["period"]?.double ?? 0)) : .zero
        return (
            CountSeries(streamID: stream.id, accountID: stream.accountID, analytic: index, droi: droi),
            MinuteCounter(patience: max(Self.patience, asked))
        )
    }
}
