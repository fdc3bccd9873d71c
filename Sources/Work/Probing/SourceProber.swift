import Analytics
import Frames
import Inference
public import Pipeline
public import Records
public import Scene

/// Tries a source: opens it as a stream would, looks at it for a moment, and tells what it is and what it would cost, or why it cannot be used.
public struct SourceProber: Sendable {
    /// How long it is looked at after it was opened.
    public static let time: Duration = .seconds(3)

    /// What is tried, and for what.
    public struct Wish: Sendable {
        public var source: SourceSpecification
        /// For what; none: people are counted.
        public var analytics: [AnalyticChoice]
        /// What the picture shows nobody.
        public var privacy: Privacy?
        public init(source: SourceSpecification, analytics: [AnalyticChoice] = [], privacy: Privacy? = nil) {
            (self.source, self.analytics, self.privacy) = (source, analytics, privacy)
        }
    }
    private var workshop: Workshop
    private let time: Duration

    public init(workshop: Workshop, time: Duration = Self.time) {
        (self.workshop, self.time) = (workshop, time)
        self.workshop.urgency = .batch
    }

    /// - Throws: `CancellationError` soon after the calling task was cancelled, and nothing else: what is wrong with the source, or with looking
    ///   at it, is told in the report.
    public func probe(_ wish: Wish) async throws -> ProbeReport {
        var report = ProbeReport()
        let times = LookTimes(), tap = ProbeTap()
        var workshop = workshop
        workshop.models = TimedModels(workshop.models, times)
        var source: (any FrameSource)?
        defer { source?.cancel() }
        do {
            let plan = try await plan(wish, in: workshop), began = ContinuousClock.now
            let planned = try await workshop.open(wish.source.surveyed, for: plan)
            source = planned.source
            let opened = ContinuousClock.now
            report.timeToOpen = (opened - began).seconds
            do { try await look(at: planned, in: workshop, tap) } catch {
                report.failure = ProbeFailure(error, of: wish.source.reference)
            }
            try Task.checkCancellation()
            report.observed = (ContinuousClock.now - opened).seconds
            report.tell(planned.source, tap)
            report.judge(plan, times, tap, after: time)
        } catch {
            try Task.checkCancellation()
            report.failure = ProbeFailure(error, of: wish.source.reference)
        }
        return report
    }

    /// People are counted where nothing else is wished for that looks at pictures.
    private func plan(_ wish: Wish, in workshop: Workshop) async throws(PipelineError) -> Plan {
        var plan = try await workshop.prepare(wish.analytics, privacy: wish.privacy)
        if plan.isEmpty, let name = AnalyticCatalogue.ownNames.first, workshop.catalogue[name] != nil {
            plan = try await workshop.prepare([AnalyticChoice(name: name)], privacy: wish.privacy)
        }
        // There is one picture, and it shows nobody whom a picture of any of them hides.
        plan.hideWhatAnyAnalyticHides()
        return plan
    }

    /// Returns when the time is over, or the source.
    private func look(at planned: Workshop.PlannedSource, in workshop: Workshop, _ tap: ProbeTap) async throws {
        let source = planned.source, time = time
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: time)
                source.cancel()
            }
            defer { group.cancelAll() }
            var pipeline = workshop.pipeline(of: planned, sink: tap, taps: [tap])
            do {
                try await withTaskCancellationHandler {
                    try await pipeline.run()
                } onCancel: {
                    source.cancel()
                }
            } catch is CancellationError {}  // the time is over; whether anybody else ended it is asked later
        }
    }
}

extension SourceSpecification {
    /// As it is tried: what is there to be fetched whole is read where it lies.
    fileprivate var surveyed: Self {
        var result = self
        (result.isSurveyed, result.isDownloadable) = (true, false)
        return result
    }
}

extension ProbeReport {
    fileprivate mutating func tell(_ source: any FrameSource, _ tap: ProbeTap) {
        (properties, statistics, picture) = (source.properties, source.statistics, tap.picture)
    }

    /// Sees whether anything came, and reckons what it costs.
    fileprivate mutating func judge(_ plan: Plan, _ times: LookTimes, _ tap: ProbeTap, after time: Duration) {
        let frames = tap.frames
        if failure == nil, !plan.isEmpty, frames == 0 {
            failure =
                tap.failure.map { ProbeFailure(.analyse, $0, "See the server's log, and what models it has.") }
                ?? ProbeFailure(without: statistics, after: time)
        }
        guard let seen = properties?.facts?.seen, seen.packets > 1, frames > 0,
            let rate = seen.frameRate ?? properties?.frameRate
        else { return }
        let looks = plan.looksPerSecond(at: rate)
        cost = Cost(
            decoding: 100 * seen.processorTime / Double(seen.packets) * rate,
            looking: 100 * times.processorTime / Double(frames) * looks, looksPerSecond: looks)
    }
}
