public import Analytics
import Frames
import JSON
public import Scene
public import Tracking

/// One analytic of a running stream, with the tracker it asked for.
public struct AnalyticRun: Sendable {
    public let name: String
    /// The key of its results in live messages.
    public let resultName: String
    let requirements: AnalyticRequirements
    /// Which frames it wants.
    public var rate: Rate { requirements.rate }
    /// Callbacks that each report of an event is due to.
    var callbackCount = 0
    var analytic: any Analytic
    var tracker: (any Tracker)?

    public init(name: String, resultName: String, analytic: any Analytic, tracking: TrackerConfiguration) {
        (self.name, self.resultName, self.analytic) = (name, resultName, analytic)
        requirements = analytic.requirements
        if let wanted = requirements.tracking {
            var configuration = tracking
            configuration.probeCount = max(1, wanted.probeCount)
            tracker = ByteTracker(configuration: configuration)
        }
    }

    /// Builds what a stream asks for; analytics that produce nothing are left out.
    /// - Throws: `PipelineError`.
    public static func build(
        for requests: [AnalyticRequest], from catalogue: AnalyticCatalogue, tracking: TrackerConfiguration
    ) throws(PipelineError) -> [AnalyticRun] {
        guard requests.count <= ConsumerSet.capacity else {
            throw .tooManyAnalytics(found: requests.count, maximum: ConsumerSet.capacity)
        }
        var runs: [AnalyticRun] = []
        for request in requests {
            guard let entry = catalogue[request.name] else {
                throw .unusableAnalytic(name: request.name, reason: "it is not registered")
            }
            do {
                guard let analytic = try entry.make(JSONReader(request.parameters, path: "parameters")) else {
                    continue
                }
                var run = AnalyticRun(
                    name: request.name, resultName: entry.resultName, analytic: analytic, tracking: tracking)
                let callbacks = request.parameters["callbacks"]?.array ?? []
                run.callbackCount = callbacks.count { $0["enable"] != 0 }
                runs.append(run)
            } catch {
                throw .unusableAnalytic(name: request.name, reason: "\(error.path): \(error.message)")
            }
        }
        return runs
    }
}
