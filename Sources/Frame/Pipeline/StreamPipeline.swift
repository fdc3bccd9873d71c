public import Analytics
public import Frames
import Inference
public import Records
public import Scene
import Synchronization
import Tracking

/// One stream from frames to events.
///
/// Each frame is detected once for every distinct region of interest and model among the analytics that want it. While one frame
/// is being detected the next is already being read, so that one file keeps two cores busy; tracking, analytics and the
/// sink then take the frames strictly in their order.
public struct StreamPipeline: Sendable {
    /// What one analytic saw and said of one frame.
    public struct Result: Sendable {
        public let observation: Observation
        public let updates: AnalyticUpdates
        public let marking: PreparedAnalytic.Marking
    }
    /// Tries that fail one after the other, of all analytics together, before the stream is given up.
    static let failureLimit = 100
    /// Frames that are detected at once.
    static let lookahead = 2

    let source: any FrameSource
    var runs: [AnalyticRun]
    let sink: any EventSink
    /// Called for each analysed frame, in order.
    var onFrame: (@Sendable (Frame, [Result]) async throws -> Void)?
    /// Called for each analytic whose frame could not be analysed: result name, what happened.
    var onFrameFailure: (@Sendable (String, String) -> Void)?
    public var counters: StreamCounters?
    private var failures = 0

    public init(
        source: any FrameSource, runs: [AnalyticRun], sink: any EventSink,
        onFrame: (@Sendable (Frame, [Result]) async throws -> Void)? = nil,
        onFrameFailure: (@Sendable (String, String) -> Void)? = nil
    ) {
        (self.source, self.runs, self.sink) = (source, runs, sink)
        (self.onFrame, self.onFrameFailure) = (onFrame, onFrameFailure)
    }

    /// Runs until the source ends, fails or is cancelled. Open events are closed in each case before it returns.
    /// - Throws: `SourceFailure`, `PipelineError`, and what the sink throws.
    public mutating func run() async throws {
        do {
            try await processAll()
        } catch {
            try await finish()
            throw error
        }
        try await finish()
    }

    // MARK: Frames, in order

    private enum Step: Sendable {
        case read(Swift.Result<Frame?, any Error>)
        case detected(Int, Frame, [Detected])
    }
    /// Where in a frame to look, and with what.
    private struct Look: Sendable {
        let region: PixelRect
        let model: PersonModel
        func isSame(as other: Look) -> Bool { region == other.region && model === other.model }
    }
    /// What one look at a frame showed.
    private struct Detected: Sendable {
        let look: Look
        let detections: Swift.Result<[Detection], any Error>
    }

    private mutating func processAll() async throws {
        try await withThrowingTaskGroup(of: Step.self) { group in
            // Whatever ends the loop, no child may go on waiting for a frame.
            defer { source.cancel() }
            var waiting: [Int: (Frame, [Detected])] = [:]
            var started = 0, processed = 0
            var isReading = false
            var end: Swift.Result<Void, any Error>?
            while true {
                if !isReading, end == nil, started - processed < Self.lookahead {
                    isReading = true
                    group.addTask { [source] in
                        do { return .read(.success(try await source.next())) } catch { return .read(.failure(error)) }
                    }
                }
                guard isReading || processed < started, let step = try await group.next() else { break }
                switch step {
                case .read(.success(let frame?)):
                    isReading = false
                    let (index, looks) = (started, try looks(at: frame))
                    started += 1
                    group.addTask { .detected(index, frame, await Self.detect(frame, looks)) }
                case .read(.success(nil)): (isReading, end) = (false, .success(()))
                case .read(.failure(let error)): (isReading, end) = (false, .failure(error))
                case .detected(let index, let frame, let detected): waiting[index] = (frame, detected)
                }
                while let (frame, detected) = waiting.removeValue(forKey: processed) {
                    processed += 1
                    try await process(frame, detected)
                }
            }
            try end?.get()
        }
    }

