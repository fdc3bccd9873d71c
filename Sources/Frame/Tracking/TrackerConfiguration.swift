public import Records

/// Everything an operator may tune about tracking, and the probe count. Confidences are on the model's own scale, so a
/// model card may bring its own.
public struct TrackerConfiguration: Hashable, Sendable {
    /// The confidences that a card may bring, by the keys that they have among the settings.
    public enum Confidence: String, Sendable, CaseIterable {
        case birth = "tracker.birth_confidence"
        case high = "tracker.high_confidence"
        case low = "tracker.low_confidence"
        case still = "tracker.still_confidence"
    }

    /// Detections at least this confident are associated first. `0...1`. Higher: cleaner boxes, more tracks kept
    /// alive by the second stage alone.
    public var highConfidence: Float = 0.27
    /// Detections at least this confident may still continue a track. `0...1`. Lower bridges more occlusions but lets
    /// tracks drift onto clutter.
    public var lowConfidence: Float = 0.22
    /// Detections at least this confident may start a track. `0...1`. Higher: fewer ghosts, later births.
    public var birthConfidence: Float = 0.36
    /// Not a setting: the least that an analytic which shares the tracker asks for. Analysed frames in which a new track must be
    /// found before it counts. At least 1. Higher: fewer ghosts.
    public var probeCount: Int = 3
    /// A new track that has stood still counts only once it was seen at least this confidently: lamp posts and signs look
    /// a little like people, and never move. `0...1`. Higher: fewer ghosts, but people who stand or sit half hidden
    /// from the first frame on are found later or not at all.
    public var stillConfidence: Float = 0.37
    /// How far a new track must have moved from where it was first seen, in box heights, to count without that.
    public var movement: Float = 0.3
    /// A new track that has neither moved nor been seen surely for so long is taken for a thing: it keeps the
    /// detections at its place to itself, so that nobody who passes by ends as a lamp post.
    public var thingAge: Duration = .seconds(2)
    /// Overlap with a thing's place at which a detection is the thing's. `0...1`.
    public var thingOverlap: Float = 0.5
    /// How long a lost track may be found again. Longer bridges occlusions but risks swapped ids.
    public var patience: Duration = .milliseconds(2300)
    /// How long a confirmed track stays confirmed on its predicted place alone, so that one missed detection is not an
    /// absence. Longer fills gaps but keeps people who have left.
    public var coasting: Duration = .milliseconds(500)
    /// How long a track that was never confirmed may go unseen.
    public var tentativePatience: Duration = .milliseconds(500)
    /// Least buffered overlap at which a detection may continue a track, first stage. `0...1`.
    public var firstGate: Float = 0.15
    /// The same for unsure detections, second stage.
    public var secondGate: Float = 0.4
    /// The same for tracks that are not confirmed yet.
    public var tentativeGate: Float = 0.1
    /// By which share of their size boxes are grown before they are compared: at once, and more for each second since
    /// the track was last seen, up to `maximumBuffer`. Larger follows faster walkers at low frame rates but confuses neighbours.
    public var buffer: Float = 0.15
    public var bufferPerSecond: Float = 0.85
    public var maximumBuffer: Float = 0.95
    /// A detection that overlaps a person already followed by more than this starts no track. `0...1`.
    public var duplicateOverlap: Float = 0.4
    /// Standard deviation of a measured position and size, as a share of the box height.
    public var measurementNoise: Float = 0.1
    /// Strength of the unknown acceleration: change of speed per second, in box heights per second.
    public var accelerationNoise: Float = 0.4
    /// The same for the size of the box.
    public var sizeNoise: Float = 0.12
    /// How much of the measured box is in the box that is reported of a person who is seen; the rest is what the filter
    /// makes of it. `0...1`. The filter is slow so that ids hold, and would lag behind who turns or begins to walk.
    public var measuredShare: Float = 0.5
    /// Standard deviation of a new track's speed, in box heights per second.
    public var initialSpeed: Float = 0.8

    public init() {}

    public static let settings: [Setting<TrackerConfiguration>] = [
        Setting(Confidence.birth.rawValue, \.birthConfidence, in: 0...1),
        Setting(Confidence.high.rawValue, \.highConfidence, in: 0...1),
        Setting(Confidence.low.rawValue, \.lowConfidence, in: 0...1),
        Setting(Confidence.still.rawValue, \.stillConfidence, in: 0...1),
        Setting("tracker.movement", \.movement, in: 0...100),
        Setting("tracker.thing_age", \.thingAge, seconds: 0...600),
        Setting("tracker.thing_overlap", \.thingOverlap, in: 0...1),
        Setting("tracker.patience", \.patience, seconds: 0...600),
        Setting("tracker.coasting", \.coasting, seconds: 0...600),
        Setting("tracker.tentative_patience", \.tentativePatience, seconds: 0...600),
        Setting("tracker.first_gate", \.firstGate, in: 0...1),
        Setting("tracker.second_gate", \.secondGate, in: 0...1),
        Setting("tracker.tentative_gate", \.tentativeGate, in: 0...1),
        Setting("tracker.buffer", \.buffer, in: 0...10),
        Setting("tracker.buffer_per_second", \.bufferPerSecond, in: 0...10),
        Setting("tracker.maximum_buffer", \.maximumBuffer, in: 0...10),
        Setting("tracker.duplicate_overlap", \.duplicateOverlap, in: 0...1),
        Setting("tracker.measurement_noise", \.measurementNoise, in: 0...10),
        Setting("tracker.acceleration_noise", \.accelerationNoise, in: 0...100),
        Setting("tracker.size_noise", \.sizeNoise, in: 0...100),
        Setting("tracker.measured_share", \.measuredShare, in: 0...1),
        Setting("tracker.initial_speed", \.initialSpeed, in: 0...100),
    ]
}
