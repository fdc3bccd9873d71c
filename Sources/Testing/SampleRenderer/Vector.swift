import Foundation

/// A point or direction in metres: `x` right, `y` up, `z` away from the camera. As a colour: linear red, green, blue.
typealias Vector = SIMD3<Float>

func dot(_ a: Vector, _ b: Vector) -> Float { (a * b).sum() }
func length(_ a: Vector) -> Float { dot(a, a).squareRoot() }
func normalized(_ a: Vector) -> Vector { a / length(a) }
func cross(_ a: Vector, _ b: Vector) -> Vector {
    Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
func mix<T: SIMD>(_ a: T, _ b: T, _ share: Float) -> T where T.Scalar == Float { a + (b - a) * share }
func mix(_ a: Float, _ b: Float, _ share: Float) -> Float { a + (b - a) * share }
func clamp(_ value: Float, _ range: ClosedRange<Float> = 0...1) -> Float {
    min(max(value, range.lowerBound), range.upperBound)
}
/// 0 below `edge`, 1 above `edge + width`, smooth between.
func smoothStep(_ value: Float, from edge: Float, width: Float) -> Float {
    let share = clamp((value - edge) / width)
    return share * share * (3 - 2 * share)
}

struct Ray {
    var origin: Vector
    /// Unit length.
    var direction: Vector
    func point(at distance: Float) -> Vector { origin + direction * distance }
}
