import Analytics
import Foundation
import JSON
import Scene

/// The smallest analytic: one event from the first frame with anybody to the first without, or to the end.
struct Presence: Analytic {
    var requirements = AnalyticRequirements(rate: .frames(1))
    private var event: Event?

    init(rate: Rate = .frames(1), roi: RegionOfInterest? = nil, model: DetectorModel? = nil) {
        requirements = AnalyticRequirements(rate: rate, roi: roi, model: model)
    }

    mutating func observe(_ observation: Observation) -> [EventUpdate] {
        let count = observation.detections.count
        guard count > 0 else { return finish() }
        let change: EventUpdate.Change = event == nil ? .opened : .continued
        var current =
            event
            ?? Event(
                trackID: UUID(), kind: .crowd, begin: observation.time, end: observation.time, peopleCount: count,
                overview: Event.Overview(time: observation.time, people: [], detection: nil, snapshot: nil))
        current.end = observation.time
        event = current
        let status: EventUpdate.Status = change == .opened ? .started : .inProgress
        return [
            EventUpdate(
                event: current, change: change, status: status, isReported: false, time: observation.time,
                peopleCount: count)
        ]
    }

    mutating func finish() -> [EventUpdate] {
        defer { event = nil }
        guard let event else { return [] }
        return [
            EventUpdate(
                event: event, change: .closed, status: .finished, isReported: true, time: event.end, peopleCount: 0)
        ]
    }

    static func entry(name: String = "presence", rate: Rate = .frames(1)) -> AnalyticEntry {
        AnalyticEntry(
            name: name, description: "", version: 1, defaultParameters: .emptyObject, validationSchema: nil,
            documentation: "", resultName: "crowd",
            make: { reader throws(JSONViolation) in
                let given = try reader.object(known: ["roi", "callbacks", "model"])
                guard given["roi"] != nil else {
                    return Presence(rate: rate, model: given["model"] == nil ? nil : .fast)
                }
                return Presence(rate: rate, roi: .pixels(PixelRect(x: 600, y: 0, width: 100, height: 100)))
            })
    }
}
