public import Scene
public import Tracking

/// Where people are to be covered in frames that come one by one.
///
/// What a model finds is covered at once, also what it is not sure of; whoever was followed and is missed stays covered for three seconds,
/// where the tracker expects him, wider from frame to frame in the first of them: who sits or turns away is missed that long. A frame from
/// before anybody was found is gone already: who wants that covered too needs the whole video (`CoverTrails`).
public struct CoverFollower: Sendable {
    /// For how long who is missed stays covered.
    private static let hold = Duration.seconds(3)
    /// By how much of its size the place of who is missed grows in a second, and for how many seconds it does.
    private static let growth: Float = 0.6, growing: Float = 1

    private var tracker: any Tracker
    private let confidence: Float

    /// - Parameters:
    ///   - configuration: of those who are followed for events by the same model.
    ///   - confidence: from which that model is sure.
    ///   - least: from which anybody is covered at once, and somebody who is known is followed.
    public init(
        _ configuration: TrackerConfiguration, sureFrom confidence: Float, coveredFrom least: Float? = nil,
        makeTracker: (TrackerConfiguration) -> any Tracker
    ) {
        var own = configuration.forCovers(sureFrom: confidence, coveredFrom: least)
        (own.patience, own.coasting, own.tentativePatience) = (Self.hold, Self.hold, Self.hold)
        (tracker, self.confidence) = (makeTracker(own), min(own.birthConfidence, least ?? 1))
    }

    /// Boxes as the model draws them, to be grown by what they are of.
    /// - Parameter detections: also the unsure ones.
    public mutating func places(
        of detections: [Detection], at pts: MediaTime, in size: PixelSize
    ) -> [BoundingBox] {
        let found = detections.filter { $0.confidence >= confidence }.map(\.box)
        let followed = tracker.update(with: detections, at: pts, frameSize: size).map { track in
            let growth = Self.growth * min(Float((pts - track.lastSeen).seconds), Self.growing)
            return track.box.grown(growth * track.box.width, growth * track.box.height)
        }
        return found + followed
    }
}

extension TrackerConfiguration {
    /// The same for covering: a cover too many harms nobody, so everything that was found is followed at once, things included.
    func forCovers(sureFrom confidence: Float, coveredFrom least: Float?) -> TrackerConfiguration {
        var own = self
        let low = min(lowConfidence, confidence)
        own.birthConfidence = max(low, 0.6 * confidence)
        own.lowConfidence = min(low, least ?? low)
        own.highConfidence = min(highConfidence, max(own.birthConfidence, own.lowConfidence))
        (own.probeCount, own.stillConfidence, own.movement) = (1, 0, 0)
        (own.patience, own.coasting, own.tentativePatience) = (.seconds(1), .seconds(1), .seconds(1))
        return own
    }
}
