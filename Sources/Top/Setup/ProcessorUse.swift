import Foundation
import Synchronization

/// How busy the daemon keeps the processor, with those that decode for it.
public final class ProcessorUse: Sendable {
    private struct Sample {
        var time: ContinuousClock.Instant
        var seconds: Double
    }
    private struct State {
        var latest: Sample
        var percent: Double?
    }
    private let cpuSeconds: @Sendable () -> Double
    private let state: Mutex<State>

    /// - Parameter cpuSeconds: processor time taken so far.
    public init(
        at now: ContinuousClock.Instant = .now,
        cpuSeconds: @escaping @Sendable () -> Double = { ProcessFamily.cpuSeconds }
    ) {
        self.cpuSeconds = cpuSeconds
        state = Mutex(State(latest: Sample(time: now, seconds: cpuSeconds())))
    }

    /// Since somebody asked the last time, but for a second at least: 100 is one core. `nil` in the first second.
    public func percent(at now: ContinuousClock.Instant = .now) -> Double? {
        let known = state.withLock { $0 }
        guard now - known.latest.time >= .seconds(1) else { return known.percent }
        let sample = Sample(time: now, seconds: cpuSeconds())
        return state.withLock { state in
            let time = (sample.time - state.latest.time) / .seconds(1)
            // Somebody else has asked meanwhile.
            guard time > 0 else { return state.percent }
            // Less than before where one that decoded has ended and nobody has buried it yet.
            state.percent = max(0, sample.seconds - state.latest.seconds) / time * 100
            state.latest = sample
            return state.percent
        }
    }
}

/// What the machine says of itself.
public enum Machine {
    /// Processes that run or wait to run, as means of the last 1, 5 and 15 minutes.
    public static var load: [Double] {
        var load = [Double](repeating: 0, count: 3)
        let count = getloadavg(&load, 3)
        return Array(load.prefix(Int(max(0, count))))
    }
    /// Memory in bytes: all there is, and what could be had without swapping; `nil` where `/proc` is not there.
    public static var memory: (total: Int, available: Int)? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
        func kilobytes(_ name: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
                .flatMap { Int($0.split(separator: " ")[1]) }
        }
        guard let total = kilobytes("MemTotal"), let available = kilobytes("MemAvailable") else { return nil }
        return (total << 10, available << 10)
    }
}
