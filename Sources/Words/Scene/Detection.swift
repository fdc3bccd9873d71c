/// One box from the model in one frame.
public struct Detection: Hashable, Sendable {
    public var box: BoundingBox
    /// The model's own score, `0...1`. Comparable within one model only.
    public var confidence: Float
    /// Index into the model card's classes; 0 is `person` for the bundled model.
    public var label: Int
    /// Of a face; they may lie outside the frame. `nil` from models that find something else.
    public var landmarks: Landmarks5?
    public init(box: BoundingBox, confidence: Float, label: Int = 0, landmarks: Landmarks5? = nil) {
        (self.box, self.confidence, self.label, self.landmarks) = (box, confidence, label, landmarks)
    }
}
