public import Analytics
import Frames
import JSON
public import Scene
import Tracking

/// One analytic of a running stream, with the tracker and the model it asked for.
public struct AnalyticRun: Sendable {
    public let name: String
    /// The key of its results in live messages.
    public let resultName: String
    let requirements: AnalyticRequirements
    let model: PersonModel
    /// Which frames it wants.
    public var rate: Rate { requirements.rate }
    /// Callbacks that each report of an event is due to.
    var callbackCount = 0
    var analytic: any Analytic
    var tracker: (any Tracker)?

    public init(name: String, resultName: String, analytic: any Analytic, model: PersonModel) {
        (self.name, self.resultName, self.analytic, self.model) = (name, resultName, analytic, model)
        requirements = analytic.requirements
        if let wanted = requirements.tracking {
            var configuration = model.tracking
            configuration.probeCount = max(1, wanted.probeCount)
            tracker = ByteTracker(configuration: configuration)
        }
    }

    /// All of a run but its model.
    private struct Prepared {
        let name, resultName: String
        let analytic: any Analytic
        let callbackCount: Int
    }

    /// Builds what a stream asks for; analytics that produce nothing are left out. Models are asked for last, when all else
    /// is known to be right.
    /// - Throws: `PipelineError`.
    public static func build(
        for requests: [AnalyticRequest], from catalogue: AnalyticCatalogue, models: any ModelShelf
    ) async throws(PipelineError) -> [AnalyticRun] {
        guard requests.count <= ConsumerSet.capacity else {
            throw .tooManyAnalytics(found: requests.count, maximum: ConsumerSet.capacity)
        }
        var prepared: [Prepared] = []
        for request in requests {
            guard let entry = catalogue[request.name] else {
                throw .unusableAnalytic(name: request.name, reason: "it is not registered")
            }
            do {
                guard let analytic = try entry.make(JSONReader(request.parameters, path: "parameters")) else {
                    continue
                }
                let callbacks = request.parameters["callbacks"]?.array ?? []
                prepared.append(
                    Prepared(
                        name: request.name, resultName: entry.resultName, analytic: analytic,
                        callbackCount: callbacks.count { $0["enable"] != 0 }))
            } catch {
                throw .unusableAnalytic(name: request.name, reason: "\(error.path): \(error.message)")
            }
        }
        var runs: [AnalyticRun] = []
        for part in prepared {
            let wanted = part.analytic.requirements.model
            do {
                var run = AnalyticRun(
                    name: part.name, resultName: part.resultName, analytic: part.analytic,
                    model: try await models.model(wanted))
                run.callbackCount = part.callbackCount
                runs.append(run)
            } catch {
                throw .unusableModel(name: wanted, reason: "\(error)")
            }
        }
        return runs
    }
}
