public import Analytics
import Foundation
public import JSON
public import Records
public import Scene

/// The smallest analytic: one event from the first frame with anybody to the first without, or to the end.
public struct Presence: Analytic {
    /// How many there are.
    public struct Count: Facts {
        public let people: Int
        public init(people: Int) { self.people = people }
        public var members: [String: JSONValue] { ["people": .integer(Int64(people))] }
    }
    public var requirements = AnalyticRequirements(rate: .frames(1))
    private var event: Event?

    public init(
        rate: Rate = .frames(1), roi: RegionOfInterest? = nil, model: DetectorModel? = nil, confidence: Float? = nil
    ) {
        requirements = AnalyticRequirements(rate: rate, roi: roi, model: .people(model), confidence: confidence)
    }

    public mutating func observe(_ observation: Observation) -> [EventUpdate] {
        let count = observation.headcount.count
        guard count > 0 else { return finish() }
        let change: EventUpdate.Change = event == nil ? .opened : .continued
        var current =
            event
            ?? Event(
                trackID: UUID(), type: "presence", begin: observation.time, end: observation.time,
                facts: Count(people: count))
        current.end = observation.time
        event = current
        let status: EventUpdate.Status = change == .opened ? .started : .inProgress
        return [
            EventUpdate(
                event: current, change: change, status: status, isReported: false, time: observation.time,
                live: Count(people: count))
        ]
    }

    public var decisions: [any Decision] { [] }

    public mutating func finish() -> [EventUpdate] {
        defer { event = nil }
        guard let event else { return [] }
        return [
            EventUpdate(
                event: event, change: .closed, status: .finished, isReported: true, time: event.end,
                live: Count(people: 0))
        ]
    }

    public static func entry(name: String = "presence", rate: Rate = .frames(1)) -> AnalyticEntry {
        AnalyticEntry(
            name: name, description: "", version: 1, defaultParameters: .emptyObject, validationSchema: nil,
            documentation: "", resultName: "crowd",
            prepare: { reader throws(JSONViolation) in
                let given = try reader.object(known: ["roi", "callbacks", "model"])
                guard given["roi"] != nil else {
                    return PreparedAnalytic(
                        Presence(rate: rate, model: given["model"] == nil ? nil : .fast),
                        callbacks: try reader.optional("callbacks")?.items().map { item throws(JSONViolation) in
                            try Callback(item)
                        } ?? [])
                }
                return PreparedAnalytic(
                    Presence(rate: rate, roi: .pixels(PixelRect(x: 600, y: 0, width: 100, height: 100))))
            })
    }
}
