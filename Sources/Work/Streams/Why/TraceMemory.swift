public import Foundation
public import Records
import Scene
import Synchronization

/// What is remembered of the frames of streams that run, and for a while of those that ran: for whoever asks why.
public final class TraceMemory: Sendable {
    /// Streams that have ended and are still remembered.
    private static let endedLimit = 64

    public let configuration: WhyConfiguration
    /// By stream: the latest run last.
    private let runs = Mutex<[UUID: [TraceTap]]>([:])

    public init(_ configuration: WhyConfiguration = WhyConfiguration()) { self.configuration = configuration }

    /// The trace so far of an event that goes on, or that has ended and is not kept yet.
    public func trace(of event: UUID, in stream: UUID) -> EventTrace? {
        let taps = runs.withLock { $0[stream] ?? [] }
        for tap in taps.reversed() {
            if let trace = tap.trace(of: event) { return trace }
        }
        return nil
    }
    /// What each analytic knows of a time, run by run; empty when no run is remembered.
    public func moment(of stream: UUID, in window: ClosedRange<Date>, now: Date = .now) -> [MomentTrace] {
        let taps = runs.withLock { $0[stream] ?? [] }
        let known = taps.filter { $0.isOpen(during: window) }
        return (known.isEmpty ? taps.suffix(1) : known[...]).flatMap { $0.moment(window, now: now) }
    }

    /// A tap for a stream that begins; `nil` when nothing is to be remembered.
    func begin(
        _ stream: StreamDefinition, keep: @escaping @Sendable ([KeptTrace]) async throws -> [KeptTrace]
    ) -> TraceTap? {
        guard configuration.policy != .off else { return nil }
        let tap = TraceTap(
            of: stream, limits: configuration.limits, keep: configuration.policy == .keep ? keep : nil)
        runs.withLock { runs in
            runs[stream.id] = (runs[stream.id] ?? []).suffix(1) + [tap]
            forget(in: &runs)
        }
        return tap
    }

    private func forget(in runs: inout [UUID: [TraceTap]]) {
        let bound = Date.now.addingTimeInterval(-configuration.limits.memory.seconds)
        var ended: [(stream: UUID, time: Date)] = []
        for (stream, taps) in runs {
            let left = taps.filter { $0.end.map { $0 >= bound } ?? true }
            runs[stream] = left.isEmpty ? nil : left
            if let time = left.last?.end { ended.append((stream, time)) }
        }
        for (stream, _) in ended.sorted(by: { $0.time < $1.time }).dropLast(Self.endedLimit) { runs[stream] = nil }
    }
}
