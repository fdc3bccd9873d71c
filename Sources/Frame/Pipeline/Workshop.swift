public import Analytics
public import Frames
public import Inference
import JSON
public import Records
public import Scene
public import Tracking

/// Where streams' pipelines are put together. It alone knows that a frame names its consumers by their position in a plan.
public struct Workshop: Sendable {
    public var opener: any FrameSourceOpener
    public var models: any ModelShelf
    /// `nil` where nothing is estimated of faces.
    public var estimators: (any EstimatorShelf)?
    public var catalogue: AnalyticCatalogue
    public var tracker: TrackerSettings
    /// Whether its pipelines go before others at the models.
    public var urgency: Urgency
    public var makeTracker: @Sendable (TrackerConfiguration) -> any Tracker

    public init(
        opener: any FrameSourceOpener, models: any ModelShelf, estimators: (any EstimatorShelf)? = nil,
        catalogue: AnalyticCatalogue,
        tracker: TrackerSettings = TrackerSettings(), urgency: Urgency = .live,
        makeTracker: @escaping @Sendable (TrackerConfiguration) -> any Tracker = { ByteTracker(configuration: $0) }
    ) {
        (self.opener, self.models, self.estimators, self.catalogue) = (opener, models, estimators, catalogue)
        (self.tracker, self.urgency, self.makeTracker) = (tracker, urgency, makeTracker)
    }

    /// A source that was opened for a plan: its frames name the plan's analytics.
    public struct PlannedSource: Sendable {
        public let source: any FrameSource
        let plan: Plan
    }

    /// Plans what a stream asks for; analytics that produce nothing are left out. Models are asked for last, when all else is
    /// known to be right, and stay loaded for as long as the plan is held.
    /// - Parameters:
    ///   - privacy: what the stream's pictures show nobody.
    ///   - keepsEstimations: whether events that end tell what each of their frames has shown. Not for streams that go on.
    public func prepare(
        _ choices: [AnalyticChoice], privacy: Privacy? = nil, keepsEstimations: Bool = false
    ) async throws(PipelineError) -> Plan {
        guard choices.count <= ConsumerSet.capacity else {
            throw .tooManyAnalytics(found: choices.count, maximum: ConsumerSet.capacity)
        }
        var prepared: [(index: Int, entry: AnalyticEntry, analytic: PreparedAnalytic)] = []
        for (index, choice) in choices.enumerated() {
            guard let entry = catalogue[choice.name] else {
                throw .unusableAnalytic(name: choice.name, reason: "it is not registered")
            }
            do {
                if var analytic = try entry.prepare(JSONReader(choice.parameters, path: "parameters")) {
                    if keepsEstimations { analytic.analytic.keepEstimations() }
                    prepared.append((index, entry, analytic))
                }
            } catch {
                throw .unusableAnalytic(name: choice.name, reason: "\(error.path): \(error.message)")
            }
        }
        var plan = Plan(tracker: tracker, privacy: privacy)
        for (index, entry, analytic) in prepared {
            let requirements = analytic.analytic.requirements
            plan.add(
                analytic, name: entry.name, resultName: entry.resultName, index: index,
                model: try await load(requirements.model),
                faces: try await requirements.findsFaces ? load(.faces) : nil,
                points: try await requirements.findsFacePoints ? load(.facePoints) : nil,
                estimation: try await estimation(of: requirements.estimates))
        }
        for choice in plan.coverModels {
            plan.add(cover: choice, model: try await load(choice))
        }
        if plan.hidesFaces, catalogue.abilities.findsFacesAgain { plan.add(again: try await load(.facesAgain)) }
        return plan
    }
    private func estimation(of wanted: FaceEstimateSet) async throws(PipelineError) -> FaceEstimation? {
        guard !wanted.isEmpty else { return nil }
        var loaded: [LoadedEstimator] = []
        for head in wanted.models {
            guard let estimators, estimators.estimators.contains(head) else { continue }
            do { loaded.append(try await estimators.estimator(head)) } catch {
                throw .unusableEstimator(head, reason: "\(error)")
            }
        }
        return FaceEstimation(loaded)
    }
    private func load(_ choice: ModelChoice) async throws(PipelineError) -> LoadedModel {
        do { return try await models.model(choice) } catch { throw .unusableModel(choice, reason: "\(error)") }
    }

    /// - Throws: a `SourceFailure`; `CancellationError` when the calling task was cancelled.
    public func open(
        _ source: SourceSpecification, for plan: Plan, answerWithin patience: Duration? = nil
    ) async throws -> PlannedSource {
        let source = try await opener.open(source, rates: plan.rates, answerWithin: patience)
        return PlannedSource(source: source, plan: plan)
    }

    /// A pipeline that waits to be run once, with analytics that have seen nothing yet.
    /// - Parameters:
    ///   - sink: where events go.
    ///   - taps: who looks at the frames with what was found in them, in this order.
    ///   - counters: go on counting from pipeline to pipeline of a stream.
    public func pipeline(
        of planned: PlannedSource, sink: any EventSink, taps: [any FrameTap] = [], counters: StreamCounters? = nil
    ) -> StreamPipeline {
        StreamPipeline(
            source: planned.source, plan: planned.plan, urgency: urgency,
            trackers: planned.plan.followings.map { makeTracker($0.configuration) },
            covers: FrameCovers(planned.plan, makeTracker: makeTracker), sink: sink, taps: taps,
            counters: counters)
    }
}
