import Foundation

/// The hall as the camera sees it without people; rendered once, since the camera does not move.
struct Backdrop: Sendable {
    /// Linear colour by pixel, rows from the top.
    private(set) var colors: [Vector]
    /// Metres from the camera to what the pixel's centre shows.
    private(set) var distances: [Float]

    init(camera: Camera) {
        let grid = 4
        var colors = [Vector](repeating: Vector(), count: camera.width * camera.height)
        var distances = [Float](repeating: .infinity, count: camera.width * camera.height)
        let rows = inParallel(camera.height) { row in
            var random = Randomness(seed: UInt64(row) &* 0x5851_F42D)
            return (0..<camera.width).map { column -> (Vector, Float) in
                var sum = Vector()
                for sample in 0..<grid * grid {
                    let x = Float(column) + (Float(sample % grid) + 0.5) / Float(grid)
                    let y = Float(row) + (Float(sample / grid) + 0.5) / Float(grid)
                    sum += Self.color(of: camera.ray(x: x, y: y), &random)
                }
                let center = camera.ray(x: Float(column) + 0.5, y: Float(row) + 0.5)
                return (sum / Float(grid * grid), Hall.hit(center)?.distance ?? .infinity)
            }
        }
        for (row, pixels) in rows.enumerated() {
            for (column, pixel) in pixels.enumerated() {
                colors[row * camera.width + column] = pixel.0
                distances[row * camera.width + column] = pixel.1
            }
        }
        (self.colors, self.distances) = (colors, distances)
    }

    private static func color(of ray: Ray, _ random: inout Randomness) -> Vector {
        guard let hit = Hall.hit(ray) else { return Vector(0.55, 0.55, 0.53) }  // the ceiling
        let point = ray.point(at: hit.distance)
        let albedo = Hall.texture(hit, at: point)
        if hit.material == .glass { return albedo }
        let start = point + hit.normal * 0.004
        var light = Light.ambient(hit.normal) * openness(start, hit.normal, &random)
        for lamp in Light.lamps {
            let facing = dot(hit.normal, lamp.direction)
            guard facing > 0 else { continue }
            let jitter = Vector(random.between(-1, 1), random.between(-1, 1), random.between(-1, 1)) * lamp.softness
            let toLamp = Ray(origin: start, direction: normalized(lamp.direction + jitter))
            if !Hall.isBlocked(toLamp, within: 4) { light += lamp.color * facing }
        }
        var color = albedo * light
        if hit.material == .floor {  // polished: the walls shine a little in it
            let mirrored = Ray(origin: start, direction: ray.direction * Vector(1, -1, 1))
            let shine = 0.05 + 0.25 * pow(1 + ray.direction.y, 5)
            let image = Hall.hit(mirrored).map { $0.color * 0.75 } ?? Vector(0.55, 0.55, 0.53)
            color = mix(color, image, shine)
        }
        return color
    }

    /// Ambient occlusion: the share of directions in which nothing is near. One direction per call, averaged by the pixel.
    private static func openness(_ point: Vector, _ normal: Vector, _ random: inout Randomness) -> Float {
        var open: Float = 0
        for _ in 0..<3 {
            var direction = Vector()
            repeat {
                direction = Vector(random.between(-1, 1), random.between(-1, 1), random.between(-1, 1))
            } while dot(direction, direction) > 1 || dot(direction, direction) < 0.01
            let around = normalized(normalized(direction) + normal * 1.001)
            if !Hall.isBlocked(Ray(origin: point, direction: around), within: 1.2) { open += 1 }
        }
        return 0.35 + 0.65 * open / 3
    }
}

extension Hall {
    /// A surface's own colour at `point`.
    static func texture(_ hit: Hit, at point: Vector) -> Vector {
        switch hit.material {
        case .floor:
            let tile = Vector(point.x / 0.6, 0, point.z / 0.6), cell = tile.rounded(.down), inside = tile - cell
            let joint = min(min(inside.x, 1 - inside.x), min(inside.z, 1 - inside.z))
            let shade = 0.90 + 0.12 * valueNoise(cell * 7.3 + 0.5) + 0.08 * valueNoise(point * 5)
            return hit.color * shade * mix(0.72, 1, smoothStep(joint, from: 0.006, width: 0.012))
        case .wall:
            return hit.color * (0.96 + 0.06 * valueNoise(point * 2))
        case .wood:
            return hit.color * (0.85 + 0.3 * valueNoise(point * Vector(3, 40, 40)))
        case .leaf:
            return hit.color * (0.5 + 1.1 * valueNoise(point * 28))
        case .glass:
            let pane = (point.x / 1.3 - (point.x / 1.3).rounded(.down)) < 0.05
            return pane ? Vector(0.25, 0.25, 0.25) : hit.color * mix(0.75, 1.05, (point.y - 1) / 1.6)
        case .picture:
            let bands = valueNoise(point * Vector(1.5, 4, 1), seed: 3)
            return mix(hit.color, Vector(0.75, 0.62, 0.40), bands)
        case .passage, .metal, .pot, .lamp:
            return hit.color
        }
    }
}
