/// Where a head lies in a picture and how large it is, as portraits are measured: by lines through eyes and mouth.
///
/// Source: ISO/IEC 19794-5, 8.3 "Geometric characteristics of the full frontal image type". The middle of the head is where the line between
/// the eyes meets the one down the face, and its width is that between the ears. Ears, chin and crown are not among the five points: they are
/// where an adult's mean head has them, 140 mm between the ears for 63 between the eyes; the chin 114 mm below the eyes, where the mouth
/// is 67 below; the crown as far above the eyes as the chin is below them, which is the canon of two halves of the head (Farkas et al., "Vertical
/// and horizontal proportions of the face in young adult North American Caucasians", Plastic and Reconstructive Surgery 75/3, 1985). A head that
/// is turned is told smaller than it is.
public struct PortraitGeometry: Hashable, Sendable {
    /// Between the eyes, in pixels.
    public let center: Point
    /// In pixels.
    public let eyeDistance, headWidth, headHeight: Float

    private static let earsForEyes: Float = 140 / 63, headForMouth: Float = 2 * 114 / 67

    public init(_ face: Landmarks5) {
        center = Self.middle(face.leftEye, face.rightEye)
        eyeDistance = Self.distance(face.leftEye, face.rightEye)
        headWidth = Self.earsForEyes * eyeDistance
        headHeight = Self.headForMouth * Self.distance(center, Self.middle(face.leftMouth, face.rightMouth))
    }
    private static func middle(_ a: Point, _ b: Point) -> Point { Point(x: (a.x + b.x) / 2, y: (a.y + b.y) / 2) }
    private static func distance(_ a: Point, _ b: Point) -> Float {
        ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }
}
