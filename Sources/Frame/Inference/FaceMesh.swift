import Foundation
import Scene

/// 468 points of a face, by their numbers in MediaPipe's face mesh (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on
/// Mobile GPUs", CVPR Workshop 2019).
struct FaceMesh: Hashable {
    static let count = 468
    /// In pixels of the picture.
    let points: [Point]

    /// The 68 points of iBUG 300-W in their order: jaw, brows, nose, eyes, lips. The correspondence is the one that is in general use, as in
    /// LatentSync's and MaixPy's tables.
    private static let numbers68 = [
        162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
        71, 63, 105, 66, 107, 336, 296, 334, 293, 301,
        168, 197, 5, 4, 75, 97, 2, 326, 305,
        33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
        61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
        78, 82, 13, 312, 308, 317, 14, 87,
    ]
    var landmarks68: [Point] { Self.numbers68.map { points[$0] } }

    /// The corners of an eye, left and right as whoever looks at the picture sees them.
    struct EyeCorners: Hashable { let left, right: Point }
    var leftEye: EyeCorners { EyeCorners(left: points[33], right: points[133]) }
    var rightEye: EyeCorners { EyeCorners(left: points[362], right: points[263]) }

    /// A smile draws the corners of the mouth apart and up to the middle of the upper lip: the mouth's width, in distances between the eyes, and how
    /// far the lip lies under the line between the corners, in widths of the mouth, added up. An open mouth is told by the gap between the lips, over
    /// the mouth's width.
    ///
    /// Source: ours, in the manner of the aspect ratios of eyes (see `EyeContour`). The bounds: of portraits, those that smile have 1.0 to 1.14 and
    /// those that do not 0.73 to 0.93; teeth that smile show are gaps of 0.21 to 0.28, closed lips 0.01 to 0.1, a mouth that speaks 0.58.
    var mouth: MouthEstimate {
        let left = points[61], right = points[291]
        let width = left.distance(to: right)
        let eyes = leftEye.middle.distance(to: rightEye.middle)
        guard width > 0, eyes > 0 else { return MouthEstimate(smile: 0, opened: 0) }
        // How far the middle of the upper lip lies under the line between the corners.
        let lip = points[13]
        let lift = ((right.x - left.x) * (lip.y - left.y) - (right.y - left.y) * (lip.x - left.x)) / (width * width)
        let inner = points[78].distance(to: points[308])
        let gap = inner > 0 ? points[13].distance(to: points[14]) / inner : 0
        return MouthEstimate(smile: ramp(width / eyes + lift, Self.smiles), opened: ramp(gap, Self.gaps))
    }
    private static let smiles: ClosedRange<Float> = 0.88...1.04
    private static let gaps: ClosedRange<Float> = 0.05...0.45
}

private func ramp(_ value: Float, _ range: ClosedRange<Float>) -> Float {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
}

extension FaceMesh.EyeCorners {
    var middle: Point { Point(x: (left.x + right.x) / 2, y: (left.y + right.y) / 2) }
    var width: Float { left.distance(to: right) }
}

/// An eye and its iris, in pixels of the picture.
///
/// Source: Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry", CVPR Workshop 2020, says what the model's
/// points are.
struct EyeContour: Hashable {
    /// The lids: from the outer corner along the lower one to the inner corner (nine), then along the upper one (seven).
    let lids: [Point]
    /// The middle of the iris.
    let center: Point
    /// Of the iris: the mean distance of the four points of its edge.
    let radius: Float

    /// - Parameters:
    ///   - contour: of which the first 16 are the lids.
    ///   - iris: its middle and four points of its edge.
    init(contour: [Point], iris: [Point]) {
        (lids, center) = (Array(contour[..<16]), iris[0])
        radius = iris[1...].reduce(0) { $0 + $1.distance(to: iris[0]) } / Float(iris.count - 1)
    }

    /// 32 points of the circle that fits the model's points best.
    var iris: [Point] {
        (0..<32).map { number in
            let angle = 2 * Float.pi * Float(number) / 32
            return Point(x: center.x + radius * cos(angle), y: center.y + radius * sin(angle))
        }
    }

    /// The eye aspect ratio: height over width.
    ///
    /// Source: Soukupová, Čech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016, on the lids of this model.
    var aspectRatio: Float {
        let width = lids[0].distance(to: lids[8])
        guard width > 0 else { return 0 }
        return (lids[11].distance(to: lids[3]) + lids[13].distance(to: lids[5])) / (2 * width)
    }
    private static let closed: Float = 0.14
    var state: EyeEstimate.State { aspectRatio < Self.closed ? .closed : .open }

    /// How far the middle of the iris lies from that of the corners, in radii of the iris: along the line through the corners, and at right angles
    /// to it, down.
    var offset: (along: Float, down: Float) {
        // Corners from left to right, whichever side the eye is on.
        let (a, b) = lids[0].x < lids[8].x ? (lids[0], lids[8]) : (lids[8], lids[0])
        let width = a.distance(to: b)
        guard width > 0, radius > 0 else { return (0, 0) }
        let (ux, uy) = ((b.x - a.x) / width, (b.y - a.y) / width)
        let (x, y) = (center.x - (a.x + b.x) / 2, center.y - (a.y + b.y) / 2)
        return ((x * ux + y * uy) / radius, (y * ux - x * uy) / radius)
    }
}

extension Gaze {
    /// Both eyes together, which look at the same thing, in a head that is turned.
    ///
    /// An iris lies where its eyeball is turned: the sine of the angle is its offset over the radius of the eyeball. An iris measures 11.7 mm across in
    /// nearly everybody and an eyeball 24 mm, so that radius is 2.05 of the iris's. Of an eye that looks straight ahead the middle of the iris lies above the
    /// line between the corners.
    ///
    /// Source: ours; the measures are those of Bekerman, Gottlieb, Vaiman, "Variations in Eyeball Diameters of the Healthy Adults", J. Ophthalmology
    /// 2014, and of the iris in Ablavatski et al., above.
    init(left: EyeContour, right: EyeContour, head: HeadPose) {
        let (a, b) = (left.offset, right.offset)
        func angle(_ offset: Float) -> Double { asin(min(max(Double(offset) / 2.05, -1), 1)) * 180 / .pi }
        self.init(
            yaw: head.yaw + angle((a.along + b.along) / 2),
            pitch: head.pitch - angle((a.down + b.down) / 2 + Self.straight))
    }
    private static let straight: Float = 0.3
}

extension Point {
    fileprivate func distance(to other: Point) -> Float {
        let (x, y) = (x - other.x, y - other.y)
        return (x * x + y * y).squareRoot()
    }
}
