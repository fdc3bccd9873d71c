import Foundation

/// Paints a scenario's frames. Frames do not depend on each other, so they may be painted at the same time.
struct FrameRenderer: Sendable {
    struct Frame: Sendable {
        /// Packed 8-bit red, green, blue; rows from the top.
        var pixels: [UInt8]
        var truth: [GroundTruth.Entry]
    }

    let scenario: Scenario
    let camera: Camera
    let framesPerSecond: Float
    private let backdrop: Backdrop
    /// Rays per pixel: a square of places, each at its own instant of the exposure.
    private static let samplesPerSide = 2
    /// Seconds.
    private static let exposure: Float = 1 / 60

    init(scenario: Scenario, camera: Camera, framesPerSecond: Float) {
        (self.scenario, self.camera, self.framesPerSecond) = (scenario, camera, framesPerSecond)
        backdrop = Backdrop(camera: camera)
    }

    /// - Parameter index: from 0.
    func frame(_ index: Int) -> Frame {
        let time = Float(index) / framesPerSecond
        let people = scenario.people.indices.compactMap { Sitter(id: $0 + 1, scenario.people[$0], time, camera) }
        var colors = backdrop.colors
        for sitter in people { darken(&colors, below: sitter) }
        let sightings = paint(people, over: &colors)
        let truth = sightings.compactMap {
            GroundTruth.Entry(frame: index + 1, $0, size: (camera.width, camera.height))
        }
        return Frame(pixels: Film.develop(colors, camera: camera, seed: UInt64(index)), truth: truth)
    }

    /// A person in one frame, once per instant of the exposure.
    private struct Sitter {
        let id: Int
        let silhouettes: [Silhouette]
        let columns, rows: Range<Int>

        init?(id: Int, _ person: Scenario.Person, _ time: Float, _ camera: Camera) {
            let count = samplesPerSide * samplesPerSide
            silhouettes = (0..<count).compactMap { sample in
                let place = person.walk.place(at: time + exposure * Float(sample) / Float(count))
                return place.flatMap { Silhouette(Pose(of: person.figure, at: $0), person.figure, camera: camera) }
            }
            guard silhouettes.count == count else { return nil }
            self.id = id
            let left = silhouettes.map(\.columns.lowerBound).min()!,
                right = silhouettes.map(\.columns.upperBound).max()!
            let top = silhouettes.map(\.rows.lowerBound).min()!, bottom = silhouettes.map(\.rows.upperBound).max()!
            (columns, rows) = (left..<right, top..<bottom)
        }
    }

    /// Casts the shadow of a person on the floor.
    private func darken(_ colors: inout [Vector], below sitter: Sitter) {
        let pose = sitter.silhouettes[0].pose, ground = pose.ground
        let whole = Bone(.top, ground, 0.55, ground + Vector(0, pose.height, 0), 0.55)
        let corners = [(-2.2, -2.2), (2.2, -2.2), (-2.2, 2.2), (2.2, 2.2)]
            .map { camera.project(ground + Vector(Float($0.0), 0, Float($0.1))) }
        func range(_ values: [Float], _ extent: Int) -> Range<Int> {
            let low = Int(clamp(values.min() ?? 0, 0...Float(extent)))
            // A corner behind the camera means that the shadow reaches the picture's edge.
            guard values.count == corners.count else { return 0..<extent }
            return low..<max(low, Int(clamp((values.max() ?? 0) + 1, 0...Float(extent))))
        }
        let columns = range(corners.compactMap { $0?.x }, camera.width)
        let rows = range(corners.compactMap { $0?.y }, camera.height)
        let full = Light.ambient([0, 1, 0]) + Light.lamps.reduce(Vector()) { $0 + $1.color * $1.direction.y }
        for row in rows {
            for column in columns {
                let index = row * camera.width + column
                let point = camera.ray(x: Float(column) + 0.5, y: Float(row) + 0.5).point(at: backdrop.distances[index])
                guard point.y < 0.01 else { continue }
                let start = Vector(point.x, 0.004, point.z), away = start - ground
                var light = Light.ambient([0, 1, 0]) * (1 - 0.55 * exp(-dot(away, away) / 0.12))
                for lamp in Light.lamps {
                    let (clearance, along) = whole.clearance(of: Ray(origin: start, direction: lamp.direction))
                    let isClear = clearance > 0.02 + along * lamp.softness
                    let passing = isClear ? 1 : Light.passing(lamp, to: start, bones: pose.bones)
                    light += lamp.color * lamp.direction.y * passing
                }
                colors[index] *= light / full
            }
        }
    }

    private func paint(_ people: [Sitter], over colors: inout [Vector]) -> [GroundTruth.Sighting] {
        var sightings = people.map { GroundTruth.Sighting(id: $0.id) }
        let side = Self.samplesPerSide, count = side * side
        for row in 0..<camera.height {
            let inRow = people.indices.filter { people[$0].rows.contains(row) }
            guard let left = inRow.map({ people[$0].columns.lowerBound }).min(),
                let right = inRow.map({ people[$0].columns.upperBound }).max()
            else { continue }
            for column in left..<right {
                let inPixel = inRow.filter { people[$0].columns.contains(column) }
                guard !inPixel.isEmpty else { continue }
                let index = row * camera.width + column
                var sum = Vector()
                for sample in 0..<count {
                    let ray = camera.ray(
                        x: Float(column) + (Float(sample % side) + 0.5) / Float(side),
                        y: Float(row) + (Float(sample / side) + 0.5) / Float(side))
                    var nearest: (sitter: Int, hit: Silhouette.Hit)?
                    for sitter in inPixel {
                        guard let hit = people[sitter].silhouettes[sample].hit(ray) else { continue }
                        sightings[sitter].addSample(column: column, row: row)
                        if hit.distance < nearest?.hit.distance ?? backdrop.distances[index] { nearest = (sitter, hit) }
                    }
                    if let (sitter, hit) = nearest {
                        sightings[sitter].seen += 1
                        sum += people[sitter].silhouettes[sample].color(of: hit)
                    } else {
                        sum += colors[index]
                    }
                }
                colors[index] = sum / Float(count)
            }
        }
        return sightings
    }
}
