import Foundation
import JSON
import Records
import Scene

/// Whether a frame's people are a crowd, and how near that brings an event's beginning or end.
struct CrowdDecision: Decision {
    let people, threshold, probeCount, missedLimit: Int
    private let standing: EpisodeGate.Standing
    let verdict: FrameVerdict
    let event: UUID?
    var track: Track.ID? { nil }
    var step: Int { verdict == .probing ? standing.run : 0 }

    init(people: Int, threshold: Int, gate: EpisodeGate, verdict: EpisodeGate.Verdict, event: UUID?) {
        (self.people, self.threshold, self.event) = (people, threshold, event)
        (probeCount, missedLimit, standing) = (gate.probeCount, gate.missedLimit, gate.standing)
        self.verdict = FrameVerdict(verdict)
    }

    var conditions: [TestedCondition] {
        var conditions = [TestedCondition("people_count", people, .atLeast, "people_count_threshold", threshold)]
        switch verdict {
        case .idle, .continued: break
        case .probing, .opened:
            conditions.append(TestedCondition("frames_in_a_row", standing.run, .atLeast, "probe_count", probeCount))
        case .paused, .closed:
            conditions.append(
                TestedCondition("frames_without", standing.missed, .atLeast, "frames_to_end", missedLimit))
            conditions.append(
                TestedCondition(
                    "seconds_without", standing.absence.seconds, .atLeast, "seconds_to_end",
                    EpisodeGate.patience.seconds))
        }
        return conditions
    }

    private static func frames(_ count: Int) -> String { "\(count) \(count == 1 ? "frame" : "frames") in a row" }

    var sentence: String {
        let counted = "\(people) \(people == 1 ? "person is" : "people are") counted"
        let enough = "\(counted), at least people_count_threshold \(threshold)"
        let few = "\(counted), fewer than people_count_threshold \(threshold)"
        let seconds = String(format: "%.1f", standing.absence.seconds)
        return switch verdict {
        case .idle: few
        case .probing: "\(enough), in \(Self.frames(standing.run)) of the \(probeCount) that probe_count asks for"
        case .opened: "\(enough), in \(Self.frames(standing.run)), as probe_count asks for: the event begins"
        case .continued: "\(enough): the event goes on"
        case .paused:
            "\(few), in \(Self.frames(standing.missed)) and for \(seconds) s: the event ends after "
                + "\(missedLimit) such frames and \(Int(EpisodeGate.patience.seconds)) s"
        case .closed: "\(few), in \(Self.frames(standing.missed)) and for \(seconds) s: the event has ended"
        }
    }
}

extension FrameVerdict {
    init(_ verdict: EpisodeGate.Verdict) {
        self =
            switch verdict {
            case .idle: .idle
            case .probing: .probing
            case .opened: .opened
            case .continued: .continued
            case .paused: .paused
            case .closed: .closed
            }
    }
}
