import Foundation
import JSON
import Records
import Scene

/// Whether somebody who is followed is a person to report, or has gone.
struct PersonDecision: Decision {
    private let id: Track.ID
    private let phase: Track.Phase
    private let confidence: Float?
    private let sightings, probeCount: Int
    /// Media time since the tracker found the person last.
    private let absence: Duration
    let verdict: FrameVerdict
    let event: UUID?
    var track: Track.ID? { id }
    var step: Int { phase == .lost ? 1 : 0 }

    /// - Parameters:
    ///   - wasOpen: whether the event had begun before.
    init(_ track: Track, probeCount: Int, event: UUID?, wasOpen: Bool, at time: MediaTime) {
        (id, phase, confidence, sightings) = (track.id, track.phase, track.confidence, track.sightings)
        (self.probeCount, self.event, absence) = (max(1, probeCount), event, time - track.lastSeen)
        let isSeen = track.phase == .confirmed && track.confidence != nil
        verdict = event == nil ? .probing : !wasOpen ? .opened : isSeen ? .continued : .paused
    }
    /// Of somebody whom the tracker has given up.
    init(gone track: Track, probeCount: Int, event: UUID?, at time: MediaTime) {
        (id, phase, confidence, sightings) = (track.id, track.phase, nil, track.sightings)
        (self.probeCount, self.event, absence) = (max(1, probeCount), event, time - track.lastSeen)
        verdict = event == nil ? .idle : .closed
    }

    var conditions: [TestedCondition] {
        switch verdict {
        case .idle, .probing, .opened:
            [TestedCondition("frames_found", sightings, .atLeast, "probe_count", probeCount)]
        case .continued, .paused, .closed: []
        }
    }

    var sentence: String {
        let name = "track \(id.rawValue)", seconds = String(format: "%.1f", absence.seconds)
        let found = "found in \(sightings) \(sightings == 1 ? "frame" : "frames")"
        let score = confidence.map { String(format: " with score %.2f", $0) } ?? ""
        switch verdict {
        case .idle:
            return "\(name) is gone, \(found), before it was taken for a person"
        case .probing:
            return sightings < probeCount
                ? "\(name) is tentative: \(found) of the \(probeCount) that probe_count asks for"
                : "\(name) is tentative: it has neither moved by tracker.movement nor been seen with tracker.still_confidence"
        case .opened: return "\(name) is confirmed, \(found)\(score): the event begins"
        case .continued: return "\(name) is seen\(score): the event goes on"
        case .paused: return "\(name) is not seen for \(seconds) s: the event ends when the tracker gives it up"
        case .closed: return "\(name) was given up by the tracker, not seen for \(seconds) s: the event has ended"
        }
    }
}
