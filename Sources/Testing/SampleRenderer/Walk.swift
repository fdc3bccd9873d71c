import Foundation

/// One person's way over the floor: when and where, smoothed so that nobody turns on the spot or starts at full speed.
struct Walk: Sendable {
    /// A corner of the way, in metres, and how long the person stands there.
    struct Stop: Sendable {
        var x, z: Float
        var pause: Float
        init(_ x: Float, _ z: Float, pause: Float = 0) { (self.x, self.z, self.pause) = (x, z, pause) }
    }
    /// Where a person is at one instant.
    struct Place: Sendable {
        var x: Float = 0
        var z: Float = 0
        /// Radians; 0 looks along +z, a quarter turn along +x.
        var heading: Float = 0
        /// Metres per second.
        var speed: Float = 0
        /// Metres walked since the start.
        var distance: Float = 0
    }

    private static let step: Float = 0.02
    let start: Float
    private let places: [Place]
    var end: Float { start + Float(places.count - 1) * Self.step }

    /// - Parameters:
    ///   - start: seconds into the video.
    ///   - speed: metres per second between the stops.
    init(start: Float, speed: Float, _ stops: [Stop]) {
        var corners: [SIMD2<Float>] = [], position = SIMD2(stops[0].x, stops[0].z)
        for stop in stops {
            let goal = SIMD2(stop.x, stop.z), way = goal - position
            let count = Int((way * way).sum().squareRoot() / speed / Self.step)
            for index in 0..<count { corners.append(position + way * (Float(index) / Float(count))) }
            corners += Array(repeating: goal, count: Int(stop.pause / Self.step))
            position = goal
        }
        corners.append(position)

        let reach = Int(0.45 / Self.step)
        let path = corners.indices.map { index in
            var sum = SIMD2<Float>()
            for offset in -reach...reach { sum += corners[min(max(index + offset, 0), corners.count - 1)] }
            return sum / Float(2 * reach + 1)
        }
        var places: [Place] = [], place = Place()
        for (index, point) in path.enumerated() {
            let ahead = path[min(index + 1, path.count - 1)] - point
            let moved = (ahead * ahead).sum().squareRoot()
            if moved > 0.1 * Self.step { place.heading = atan2(ahead.x, ahead.y) }
            (place.x, place.z, place.speed) = (point.x, point.y, moved / Self.step)
            places.append(place)
            place.distance += moved
        }
        (self.start, self.places) = (start, places)
    }

    /// `nil` before the start and after the end.
    func place(at time: Float) -> Place? {
        let index = Int(((time - start) / Self.step).rounded(.down))
        return places.indices.contains(index) ? places[index] : nil
    }
}
