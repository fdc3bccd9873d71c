public import Frames
public import Scene

/// A look at a face that another model has found, by one that says where its five points are.
extension LoadedModel {
    /// How wide the square is in which the points are looked for, in heights of the face.
    private static let pointsHeights: Float = 2.2
    /// What is found there is the same face if it overlaps it by at least this.
    private static let sameFace: Float = 0.3

    /// The five points of a face; `nil` where no such face is seen.
    /// - Throws: what the finder throws.
    public func points(of face: BoundingBox, in frame: Frame, urgency: Urgency) async throws -> Landmarks5? {
        let side = Self.pointsHeights * max(face.width, face.height) / 2, middle = face.center
        let square = BoundingBox(
            minX: middle.x - side, minY: middle.y - side, maxX: middle.x + side, maxY: middle.y + side)
        guard let region = PixelRect(touchedBy: square, in: frame.size) else { return nil }
        let found = try await finder.find(in: frame, region: region, urgency: urgency)
        guard let same = found.max(by: { $0.box.iou(with: face) < $1.box.iou(with: face) }) else { return nil }
        return same.box.iou(with: face) >= Self.sameFace ? same.landmarks : nil
    }
}
