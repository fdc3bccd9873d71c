/// A tapered capsule: the one shape of which a person is built.
struct Bone: Sendable {
    enum Material: Sendable { case top, bottom, skin, hair, shoes, bag }
    var from, to: Vector
    /// Metres, at either end.
    var fromRadius, toRadius: Float
    var material: Material

    init(_ material: Material, _ from: Vector, _ fromRadius: Float, _ to: Vector, _ toRadius: Float) {
        (self.material, self.from, self.to) = (material, from, to)
        (self.fromRadius, self.toRadius) = (fromRadius, toRadius)
    }

    /// Metres from `point` to the surface, negative inside. Never more than the true distance by the cosine of the taper.
    @inline(__always) func distance(to point: Vector) -> Float {
        let axis = to - from, offset = point - from
        let share = clamp(dot(offset, axis) / max(dot(axis, axis), 1e-9))
        return length(offset - axis * share) - mix(fromRadius, toRadius, share)
    }

    /// How close `ray` comes to the surface, ahead of its origin, and where along the ray that is.
    func clearance(of ray: Ray) -> (distance: Float, along: Float) {
        // Nearest points of a ray and a segment: solve for both lines, clamp to the segment, then to the ray.
        let axis = to - from, offset = ray.origin - from
        let axisSquared = max(dot(axis, axis), 1e-9)
        let slant = dot(axis, ray.direction), axisOffset = dot(axis, offset), rayOffset = dot(ray.direction, offset)
        let denominator = axisSquared - slant * slant
        var share = denominator > 1e-9 ? clamp((axisOffset - slant * rayOffset) / denominator) : 0
        let along = max(0, slant * share - rayOffset)
        share = clamp((axisOffset + slant * along) / axisSquared)
        let gap = length(ray.point(at: along) - (from + axis * share))
        return (gap - mix(fromRadius, toRadius, share), along)
    }
}
