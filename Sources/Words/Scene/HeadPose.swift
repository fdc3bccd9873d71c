import Foundation

/// How a head is turned, in degrees: 0 looks into the camera.
public struct HeadPose: Hashable, Sendable {
    /// To the right of whoever looks at the picture; up; clockwise.
    public var yaw, pitch, roll: Double
    public init(yaw: Double, pitch: Double, roll: Double) { (self.yaw, self.pitch, self.roll) = (yaw, pitch, roll) }

    /// Whether no angle is greater than in `limit`, either way.
    public func isWithin(_ limit: HeadPose) -> Bool {
        abs(yaw) <= limit.yaw && abs(pitch) <= limit.pitch && abs(roll) <= limit.roll
    }

    /// Of a face whose points lie as those of an adult's mean head would. `nil` when they lie on one line or are no numbers.
    ///
    /// Source: the first step of DeMenthon, Davis, "Model-Based Object Pose in 25 Lines of Code", IJCV 1995: a head is flat enough, seen
    /// from afar, for a scaled orthographic projection, which least squares give.
    public init?(_ face: Landmarks5) {
        let weights = MeanHead.weights
        var middle = Vector(0, 0, 0), right = Vector(0, 0, 0), down = Vector(0, 0, 0)
        face.forEach { _, point in middle = middle + Vector(Double(point.x), Double(point.y), 0) / 5 }
        face.forEach { number, point in
            right = right + weights[number] * (Double(point.x) - middle.x)
            down = down + weights[number] * (Double(point.y) - middle.y)
        }
        guard right.length > 1e-9, down.length > 1e-9, right.length.isFinite, down.length.isFinite else { return nil }
        // The nearest two axes that are at right angles.
        let (a, b) = (right / right.length, down / down.length)
        let sum = a + b, difference = a + b * -1
        guard sum.length > 1e-9, difference.length > 1e-9 else { return nil }
        let c = sum / (sum.length * 2.0.squareRoot()), d = difference / (difference.length * 2.0.squareRoot())
        let x = c + d, y = c + d * -1, z = x.cross(y)
        let degrees = 180 / Double.pi
        self.init(
            yaw: -atan2(-z.x, z.z) * degrees, pitch: -asin(min(max(z.y, -1), 1)) * degrees,
            roll: atan2(-x.y, y.y) * degrees)
    }
}

/// Where the five points lie on an adult's head, in millimetres: to the right as whoever looks at the face sees it, down, away from him.
/// Distances as in Farkas, "Anthropometry of the Head and Face", 1994, means of both sexes, rounded.
enum MeanHead {
    static let points = [
        Vector(-31.5, 0, 0), Vector(31.5, 0, 0), Vector(0, 40, -27), Vector(-25, 67, -9), Vector(25, 67, -9),
    ]
    /// By which the coordinates of the five points are summed up to the rows of the projection that fits them best: the columns
    /// of the pseudoinverse of the points around their middle.
    static let weights: [Vector] = {
        let middle = points.reduce(Vector(0, 0, 0), +) / 5
        let centred = points.map { $0 + middle * -1 }
        var rows = [Vector(0, 0, 0), Vector(0, 0, 0), Vector(0, 0, 0)]
        for point in centred {
            rows[0] = rows[0] + point * point.x
            rows[1] = rows[1] + point * point.y
            rows[2] = rows[2] + point * point.z
        }
        // The inverse of a symmetric matrix, by its cofactors.
        let cofactors = [rows[1].cross(rows[2]), rows[2].cross(rows[0]), rows[0].cross(rows[1])]
        let determinant = rows[0].dot(cofactors[0])
        return centred.map { point in
            Vector(cofactors[0].dot(point), cofactors[1].dot(point), cofactors[2].dot(point)) / determinant
        }
    }()
}

/// Three numbers.
struct Vector {
    var x, y, z: Double
    init(_ x: Double, _ y: Double, _ z: Double) { (self.x, self.y, self.z) = (x, y, z) }
    var length: Double { dot(self).squareRoot() }
    func dot(_ other: Vector) -> Double { x * other.x + y * other.y + z * other.z }
    func cross(_ other: Vector) -> Vector {
        Vector(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }
    static func + (a: Vector, b: Vector) -> Vector { Vector(a.x + b.x, a.y + b.y, a.z + b.z) }
    static func * (a: Vector, factor: Double) -> Vector { Vector(a.x * factor, a.y * factor, a.z * factor) }
    static func / (a: Vector, divisor: Double) -> Vector { a * (1 / divisor) }
}
