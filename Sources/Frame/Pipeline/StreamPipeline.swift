import Frames
import Inference
import Records
import Scene
import Synchronization
import Tracking

/// One stream from frames to events, put together by a `Workshop`.
///
/// Each frame is looked at once for every distinct region and model among the analytics that want it. While one frame is being
/// looked at the next is already being read, so that one file keeps two cores busy; trackers, analytics, sink and taps then take
/// the frames strictly in their order, and so does a look that goes by what is known of the frame before: around known faces, at the
/// heads of those whose bodies were found, or in tiles.
public struct StreamPipeline: Sendable {
    /// Tries that fail one after the other, of all analytics together, before the stream is given up.
    static let failureLimit = 100
    /// Frames that are looked at at once.
    static let lookahead = 2

    private let source: any FrameSource
    private let plan: Plan
    private let urgency: Urgency
    private let sink: any EventSink
    private let taps: [any FrameTap]
    private let counters: StreamCounters?
    private var observer: Observer
    private var covers: FrameCovers
    /// For frames of the latest size.
    private var views: FrameViews?
    private var wholeLooks = WholeLooks()
    /// By view, of those whose models look in tiles.
    private var tiledLooks: [Int: TiledLook] = [:]
    private let bench = FaceBench()
    private var failures = 0

    /// - Parameters:
    ///   - source: opened with the plan's rates.
    ///   - trackers: one for each of the plan's followings.
    ///   - covers: of the plan.
    init(
        source: any FrameSource, plan: Plan, urgency: Urgency, trackers: [any Tracker], covers: FrameCovers,
        sink: any EventSink,
        taps: [any FrameTap], counters: StreamCounters?
    ) {
        (self.source, self.plan, self.urgency) = (source, plan, urgency)
        (self.sink, self.taps, self.counters) = (sink, taps, counters)
        self.covers = covers
        observer = Observer(plan, trackers: trackers)
    }

