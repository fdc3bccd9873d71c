public import Scene
public import Tracking

/// Where people are to be covered in a video that is looked at whole before anything of it is shown.
///
/// Each frame's detections are followed forwards and backwards, so that who comes near or turns round is known before the model is sure of him.
/// Between two sights the place is on the straight way from one to the other; for a while before the first and after the last one it is
/// where he was, and where he is if he went on as he went. So no frame between is bare when the model misses somebody, and nothing flickers.
/// Nobody comes from nowhere: where somebody is seen again who stood there some seconds ago, he was there all the time.
public struct CoverTrails: Sendable {
    /// For how many seconds what may be somebody is covered before the first and after the last sight, for how many who surely is, and for how
    /// many if he stands.
    private static let hold = 0.5, holdOfSomebody = 1.5, holdOfWhoStands = 3.0
    /// From so many sights on, one of them sure, it is surely somebody.
    private static let sightsOfSomebody = 3
    /// For how many seconds who stands may be missed.
    private static let rest = 10.0
    /// Sights of one who stands overlap by at least this, however differently the model draws his box.
    private static let restOverlap: Float = 0.3
    /// By how much of its size a place grows in a second in which nobody is seen there, and for how many seconds it does.
    fileprivate static let growth: Float = 0.5, growing = 0.75
    /// Sights from which is judged how somebody moves.
    private static let sightsOfMovement = 5
    /// Neighbouring sights of one person overlap by at least this.
    private static let sameOverlap: Float = 0.5

    private struct Sight: Sendable {
        /// Position among the frames.
        let frame: Int
        let box: BoundingBox
        let confidence: Float
    }
    private let configuration: TrackerConfiguration
    private let confidence: Float
    private let makeTracker: @Sendable (TrackerConfiguration) -> any Tracker
    /// `nil`: nobody looked.
    private var frames: [(seconds: Double, detections: [Detection]?)] = []
    private var size = PixelSize(width: 1, height: 1)

    /// - Parameters:
    ///   - configuration: of those who are followed for events by the same model.
    ///   - confidence: from which that model is sure.
    ///   - least: from which somebody who is known is followed.
    public init(
        _ configuration: TrackerConfiguration, sureFrom confidence: Float, coveredFrom least: Float? = nil,
        makeTracker: @escaping @Sendable (TrackerConfiguration) -> any Tracker
    ) {
        var own = configuration.forCovers(sureFrom: confidence, coveredFrom: least)
        // Who is found again is bridged: the whole of the way is known.
        (own.patience, own.tentativePatience) = (.seconds(2), .seconds(1))
        (self.configuration, self.confidence, self.makeTracker) = (own, confidence, makeTracker)
    }

    /// Takes what a model found in the next frame, also what it is not sure of.
    /// - Parameter detections: `nil` when nobody looked at it: who is seen before and after is between.
    public mutating func add(_ detections: [Detection]?, at pts: MediaTime, in size: PixelSize) {
        self.size = size
        frames.append((pts.seconds, detections))
    }

    /// By frame, in their order: boxes as the model draws them, to be grown by what they are of.
    public func places() -> [[BoundingBox]] {
        var places = [[BoundingBox]](repeating: [], count: frames.count)
        let forwards = trails(isReversed: false)
        for trail in forwards + trails(isReversed: true) { cover(trail, in: &places) }
        bridge(forwards, in: &places)
        return places
    }

    /// The sights of each who was followed through the frames, in their order.
    private func trails(isReversed: Bool) -> [[Sight]] {
        var tracker = makeTracker(configuration)
        var trails: [Track.ID: [Sight]] = [:]
        var alone: [[Sight]] = []
        let end = frames.last?.seconds ?? 0
        for position in frames.indices {
            let index = isReversed ? frames.count - 1 - position : position
            guard let detections = frames[index].detections else { continue }
            let seconds = frames[index].seconds
            let pts = MediaTime(seconds: isReversed ? end - seconds : seconds)
            let seen = tracker.update(with: detections, at: pts, frameSize: size).filter { $0.confidence != nil }
            for track in seen {
                // The tracker's own box lags behind who moves.
                let found = detections.first {
                    $0.confidence == track.confidence && $0.box.intersection(track.box).area > 0
                }
                trails[track.id, default: []].append(
                    Sight(frame: index, box: found?.box ?? track.box, confidence: track.confidence ?? 0))
            }
            for detection in detections where detection.confidence >= configuration.birthConfidence {
                guard !seen.contains(where: { $0.box.iou(with: detection.box) > 0.5 }) else { continue }
                alone.append([Sight(frame: index, box: detection.box, confidence: detection.confidence)])
            }
        }
        return trails.sorted { $0.key < $1.key }.map { isReversed ? $0.value.reversed() : $0.value } + alone
    }

