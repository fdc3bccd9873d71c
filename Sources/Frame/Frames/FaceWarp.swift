public import Scene

/// Where a face lies in its aligned picture: moved, turned and scaled so that its five points come to where those of an upright face
/// stand.
///
/// A face sample is such a picture, 250 pixels a side.
public struct FaceWarp: Hashable, Sendable {
    /// Width and height of the aligned picture.
    public static let side = 250
    /// Where the five points should be in it.
    ///
    /// Source: the 112 × 112 template of Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition", CVPR 2019, enlarged
    /// by 1.75 in the middle, so that forehead and chin are in it too; `templateRegion` is the template's own square.
    public static let reference = template.map {
        Point(x: margin + enlargement * $0.x, y: margin + enlargement * $0.y)
    }
    /// The part that shows a face as recognisers want it, 112 × 112 when it is scaled to that.
    public static let templateRegion = PixelRect(x: 27, y: 27, width: 196, height: 196)
    private static let enlargement: Float = 1.75, margin: Float = 27
    private static let template = Landmarks5(
        leftEye: Point(x: 38.29, y: 51.70), rightEye: Point(x: 73.53, y: 51.50), nose: Point(x: 56.03, y: 71.74),
        leftMouth: Point(x: 41.55, y: 92.37), rightMouth: Point(x: 70.73, y: 92.20))

    /// From the picture to the aligned one.
    public let transform: SimilarityTransform

    /// The similarity that brings the points of `face` nearest to the reference; `nil` when they lie on one spot or are no numbers.
    public init?(_ face: Landmarks5) {
        guard let transform = SimilarityTransform(bringing: face.points, to: Self.reference.points) else { return nil }
        self.transform = transform
    }
    private init(_ transform: SimilarityTransform) { self.transform = transform }
    /// Of a picture that is an aligned face itself.
    public static let itself = FaceWarp(.identity)

    /// Pixels of the aligned picture for one of the frame.
    public var scale: Double { transform.scale }

    public func pointInWarp(_ point: Point) -> Point { transform.apply(to: point) }
    public func pointInFrame(_ point: Point) -> Point { transform.revert(point) }

    /// The part of a picture of `size` that the aligned picture shows, with a pixel around it; `nil` when it shows none.
    public func region(in size: PixelSize) -> PixelRect? {
        transform.region(of: size, shownIn: PixelSize(width: Self.side, height: Self.side))
    }

    /// Draws the aligned face. What lies outside the picture is black.
    /// - Parameter target: `side` pixels a side.
    /// - Throws: a `SourceFailure` when the pixel format cannot be converted.
    public func draw(_ picture: any Picture, to target: PixelTarget, using scratch: inout WarpScratch) throws {
        precondition(target.size == PixelSize(width: Self.side, height: Self.side), "an aligned face has its size")
        try transform.draw(picture, to: target, using: &scratch)
    }
}
