/// One physical object followed over time, as known after the latest frame.
public struct Track: Hashable, Sendable, Identifiable {
    public enum Phase: String, Sendable { case tentative, confirmed, lost }
    /// Unique within one run of one stream and never reused, so an event may name an ended track.
    public struct ID: RawRepresentable, Hashable, Comparable, Sendable {
        public let rawValue: UInt64
        public init(rawValue: UInt64) { self.rawValue = rawValue }
        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    public let id: ID
    public var phase: Phase
    /// The filtered place; the predicted one while the track is lost.
    public var box: BoundingBox
    /// Confidence of the detection that updated the track in this frame; `nil` when none did, so that `box` is a prediction.
    public var confidence: Float?
    /// Of that detection, when the model finds points.
    public var landmarks: Landmarks5?
    /// Of somebody whose body is followed: the face that this frame shows, when faces are sought too.
    public var face: Detection?
    public let firstSeen: MediaTime
    /// The latest frame in which a detection updated the track.
    public var lastSeen: MediaTime
    /// Analysed frames in which a detection updated the track, the first included.
    public var sightings: Int

    public init(
        id: ID, phase: Phase, box: BoundingBox, confidence: Float?, landmarks: Landmarks5? = nil,
        firstSeen: MediaTime, lastSeen: MediaTime, sightings: Int
    ) {
        (self.id, self.phase, self.box, self.confidence, self.landmarks) = (id, phase, box, confidence, landmarks)
        (self.firstSeen, self.lastSeen, self.sightings) = (firstSeen, lastSeen, sightings)
    }
}
