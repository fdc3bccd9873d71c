import Foundation

/// A posed person, ready to be looked at.
struct Silhouette: Sendable {
    struct Hit {
        var distance: Float
        var point: Vector
        var normal: Vector
        /// Which bone is nearest.
        var bone: Int
    }
    /// Metres over which neighbouring bones melt into each other.
    private static let blend: Float = 0.022

    let pose: Pose
    let figure: Figure
    /// Pixels that the person may touch; empty when out of sight.
    let columns, rows: Range<Int>

    init?(_ pose: Pose, _ figure: Figure, camera: Camera) {
        var left = Float.infinity, right = -Float.infinity, top = Float.infinity, bottom = -Float.infinity
        for bone in pose.bones {
            for (end, radius) in [(bone.from, bone.fromRadius), (bone.to, bone.toRadius)] {
                guard let (x, y, scale) = camera.project(end) else { continue }
                let margin = (radius + 0.03) * scale * 1.1 + 1
                (left, right) = (min(left, x - margin), max(right, x + margin))
                (top, bottom) = (min(top, y - margin), max(bottom, y + margin))
            }
        }
        guard left < right else { return nil }
        columns = Self.pixels(from: left, to: right, of: camera.width)
        rows = Self.pixels(from: top, to: bottom, of: camera.height)
        guard !columns.isEmpty, !rows.isEmpty else { return nil }
        (self.pose, self.figure) = (pose, figure)
    }

    private static func pixels(from low: Float, to high: Float, of extent: Int) -> Range<Int> {
        let low = Int(clamp(low, 0...Float(extent)))
        return low..<max(low, Int(clamp(high + 1, 0...Float(extent))))
    }

    /// Where `ray` meets the person, by sphere tracing over the bones that come near the ray.
    ///
    /// Source: Hart, "Sphere Tracing", The Visual Computer 12, 1996.
    func hit(_ ray: Ray) -> Hit? {
        var near: [Int] = [], distance = Float.infinity, limit: Float = 0
        near.reserveCapacity(8)
        for index in pose.bones.indices {
            let (clearance, along) = pose.bones[index].clearance(of: ray)
            guard clearance < Self.blend, along > 0 else { continue }
            near.append(index)
            distance = min(distance, along - 0.3)
            limit = max(limit, along + 0.3)
        }
        guard !near.isEmpty else { return nil }
        for _ in 0..<48 {
            let gap = surface(near, ray.point(at: distance))
            if gap < 0.0015 { return hit(near, at: distance, on: ray) }
            distance += gap * 0.9
            if distance > limit { return nil }
        }
        return nil
    }

    private func hit(_ near: [Int], at distance: Float, on ray: Ray) -> Hit {
        let point = ray.point(at: distance), step: Float = 0.003
        // The gradient of the distance, from the four corners of a tetrahedron.
        var normal = Vector()
        for corner: Vector in [[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]] {
            normal += corner * surface(near, point + corner * step)
        }
        let bone = near.min { pose.bones[$0].distance(to: point) < pose.bones[$1].distance(to: point) } ?? near[0]
        return Hit(distance: distance, point: point, normal: normalized(normal), bone: bone)
    }

    /// Metres from `point` to the blended surface of the bones `near`.
    private func surface(_ near: [Int], _ point: Vector) -> Float {
        var distance = Float.infinity
        for index in near {
            let next = pose.bones[index].distance(to: point)
            let overlap = max(0, Self.blend - abs(distance - next)) / Self.blend
            distance = min(distance, next) - overlap * overlap * Self.blend / 4
        }
        return distance
    }

    /// The colour the camera sees at `hit`; linear.
    func color(of hit: Hit) -> Vector {
        let bone = pose.bones[hit.bone], local = hit.point - pose.ground
        var albedo =
            switch bone.material {
            case .top: figure.top
            case .bottom: figure.bottom
            case .skin: figure.skin
            case .hair: figure.hairColor
            case .shoes: figure.shoes
            case .bag: figure.backpack ?? figure.top
            }
        switch bone.material {
        case .top, .bottom, .bag:  // folds and weave
            albedo *= 0.72 + 0.4 * valueNoise(local * Vector(14, 9, 14)) + 0.16 * valueNoise(local * 60)
        case .hair: albedo *= 0.6 + 0.8 * valueNoise(local * Vector(50, 18, 50))
        case .skin where local.y > 0.88 * pose.height && dot(hit.normal, pose.facing) > 0.3:
            // Eyes and mouth: at these sizes a darker band and a shade.
            let level = local.y / pose.height
            if abs(level - 0.935) < 0.008 { albedo *= 0.55 }
            if abs(level - 0.897) < 0.004 { albedo *= 0.7 }
        case .skin, .shoes: break
        }
        var light = Light.ambient(hit.normal) * mix(0.55, 1, clamp(local.y / 0.9))
        for lamp in Light.lamps {
            let facing = dot(hit.normal, lamp.direction)
            guard facing > 0 else { continue }
            let start = hit.point + hit.normal * 0.02
            light += lamp.color * facing * Light.passing(lamp, to: start, bones: pose.bones, skipping: hit.bone)
        }
        return albedo * light
    }
}
