import Analytics
public import Frames
import Inference
public import Records
import Scene

/// Says of each frame who was found, who counts, and why the others do not. One for each stream that is traced.
public struct FrameWitness: Sendable {
    /// Boxes that overlap by at least this are of one person.
    private static let samePersonOverlap: Float = 0.3

    private struct Watched: Sendable {
        /// Where people count, or from where pictures of them are taken.
        let filter: RegionFilter?
        /// From which the model is sure.
        let confidence: Float
        var zone: (size: PixelSize, zone: Zone)?
    }
    /// By what each analytic of the plan decides.
    public let rules: [AnalyticRules]
    private var watched: [Int: Watched] = [:]

    public init(_ plan: Plan) {
        rules = plan.rules
        for consumer in plan.consumers {
            let filter = consumer.regions.lazy.compactMap(\.filter).first
            watched[consumer.origin.index] = Watched(
                filter: filter, confidence: plan.looks[consumer.look].thresholds.confidence)
        }
    }

    /// What is remembered of a frame.
    public mutating func trace(_ frame: Frame, _ result: AnalyticResult) -> FrameTrace {
        let index = result.updates.origin.index, size = frame.size
        let zone = zone(of: index, in: size), sure = watched[index]?.confidence ?? 0
        let boxes =
            result.marking == .people
            ? Self.counted(result, zone: zone, sure: sure) : Self.followed(result, zone: zone, sure: sure)
        return FrameTrace(
            time: frame.time, count: result.observation.headcount.count, boxes: boxes, decisions: result.decisions,
            threshold: sure, frameSize: size)
    }

    private mutating func zone(of index: Int, in size: PixelSize) -> Zone? {
        guard let filter = watched[index]?.filter else { return nil }
        if let known = watched[index]?.zone, known.size == size { return known.zone }
        let zone = filter.zone(in: size)
        watched[index]?.zone = (size, zone)
        return zone
    }

    /// Of an analytic that counts.
    private static func counted(_ result: AnalyticResult, zone: Zone?, sure: Float) -> [TracedBox] {
        let inside = Set(result.observation.headcount.people)
        var boxes = result.everybody.people.map { person in
            let isInZone = zone?.contains(person.box.center)
            let standing: TracedBox.Standing =
                !inside.contains(person) ? .outsideZone : person.confidence == nil ? .missed : .counted
            return TracedBox(
                person.box, confidence: person.confidence, track: person.track, standing: standing, isInZone: isInZone)
        }
        var places = result.everybody.people.map(\.box)
        let counted = Set(result.everybody.people.compactMap(\.track))
        for track in result.observation.tracks where !counted.contains(track.id) && !meets(track.box, places) {
            boxes.append(
                TracedBox(
                    track.box, confidence: track.confidence, track: track.id,
                    standing: track.phase == .tentative ? .tentative : .lost,
                    isInZone: zone?.contains(track.box.center)))
            if track.confidence != nil { places.append(track.box) }
        }
        return boxes + aside(result, beside: places, zone: zone, sure: sure)
    }

    /// Of an analytic that follows each.
    private static func followed(_ result: AnalyticResult, zone: Zone?, sure: Float) -> [TracedBox] {
        let tracks = result.observation.tracks
        let boxes = tracks.map { track in
            let standing: TracedBox.Standing =
                switch track.phase {
                case .tentative: .tentative
                case .confirmed: track.confidence == nil ? .missed : .counted
                case .lost: .lost
                }
            return TracedBox(
                track.box, confidence: track.confidence, track: track.id, standing: standing,
                isInZone: zone?.contains(track.box.center))
        }
        let places = tracks.filter { $0.confidence != nil }.map(\.box)
        return boxes + aside(result, beside: places, zone: zone, sure: sure)
    }

    /// What the model found beside those.
    private static func aside(
        _ result: AnalyticResult, beside places: [BoundingBox], zone: Zone?, sure: Float
    ) -> [TracedBox] {
        result.found.filter { !meets($0.box, places) }.map {
            TracedBox(
                $0.box, confidence: $0.confidence, standing: $0.confidence < sure ? .belowThreshold : .unfollowed,
                isInZone: zone?.contains($0.box.center))
        }
    }
    private static func meets(_ box: BoundingBox, _ places: [BoundingBox]) -> Bool {
        places.contains { $0.iou(with: box) >= samePersonOverlap }
    }
}

extension PreparedAnalytic.Region {
    fileprivate var filter: RegionFilter? { if case .filter(let region) = self { region } else { nil } }
}
