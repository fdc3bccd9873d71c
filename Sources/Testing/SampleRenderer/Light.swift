import Foundation

/// The hall's light: two rows of ceiling lamps as soft directions, and what comes back from ceiling and walls.
enum Light {
    struct Lamp: Sendable {
        /// Towards the light; unit length.
        var direction: Vector
        var color: Vector
        /// Tangent of half the lamp's apparent size: how soft its shadows are.
        var softness: Float
    }

    static let lamps = [
        Lamp(direction: normalized(Vector(-0.35, 1, -0.35)), color: Vector(0.62, 0.60, 0.55), softness: 0.16),
        Lamp(direction: normalized(Vector(0.50, 1, 0.25)), color: Vector(0.34, 0.35, 0.36), softness: 0.20),
    ]
    /// Light from all around on a surface with this normal.
    static func ambient(_ normal: Vector) -> Vector {
        mix(Vector(0.20, 0.19, 0.18), Vector(0.42, 0.43, 0.45), 0.5 + 0.5 * normal.y)
    }

    /// The share of a lamp's light that `bones` let through to `point`. `0...1`.
    static func passing(_ lamp: Lamp, to point: Vector, bones: [Bone], skipping own: Int? = nil) -> Float {
        let ray = Ray(origin: point, direction: lamp.direction)
        var passing: Float = 1
        for index in bones.indices where index != own {
            let (clearance, along) = bones[index].clearance(of: ray)
            guard along > 0 else { continue }
            // The lamp's disc, seen from the point, is cut by the bone's edge.
            let penumbra = 0.02 + along * lamp.softness
            passing = min(passing, smoothStep(clearance, from: -penumbra, width: 2 * penumbra))
            if passing == 0 { return 0 }
        }
        return passing
    }
}
