import JSON
import Records
import Scene

/// The parts that the parameters of several analytics share. Each refuses what it does not know by path.
extension JSONReader {
    func callbacks() throws(JSONViolation) -> [Callback] {
        try items(maximum: 10).map { item throws(JSONViolation) in try Callback(item) }
    }

    /// A callback of an analytic that is not there to count people, and so has no number to publish.
    func checkNoState() throws(JSONViolation) {
        guard let parameters = try optional("params") else { return }
        for name in ["state_topic", "home_assistant"] {
            guard let member = try parameters.optional(name), member.value != .bool(false), member.value != 0 else {
                continue
            }
            throw member.violation("Only 'people_count' publishes the number of people")
        }
    }

    /// `roi`. Whether pixels fit the frame is known only when there is one; percentages are checked here.
    func regionOfInterest() throws(JSONViolation) -> RegionOfInterest {
        _ = try object(known: ["x", "y", "width", "height", "mode"])
        if try required("mode").string(oneOf: ["abs", "percent"]) == "abs" {
            let bounds = 0...65_536
            let rect = PixelRect(
                x: try required("x").integer(in: bounds), y: try required("y").integer(in: bounds),
                width: try required("width").integer(in: bounds), height: try required("height").integer(in: bounds))
            guard rect.width > 0, rect.height > 0 else { throw violation("Invalid rectangle") }
            return .pixels(rect)
        }
        let x = try required("x").number(in: 0...100), y = try required("y").number(in: 0...100)
        let width = try required("width").number(in: 0.00001...100)
        let height = try required("height").number(in: 0.00001...100)
        let slack = 1e-9  // 33.3 + 66.7 is a little more than 100 in binary
        guard x + width <= 100 + slack, y + height <= 100 + slack else { throw violation("Invalid rectangle") }
        return .percent(x: x, y: y, width: width, height: height)
    }

    /// `droi`. At most 32 polygons of at most 256 vertices: each person is compared with every edge.
    func regionFilter() throws(JSONViolation) -> RegionFilter {
        _ = try object(known: ["area", "mode", "form"])
        let polygons = try required("area").items(minimum: 1, maximum: 32)
        let mode = RegionFilter.Mode(rawValue: try required("mode").string(oneOf: ["abs", "percent"]))!
        _ = try required("form").string(oneOf: ["common"])
        let bounds: ClosedRange<Double> = mode == .percent ? 0...100 : 0...65_536
        let area = try polygons.map { polygon throws(JSONViolation) in
            try polygon.items(minimum: 3, maximum: 256).map { vertex throws(JSONViolation) in
                _ = try vertex.object(known: ["x", "y"])
                return Point(
                    x: Float(try vertex.required("x").number(in: bounds)),
                    y: Float(try vertex.required("y").number(in: bounds)))
            }
        }
        return RegionFilter(mode: mode, area: area)
    }

    func rate() throws(JSONViolation) -> Rate {
        _ = try object(known: ["unit", "period"])
        let period = try required("period")
        return try required("unit").string(oneOf: ["frame", "second"]) == "frame"
            ? .frames(try period.integer(in: 1 ... .max)) : .seconds(try period.number(in: 0...Self.longestSeconds))
    }

    func detectorModel() throws(JSONViolation) -> DetectorModel {
        DetectorModel(rawValue: try string(oneOf: DetectorModel.allCases.map(\.rawValue)))!
    }

    func eventPolicy() throws(JSONViolation) -> EventPolicy {
        _ = try object(known: ["trigger", "interval"])
        let trigger = try required("trigger").string(oneOf: ["start", "end", "period"])
        let interval = try optional("interval")?.interval()  // checked also where it has no effect
        switch trigger {
        case "start": return .start
        case "end": return .end
        default:
            if let interval { return .period(interval) }
            return .period(try required("interval").interval())
        }
    }

    private func interval() throws(JSONViolation) -> Double {
        let seconds = try number(in: -.infinity...Self.longestSeconds)
        guard seconds > 0 else { throw violation("Input should be greater than 0") }
        return seconds
    }

    func snapshotPolicy() throws(JSONViolation) -> SnapshotPolicy {
        _ = try object(known: ["mimetype", "quality", "max_size", "ttl"])
        var policy = SnapshotPolicy()
        if let type = try optional("mimetype") {
            policy.mediaType = .init(rawValue: try type.string(oneOf: ["PNG", "JPEG"]))!
        }
        policy.quality = try optional("quality")?.number(in: 0...1) ?? policy.quality
        // No picture is larger than 65 536 pixels, so a higher limit says the same and fits every integer of an encoder.
        if let size = try optional("max_size")?.integer(in: 0 ... .max) { policy.maximumSize = min(size, 65_536) }
        policy.lifetime = try present("ttl")?.lifetime()
        return policy
    }
    /// Days, of those that there are; `null`, which is not asked here, means those of the bucket.
    private func lifetime() throws(JSONViolation) -> Lifetime {
        let days = try integer(in: .min ... .max)
        guard let lifetime = Lifetime(days: days) else {
            let choices = Lifetime.choices.map { "\($0)" }
            throw violation("Input should be \(choices.dropLast().joined(separator: ", ")) or \(choices.last!)")
        }
        return lifetime
    }

    /// Eleven days: the longest period whose nanoseconds every later calculation can hold.
    private static var longestSeconds: Double { 1_000_000 }
}
