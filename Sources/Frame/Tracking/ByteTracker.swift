public import Scene

/// Two-stage association: sure detections continue tracks first, then unsure ones continue what is left, so that a
/// half-hidden person is followed by the weak box that is all the detector sees.
///
/// Source: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022. Overlap is
/// measured between boxes grown with the time since the track was seen, so that people are still found at two frames
/// per second: Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances? Make It Easier by
/// Buffering the Matching Space", WACV 2023. Ours counts in seconds of media time and never in frames.
public struct ByteTracker: Tracker {
    private struct Follow {
        var track: Track
        var filter: KalmanFilter
        let origin: Point
        var bestConfidence: Float
        /// Whether it was ever confirmed.
        var isKnown: Bool
        /// Where it has stood since it was first seen, once it is taken for a thing.
        var anchor: BoundingBox?
    }
    private let configuration: TrackerConfiguration
    private var follows: [Follow] = []
    private var lastID: UInt64 = 0
    private var lastTime: MediaTime?

    public init(configuration: TrackerConfiguration = TrackerConfiguration()) { self.configuration = configuration }

    public mutating func update(with detections: [Detection], at pts: MediaTime, frameSize: PixelSize) -> [Track] {
        predict(to: pts)
        let sure = detections.filter { $0.confidence >= configuration.highConfidence }
        let unsure = detections.filter {
            $0.confidence < configuration.highConfidence && $0.confidence >= configuration.lowConfidence
        }
        // Things take part from the beginning: a lost track must not be found again as a lamp post.
        let known = follows.indices.filter { follows[$0].isKnown || follows[$0].anchor != nil }
        let new = follows.indices.filter { !follows[$0].isKnown && follows[$0].anchor == nil }

        let first = associate(known, with: sure, gate: configuration.firstGate, at: pts)
        // A lost track is not revived by an unsure box: that is how ghosts live for ever.
        let stillSeen = first.unmatched.filter { follows[$0].track.phase == .confirmed || follows[$0].anchor != nil }
        let second = associate(stillSeen, with: unsure, gate: configuration.secondGate, at: pts)
        let third = associate(new, with: first.unused, gate: configuration.tentativeGate, at: pts)

        for (index, detection) in first.pairs + second.pairs + third.pairs { found(index, detection, at: pts) }
        drop(at: pts, frameSize: frameSize)
        for detection in third.unused where detection.confidence >= configuration.birthConfidence {
            begin(with: detection, at: pts)
        }
        return follows.map(\.track)
    }

    // MARK: Steps

    private mutating func predict(to pts: MediaTime) {
        defer { lastTime = pts }
        guard let lastTime else { return }
        let elapsed = pts - lastTime
        for index in follows.indices {
            if follows[index].track.confidence == nil { follows[index].filter.freezeSize() }
            follows[index].filter.predict(by: elapsed)
            follows[index].track.box = follows[index].filter.box
            (follows[index].track.confidence, follows[index].track.landmarks) = (nil, nil)
        }
    }

    private struct Association {
        var pairs: [(index: Int, detection: Detection)] = []
        var unmatched: [Int] = []
        var unused: [Detection] = []
    }

    private func associate(_ indices: [Int], with detections: [Detection], gate: Float, at pts: MediaTime)
        -> Association
    {
        guard !indices.isEmpty, !detections.isEmpty else { return Association(unmatched: indices, unused: detections) }
        var costs: [Float] = []
        costs.reserveCapacity(indices.count * detections.count)
        for index in indices {
            let unseen = Float((pts - follows[index].track.lastSeen).seconds)
            let buffer = min(configuration.maximumBuffer, configuration.buffer + configuration.bufferPerSecond * unseen)
            let predicted = follows[index].track.box.grown(by: buffer)
            for detection in detections {
                let overlap =
                    follows[index].anchor.map { overlapWithThing(at: $0, detection) }
                    ?? predicted.iou(with: detection.box.grown(by: buffer))
                costs.append(1 - overlap)
            }
        }
        let columns = Assignment.solve(
            costs: costs, rows: indices.count, columns: detections.count, limit: 1 - gate)
        var result = Association()
        var isUsed = [Bool](repeating: false, count: detections.count)
        for (row, index) in indices.enumerated() {
            if let column = columns[row] {
                result.pairs.append((index, detections[column]))
                isUsed[column] = true
            } else {
                result.unmatched.append(index)
            }
        }
        result.unused = detections.indices.filter { !isUsed[$0] }.map { detections[$0] }
        return result
    }