    /// The distinct looks that the frame's consumers take.
    private func looks(at frame: Frame) throws(PipelineError) -> [Look] {
        var looks: [Look] = []
        for index in runs.indices where frame.consumers.contains(ConsumerSet(index: index)) {
            let look = try look(of: runs[index], at: frame)
            if !looks.contains(where: look.isSame) { looks.append(look) }
        }
        return looks
    }
    private func look(of run: AnalyticRun, at frame: Frame) throws(PipelineError) -> Look {
        Look(region: try region(of: run, in: frame), model: run.model)
    }
    private func region(of run: AnalyticRun, in frame: Frame) throws(PipelineError) -> PixelRect {
        guard let roi = run.requirements.roi else { return PixelRect(frame.size) }
        guard let region = roi.resolved(in: frame.size) else {
            throw .invalidRectangle(analytic: run.origin.name, frame: "\(frame.size.width)×\(frame.size.height)")
        }
        return region
    }

    private static func detect(_ frame: Frame, _ looks: [Look]) async -> [Detected] {
        var detected: [Detected] = []
        for look in looks {
            do {
                let detections = try await look.model.detector.detect(in: frame, region: look.region)
                detected.append(Detected(look: look, detections: .success(detections)))
            } catch {
                detected.append(Detected(look: look, detections: .failure(error)))
            }
        }
        return detected
    }

    // MARK: One frame

    private mutating func process(_ frame: Frame, _ detected: [Detected]) async throws {
        var results: [Result] = []
        for index in runs.indices where frame.consumers.contains(ConsumerSet(index: index)) {
            let look = try look(of: runs[index], at: frame)
            guard let found = detected.first(where: { $0.look.isSame(as: look) }) else { continue }
            switch found.detections {
            case .success(let detections):
                failures = 0
                results.append(observe(detections, in: frame, by: index))
            case .failure(let error): try fail(runs[index], frame, error)
            }
        }
        count(detected)
        let updates = results.map(\.updates).filter { !$0.updates.isEmpty }
        if !updates.isEmpty { try await record(updates) }
        if !results.isEmpty { try await onFrame?(frame, results) }
    }

    private func count(_ detected: [Detected]) {
        guard let counters else { return }
        var isAnalysed = false, people = 0
        for detected in detected {
            guard case .success(let detections) = detected.detections else { continue }
            isAnalysed = true
            people += detections.count { $0.confidence >= detected.look.model.confidence }
        }
        guard isAnalysed else { return }
        counters.framesAnalysed.add(1, ordering: .relaxed)
        counters.detections.add(people, ordering: .relaxed)
    }
    private func record(_ updates: [AnalyticUpdates]) async throws {
        try await sink.record(updates)
        guard let counters else { return }
        for analytic in updates {
            counters.events.add(analytic.updates.count { $0.change == .opened }, ordering: .relaxed)
            counters.callbacksDue.add(analytic.deliveries.count, ordering: .relaxed)
        }
    }

    private mutating func observe(_ detections: [Detection], in frame: Frame, by index: Int) -> Result {
        let tracks = runs[index].tracker?.update(with: detections, at: frame.time.pts, frameSize: frame.size) ?? []
        let confidence = runs[index].model.confidence
        let observation = Observation(
            time: frame.time, frameSize: frame.size,
            detections: detections.filter { $0.confidence >= confidence }, tracks: tracks,
            snapshot: { [picture = frame.picture] in try? picture.encode($0) })
        let updates = runs[index].analytic.observe(observation)
        return Result(
            observation: observation, updates: AnalyticUpdates(origin: runs[index].origin, updates: updates),
            marking: runs[index].marking)
    }

    private mutating func fail(_ run: AnalyticRun, _ frame: Frame, _ error: any Error) throws {
        failures += 1
        onFrameFailure?(run.origin.resultName, "error analysing frame number \(frame.time.index): \(error)")
        if failures >= Self.failureLimit {
            throw PipelineError.analysisFailing(tries: failures, reason: "\(error)")
        }
    }

    private mutating func finish() async throws {
        var updates: [AnalyticUpdates] = []
        for index in runs.indices {
            let last = runs[index].analytic.finish()
            if !last.isEmpty { updates.append(AnalyticUpdates(origin: runs[index].origin, updates: last)) }
        }
        if !updates.isEmpty { try await record(updates) }
    }
}
