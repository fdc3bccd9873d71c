/// The people of one moment of a stream: the one answer to how many there are and where.
///
/// Events, live messages, pictures, and the files and the summary of `analyze` all read the count of a moment here, so that no
/// two of them differ. `Census` says who is counted; it alone makes one from what a model found.
public struct Headcount: Hashable, Sendable {
    public struct Person: Hashable, Sendable {
        /// In pixels of the source frame; where the person is taken to be when this frame does not show it.
        public var box: BoundingBox
        /// Of the detection in this frame; `nil` when there is none.
        public var confidence: Float?
        /// By which the tracker knows the person; `nil`: it follows somebody else or nobody here.
        public var track: Track.ID?
        public init(box: BoundingBox, confidence: Float?, track: Track.ID? = nil) {
            (self.box, self.confidence, self.track) = (box, confidence, track)
        }
    }
    /// Those who are followed come first, longest first.
    public var people: [Person]
    public var count: Int { people.count }

    public init(_ people: [Person] = []) { self.people = people }
    /// Everybody found and nobody else, for who looks at single frames.
    public init(found detections: [Detection]) {
        people = detections.map { Person(box: $0.box, confidence: $0.confidence) }
    }
}