    /// Only an unsure detection at the very place is the thing's: who is seen surely there stands in front of it.
    private func overlapWithThing(at anchor: BoundingBox, _ detection: Detection) -> Float {
        let overlap = anchor.iou(with: detection.box)
        return overlap >= configuration.thingOverlap && detection.confidence < configuration.stillConfidence
            ? overlap : 0
    }

    private mutating func found(_ index: Int, _ detection: Detection, at pts: MediaTime) {
        let trust = min(1, detection.confidence / configuration.birthConfidence)
        follows[index].filter.update(with: detection.box, trust: trust)
        follows[index].track.sightings += 1
        follows[index].bestConfidence = max(follows[index].bestConfidence, detection.confidence)
        if isConvincing(follows[index]) { follows[index].isKnown = true }
        follows[index].track.box = follows[index].filter.box.moved(
            towards: detection.box, by: configuration.measuredShare)
        (follows[index].track.confidence, follows[index].track.landmarks) = (detection.confidence, detection.landmarks)
        follows[index].track.lastSeen = pts
        follows[index].track.phase = follows[index].isKnown ? .confirmed : .tentative
        if !follows[index].isKnown, pts - follows[index].track.firstSeen >= configuration.thingAge {
            follows[index].anchor = follows[index].anchor ?? detection.box
        }
    }

    private func isConvincing(_ follow: Follow) -> Bool {
        guard follow.track.sightings >= configuration.probeCount else { return false }
        if follow.bestConfidence >= configuration.stillConfidence { return true }
        guard follow.anchor == nil else { return false }
        let now = follow.filter.box.center
        let dx = now.x - follow.origin.x, dy = now.y - follow.origin.y
        let distance = (dx * dx + dy * dy).squareRoot()
        return distance >= configuration.movement * follow.filter.box.height
    }

    private mutating func drop(at pts: MediaTime, frameSize: PixelSize) {
        follows.removeAll { follow in
            let unseen = pts - follow.track.lastSeen
            let isLasting = follow.isKnown || follow.anchor != nil
            return unseen > (isLasting ? configuration.patience : configuration.tentativePatience)
                || !follow.track.box.center.isInside(frameSize)
        }
        for index in follows.indices where follows[index].isKnown {
            if pts - follows[index].track.lastSeen > configuration.coasting { follows[index].track.phase = .lost }
        }
    }

    private mutating func begin(with detection: Detection, at pts: MediaTime) {
        let isDuplicate = follows.contains {
            $0.track.confidence != nil && $0.track.box.iou(with: detection.box) > configuration.duplicateOverlap
        }
        guard !isDuplicate else { return }
        lastID += 1
        var follow = Follow(
            track: Track(
                id: Track.ID(rawValue: lastID), phase: .tentative, box: detection.box,
                confidence: detection.confidence, landmarks: detection.landmarks, firstSeen: pts, lastSeen: pts,
                sightings: 1),
            filter: KalmanFilter(detection.box, configuration: configuration), origin: detection.box.center,
            bestConfidence: detection.confidence, isKnown: false)
        if isConvincing(follow) {
            follow.isKnown = true
            follow.track.phase = .confirmed
        }
        follows.append(follow)
    }
}

extension BoundingBox {
    /// The box between this one and `other`: this one at a share of 0, `other` at 1.
    fileprivate func moved(towards other: BoundingBox, by share: Float) -> BoundingBox {
        func mix(_ own: Float, _ others: Float) -> Float { own + share * (others - own) }
        return BoundingBox(
            minX: mix(minX, other.minX), minY: mix(minY, other.minY),
            maxX: mix(maxX, other.maxX), maxY: mix(maxY, other.maxY))
    }

    /// The box with `share` of its own width and height added on each side.
    fileprivate func grown(by share: Float) -> BoundingBox {
        let dx = share * width, dy = share * height
        return BoundingBox(minX: minX - dx, minY: minY - dy, maxX: maxX + dx, maxY: maxY + dy)
    }
}
extension Point {
    fileprivate func isInside(_ size: PixelSize) -> Bool {
        x >= 0 && y >= 0 && x <= Float(size.width) && y <= Float(size.height)
    }
}