    private func cover(_ trail: [Sight], in places: inout [[BoundingBox]]) {
        guard let first = trail.first, let last = trail.last else { return }
        for sight in trail { places[sight.frame].append(sight.box) }
        for (one, next) in zip(trail, trail.dropFirst()) where next.frame > one.frame + 1 {
            for index in one.frame + 1..<next.frame { places[index].append(between(one, next, at: index)) }
        }
        let isSomebody = trail.count >= Self.sightsOfSomebody && trail.contains { $0.confidence >= confidence }
        for (sight, end, step) in [
            (first, trail.prefix(Self.sightsOfMovement), -1), (last, trail.suffix(Self.sightsOfMovement), 1),
        ] {
            hold(sight, for: isSomebody ? Self.holdOfSomebody : Self.hold, movingAs: end, by: step, in: &places)
            if isSomebody, Self.stands(end) { stay(sight, for: Self.holdOfWhoStands, by: step, in: &places) }
        }
        // Where the next sight hardly touches this one the tracker may have gone over to somebody else: he who was left stays a while, and so
        // he who is taken up was there before.
        for (one, next) in zip(trail, trail.dropFirst()) where one.box.iou(with: next.box) < Self.sameOverlap {
            stay(one, for: Self.hold, by: 1, in: &places)
            stay(next, for: Self.hold, by: -1, in: &places)
        }
    }

    /// Covers who stands between the end of a trail and the next sight at his place, and between the beginning of one and the sight before.
    private func bridge(_ trails: [[Sight]], in places: inout [[BoundingBox]]) {
        var sights = [[Sight]](repeating: [], count: frames.count)
        for sight in trails.joined() { sights[sight.frame].append(sight) }
        for trail in trails {
            for (end, step) in [(trail.suffix(Self.sightsOfMovement), 1), (trail.prefix(Self.sightsOfMovement), -1)] {
                guard let sight = step > 0 ? end.last : end.first, Self.stands(end),
                    let other = neighbour(of: sight, among: sights, by: step)
                else { continue }
                let (one, next) = step > 0 ? (sight, other) : (other, sight)
                guard next.frame > one.frame + 1 else { continue }
                for index in one.frame + 1..<next.frame { places[index] += [one.box, next.box] }
            }
        }
    }
    private static func stands(_ sights: ArraySlice<Sight>) -> Bool {
        guard let first = sights.first, let last = sights.last else { return false }
        return first.box.iou(with: last.box) >= sameOverlap
    }
    private func neighbour(of sight: Sight, among sights: [[Sight]], by step: Int) -> Sight? {
        var found: Sight?
        forEachHeld(for: Self.rest, after: sight, by: step) { index in
            found = found ?? sights[index].first { $0.box.iou(with: sight.box) >= Self.restOverlap }
        }
        return found
    }

    /// Covers somebody before the first or after the last sight: where he is if he goes on as he went, and if he stays where he was.
    private func hold(
        _ sight: Sight, for seconds: Double, movingAs sights: ArraySlice<Sight>, by step: Int,
        in places: inout [[BoundingBox]]
    ) {
        stay(sight, for: seconds, by: step, in: &places)
        forEachHeld(for: seconds, after: sight, by: step) {
            places[$0].append(beyond(sight, from: Array(sights), at: $0))
        }
    }
    private func stay(_ sight: Sight, for seconds: Double, by step: Int, in places: inout [[BoundingBox]]) {
        forEachHeld(for: seconds, after: sight, by: step) { index in
            let away = abs(frames[index].seconds - frames[sight.frame].seconds)
            places[index].append(sight.box.grown(unseenFor: away))
        }
    }
    private func forEachHeld(for seconds: Double, after sight: Sight, by step: Int, _ body: (Int) -> Void) {
        var index = sight.frame + step
        while frames.indices.contains(index), abs(frames[index].seconds - frames[sight.frame].seconds) <= seconds {
            body(index)
            index += step
        }
    }

    private func between(_ one: Sight, _ next: Sight, at index: Int) -> BoundingBox {
        let (start, end, now) = (frames[one.frame].seconds, frames[next.frame].seconds, frames[index].seconds)
        let share = end > start ? Float((now - start) / (end - start)) : 0
        func mix(_ a: Float, _ b: Float) -> Float { a + share * (b - a) }
        let box = BoundingBox(
            minX: mix(one.box.minX, next.box.minX), minY: mix(one.box.minY, next.box.minY),
            maxX: mix(one.box.maxX, next.box.maxX), maxY: mix(one.box.maxY, next.box.maxY))
        return box.grown(unseenFor: min(now - start, end - now))
    }

    /// Where somebody is who moves on as he did at `sights`, before or after `sight`.
    private func beyond(_ sight: Sight, from sights: [Sight], at index: Int) -> BoundingBox {
        let away = frames[index].seconds - frames[sight.frame].seconds
        var box = sight.box
        if let first = sights.first, let last = sights.last,
            case let span = frames[last.frame].seconds - frames[first.frame].seconds, span >= 0.1
        {
            let (from, to) = (first.box.center, last.box.center), steps = Float(away / span)
            box = box.moved(by: Point(x: (to.x - from.x) * steps, y: (to.y - from.y) * steps))
        }
        return box.grown(unseenFor: abs(away))
    }
}

extension BoundingBox {
    fileprivate func grown(unseenFor seconds: Double) -> BoundingBox {
        let share = CoverTrails.growth * Float(min(seconds, CoverTrails.growing))
        return grown(share * width, share * height)
    }
    fileprivate func moved(by way: Point) -> BoundingBox {
        BoundingBox(minX: minX + way.x, minY: minY + way.y, maxX: maxX + way.x, maxY: maxY + way.y)
    }
}
