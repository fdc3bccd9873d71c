import Foundation
import Frames
import JSON
import Pipeline
import Records
import Scene

/// Writes why there were events, a line for each as it ends, and at last why there were none.
struct WhyFile {
    private let file: LineFile
    private var witness: FrameWitness
    private var trace: StreamTrace
    private let stream, account: UUID

    init(path: String, plan: Plan, stream: UUID, account: UUID) throws {
        (file, self.stream, self.account) = (try LineFile(path: path), stream, account)
        witness = FrameWitness(plan)
        var limits = TraceLimits()
        limits.memory = .seconds(86_400)
        limits.bytes = 64 << 20
        trace = StreamTrace(stream: stream, account: account, rules: witness.rules, limits: limits)
    }

    mutating func take(_ frame: Frame, _ results: [AnalyticResult]) throws {
        for result in results {
            let seen = witness.trace(frame, result), origin = result.updates.origin
            try write(trace.take(seen, of: origin.index, updates: result.updates.updates))
        }
    }
    mutating func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {
        trace.fail(analytic.index, at: frame.time, reason)
    }
    mutating func close() throws {
        try write(trace.pause())
        let analytics = trace.moment(trace.everything, now: .now).map { $0.wire(at: nil) }
        let all = streamWhy(stream: stream, account: account, time: nil, window: nil, analytics: analytics)
        try file.write(all.text)
        try file.close()
    }
    private func write(_ closed: [EventTrace]) throws { for trace in closed { try file.write(trace.wire.text) } }
}
