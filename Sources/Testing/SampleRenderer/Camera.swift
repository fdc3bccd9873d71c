import Foundation

/// A pinhole camera on a wall: fixed place, looking along +z and down.
struct Camera: Sendable {
    let width: Int
    let height: Int
    let position: Vector
    /// Pixels per metre at a distance of one metre.
    private let focalLength: Float
    private let forward, right, up: Vector

    /// - Parameters:
    ///   - tilt: degrees below the horizon.
    ///   - fieldOfView: horizontal, degrees.
    init(width: Int, height: Int, position: Vector, tilt: Float, fieldOfView: Float) {
        (self.width, self.height, self.position) = (width, height, position)
        focalLength = Float(width) / 2 / tan(fieldOfView / 2 * .pi / 180)
        let angle = tilt * .pi / 180
        forward = Vector(0, -sin(angle), cos(angle))
        right = Vector(1, 0, 0)
        up = Vector(0, cos(angle), sin(angle))
    }

    /// The ray through `x, y` in pixels; pixel centres lie at halves.
    func ray(x: Float, y: Float) -> Ray {
        let across = (x - Float(width) / 2) / focalLength, down = (y - Float(height) / 2) / focalLength
        return Ray(origin: position, direction: normalized(forward + right * across - up * down))
    }
    /// Where `point` is seen, in pixels, and how many pixels a metre takes there; `nil` behind the camera.
    func project(_ point: Vector) -> (x: Float, y: Float, scale: Float)? {
        let offset = point - position
        let depth = dot(offset, forward)
        guard depth > 0.3 else { return nil }
        let scale = focalLength / depth
        return (
            Float(width) / 2 + dot(offset, right) * scale, Float(height) / 2 - dot(offset, up) * scale, scale
        )
    }
}