    /// Runs until the source ends, fails or is cancelled. Open events are closed in each case before it returns.
    /// - Throws: `SourceFailure`, `PipelineError`, and what the sink and the taps throw.
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
        case read(Result<Frame?, any Error>)
        case lookedAt(Int, LookedAt)
    }
    /// A frame, which of its views are wanted, as bits, and what those have shown that were looked at whole.
    private struct LookedAt: Sendable {
        let frame: Frame
        let wanted: UInt64
        var findings: FrameViews.Findings
    }

    private mutating func processAll() async throws {
        try await withThrowingTaskGroup(of: Step.self) { group in
            // Whatever ends the loop, no child may go on waiting for a frame.
            defer { source.cancel() }
            var waiting: [Int: LookedAt] = [:]
            var started = 0, processed = 0
            var isReading = false
            var end: Result<Void, any Error>?
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
                    let (index, views) = (started, views(in: frame.size))
                    let wanted = try views.wanted(in: frame, by: plan)
                    let whole = wholeLooks(of: wanted, in: views, at: frame.time.pts)
                    started += 1
                    group.addTask { [urgency] in
                        let findings = await views.find(in: frame, wanted: whole, urgency: urgency)
                        return .lookedAt(index, LookedAt(frame: frame, wanted: wanted, findings: findings))
                    }
                case .read(.success(nil)): (isReading, end) = (false, .success(()))
                case .read(.failure(let error)): (isReading, end) = (false, .failure(error))
                case .lookedAt(let index, let lookedAt): waiting[index] = lookedAt
                }
                while let lookedAt = waiting.removeValue(forKey: processed) {
                    processed += 1
                    try await process(lookedAt)
                }
            }
            try end?.get()
        }
    }

    private mutating func views(in size: PixelSize) -> FrameViews {
        if let views, views.size == size { return views }
        let new = FrameViews(plan, in: size)
        views = new
        (wholeLooks, tiledLooks) = (WholeLooks(), new.inTiles)
        return new
    }
    /// Of the wanted views those that are looked at whole, whatever the frame before has shown; those that say what to cover always are.
    private mutating func wholeLooks(of wanted: UInt64, in views: FrameViews, at pts: MediaTime) -> UInt64 {
        var whole = wanted
        let sparing = wanted & ~views.ofCovers(plan)
        for (view, _) in views.withSquares where sparing & (1 << UInt64(view)) != 0 {
            if !wholeLooks.isDue(view, at: pts) { whole &= ~(1 << UInt64(view)) }
        }
        for view in views.inTiles.keys { whole &= ~(1 << UInt64(view)) }
        return whole
    }

    // MARK: One frame

    private mutating func process(_ lookedAt: LookedAt) async throws {
        let decoded = lookedAt.frame, views = views(in: decoded.size)
        let findings = await lookClosely(lookedAt, views)
        // Whoever is shown the frame gets it from here; only models see the decoder's own pixels.
        var seen = covers.see(decoded, findings, views)
        // Whom one analytic finds is covered in the pictures of all, so all find before any of them has one.
        let told = await follow(decoded, findings, views, covering: &seen)
        let frame = seen.shown(under: plan.privacy)
        var results: [AnalyticResult] = []
        var known: [(privacy: Privacy?, pictures: FramePictures)] = []
        for (index, found) in told {
            switch found {
            case .success(let found):
                failures = 0
                if await lookAgain(&seen, decoded, found, for: index) { known = [] }
                let own = pictures(of: seen, decoded, for: plan.consumers[index].privacy, &known)
                let estimates = try await estimate(in: decoded, for: index)
                results.append(observer.observe(frame, found, by: index, own, estimates: estimates))
            case .failure(let error): try await fail(plan.consumers[index].origin, frame, error)
            }
        }
        count(findings, views)
        let updates = results.map(\.updates).filter { !$0.updates.isEmpty }
        if !updates.isEmpty { try await record(updates) }
        if !results.isEmpty {
            if plan.privacy?.mode == .faces, taps.contains(where: { $0.keepsPicture }) {
                await lookAgain(&seen, decoded)
            }
            let shown = seen.isComplete ? seen.shown(under: plan.privacy) : frame
            for tap in taps { try await tap.take(shown, results) }
        }
    }

    /// Brings those whom the frame's analytics follow up to it, with faces and points where these are wanted, and lets them be covered.
    /// - Returns: by analytic, in their order, what was found for it, or why it was not.
    private mutating func follow(
        _ frame: Frame, _ findings: FrameViews.Findings, _ views: FrameViews, covering seen: inout FrameCovers.Seen
    ) async -> [(index: Int, found: Result<FrameViews.Found, any Error>)] {
        var told: [(index: Int, found: Result<FrameViews.Found, any Error>)] = []
        for index in plan.consumers.indices where frame.consumers.contains(ConsumerSet(index: index)) {
            let look = plan.consumers[index].look
            guard let finding = views[look].flatMap({ findings[$0] }) else { continue }
            switch finding {
            case .success(let view):
                let found = view.seen(by: plan.looks[look])
                observer.follow(frame, found, by: index)
                var faces: [BoundingBox] = []
                do {
                    faces = try await findFaces(in: frame, for: index, views)
                    await findPoints(in: frame, for: index)
                    told.append((index, .success(found)))
                } catch {
                    told.append((index, .failure(error)))
                }
                guard seen.isWanted else { continue }
                let places = observer.places(of: found, by: index)
                seen.add(faces: faces + places.faces, bodies: places.bodies)
            case .failure: told.append((index, finding))
            }
        }
        return told
    }

    /// Looks for faces once more, when an analytic is about to keep a picture that hides them. A look at each frame would cost too much.
    private func lookAgain(
        _ seen: inout FrameCovers.Seen, _ decoded: Frame, _ found: FrameViews.Found, for index: Int
    ) async -> Bool {
        guard plan.covers.again != nil, !seen.isComplete, plan.consumers[index].privacy?.mode == .faces,
            observer.wouldKeepPicture(of: decoded, found, by: index)
        else { return false }
        await lookAgain(&seen, decoded)
        return true
    }
    private func lookAgain(_ seen: inout FrameCovers.Seen, _ decoded: Frame) async {
        guard let model = plan.covers.again, !seen.isComplete else { return }
        let region = PixelRect(decoded.size), least = model.thresholds.cover
        let faces = try? await model.finder.find(in: decoded, region: region, urgency: urgency)
        seen.complete(faces?.filter { $0.confidence >= least })
    }

    /// The pictures that may be had under a privacy, once for all analytics that have the same.
    private func pictures(
        of seen: FrameCovers.Seen, _ decoded: Frame, for privacy: Privacy?,
        _ known: inout [(privacy: Privacy?, pictures: FramePictures)]
    ) -> FramePictures {
        if let same = known.first(where: { $0.privacy == privacy }) { return same.pictures }
        let new = FramePictures(of: seen.shown(under: privacy).picture, measuring: decoded.picture, faces: bench)
        known.append((privacy, new))
        return new
    }

    /// What was found, with what is found around faces that were known before, and in tiles.
    private mutating func lookClosely(_ lookedAt: LookedAt, _ views: FrameViews) async -> FrameViews.Findings {
        var findings = lookedAt.findings
        for (view, looks) in views.withSquares where lookedAt.wanted & (1 << UInt64(view)) != 0 {
            findings[view] = await views.complete(
                view, findings[view], known: observer.known(in: looks), in: lookedAt.frame, urgency: urgency)
        }
        for view in views.inTiles.keys where lookedAt.wanted & (1 << UInt64(view)) != 0 {
            guard var look = tiledLooks.removeValue(forKey: view) ?? views.inTiles[view] else { continue }
            findings[view] = await views.find(view, in: lookedAt.frame, with: &look, urgency: urgency)
            tiledLooks[view] = look
        }
        return findings
    }
    /// Finds the faces of those whose bodies are followed, for an analytic that wants them.
    /// - Returns: where the model is sure of one, also of nobody who is followed.
    private mutating func findFaces(
        in frame: Frame, for index: Int, _ views: FrameViews
    ) async throws -> [BoundingBox] {
        guard let model = plan.consumers[index].faces, let bodies = observer.withoutFaces(frame, for: index) else {
            return []
        }
        let faces = try await views.faces(
            of: bodies, look: plan.consumers[index].look, with: model, in: frame, urgency: urgency)
        observer.join(faces, frame, for: index)
        return faces.filter { $0.confidence >= model.thresholds.confidence }.map(\.box)
    }

    /// Looks closer at faces of those who are followed, for an analytic that wants their points. Where that fails they are as they were found.
    private mutating func findPoints(in frame: Frame, for index: Int) async {
        guard let model = plan.consumers[index].points else { return }
        var told: [Track.ID: Landmarks5] = [:]
        let faces = observer.facesToLookAt(frame, for: index)
        for face in faces {
            told[face.id] = try? await model.points(of: face.box, in: frame, urgency: urgency)
        }
        observer.correct(told, of: faces.map(\.id), frame, for: index)
    }

    /// What an analytic wants estimated of the faces of those who are followed. Where that fails nothing is told of them.
    private func estimate(in frame: Frame, for index: Int) async throws -> [Track.ID: FaceEstimates] {
        guard let estimation = plan.consumers[index].estimation else { return [:] }
        let faces = observer.facesToEstimate(for: index)
        let told = try? await estimation.estimates(
            plan.consumers[index].estimates, of: faces.map { FaceEstimation.Face($0.face) }, in: frame.picture,
            urgency: urgency)
        return Dictionary(uniqueKeysWithValues: zip(faces.map(\.id), told ?? []))
    }

    /// Counts people look by look; looks that say what to cover see them once more.
    private func count(_ findings: FrameViews.Findings, _ views: FrameViews) {
        guard let counters else { return }
        var isAnalysed = false, hasFailed = false
        for case let finding? in findings {
            if case .success = finding { isAnalysed = true } else { hasFailed = true }
        }
        if hasFailed { counters.framesFailed.add(1, ordering: .relaxed) }
        guard isAnalysed else { return }
        counters.framesAnalysed.add(1, ordering: .relaxed)
        for look in views.distinct where plan.consumers.contains(where: { $0.look == look }) {
            guard case .success(let view) = views[look].flatMap({ findings[$0] }) else { continue }
            let look = plan.looks[look], found = view.seen(by: look)
            counters.detections.add(found.people.count, ordering: .relaxed)
            counters.doubted.add(
                found.detections.count { look.thresholds.doubts($0.confidence) }, ordering: .relaxed)
        }
    }
    private func record(_ updates: [AnalyticUpdates]) async throws {
        try await sink.record(updates)
        guard let counters else { return }
        for analytic in updates {
            counters.events.add(analytic.updates.count { $0.change == .opened }, ordering: .relaxed)
            counters.callbacksDue.add(analytic.deliveries.count { !$0.isAtEnd }, ordering: .relaxed)
        }
    }

    private mutating func fail(_ analytic: EventOrigin, _ frame: Frame, _ error: any Error) async throws {
        failures += 1
        let reason = "error analysing frame number \(frame.time.index): \(error)"
        for tap in taps { await tap.miss(frame, analytic, reason) }
        await sink.fail(analytic, reason)
        if failures >= Self.failureLimit {
            throw PipelineError.analysisFailing(tries: failures, reason: "\(error)")
        }
    }

    private mutating func finish() async throws {
        let updates = observer.finish()
        if !updates.isEmpty { try await record(updates) }
    }
}
