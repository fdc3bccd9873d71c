public import Analytics
import Frames
public import Inference
import JSON
public import Records
public import Scene
import Tracking

/// One analytic of a running stream, with the tracker and the model it asked for.
public struct AnalyticRun: Sendable {
    public let origin: EventOrigin
    /// What pictures show of it.
    public let regions: [PreparedAnalytic.Region]
    public let marking: PreparedAnalytic.Marking
    let requirements: AnalyticRequirements
    let model: PersonModel
    /// Which frames it wants.
    public var rate: Rate { requirements.rate }
    var analytic: any Analytic
    var tracker: (any Tracker)?

    public init(_ prepared: PreparedAnalytic, name: String, resultName: String, model: PersonModel) {
        origin = EventOrigin(name: name, resultName: resultName, callbacks: prepared.callbacks)
        (regions, marking) = (prepared.regions, prepared.marking)
        (analytic, self.model) = (prepared.analytic, model)
        requirements = analytic.requirements
        if let wanted = requirements.tracking {
            var configuration = model.tracking
            configuration.probeCount = max(1, wanted.probeCount)
            tracker = ByteTracker(configuration: configuration)
        }
    }

    /// Builds what a stream asks for; analytics that produce nothing are left out. Models are asked for last, when all else
    /// is known to be right.
    /// - Throws: `PipelineError`.
    public static func build(
        for requests: [AnalyticChoice], from catalogue: AnalyticCatalogue, models: any ModelShelf
    ) async throws(PipelineError) -> [AnalyticRun] {
        guard requests.count <= ConsumerSet.capacity else {
            throw .tooManyAnalytics(found: requests.count, maximum: ConsumerSet.capacity)
        }
        var prepared: [(entry: AnalyticEntry, analytic: PreparedAnalytic)] = []
        for request in requests {
            guard let entry = catalogue[request.name] else {
                throw .unusableAnalytic(name: request.name, reason: "it is not registered")
            }
            do {
                if let analytic = try entry.prepare(JSONReader(request.parameters, path: "parameters")) {
                    prepared.append((entry, analytic))
                }
            } catch {
                throw .unusableAnalytic(name: request.name, reason: "\(error.path): \(error.message)")
            }
        }
        var runs: [AnalyticRun] = []
        for (entry, analytic) in prepared {
            let wanted = analytic.analytic.requirements.model
            do {
                runs.append(
                    AnalyticRun(
                        analytic, name: entry.name, resultName: entry.resultName, model: try await models.model(wanted))
                )
            } catch {
                throw .unusableModel(name: wanted, reason: "\(error)")
            }
        }
        return runs
    }
}
