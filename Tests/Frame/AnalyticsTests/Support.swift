import Analytics
import Foundation
import JSON
import Records
import Scene
import Testing

/// The folder `analytics` of this checkout.
let analyticsFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "analytics")

extension JSONReader {
    init(text: String) throws { self.init(try JSONValue(parsing: Data(text.utf8))) }
}
extension PeopleCount {
    init(_ text: String) throws { self.init(parameters: try PeopleCountParameters(JSONReader(text: text))) }
}
extension HumanTracking {
    /// By bodies where the text does not say by what.
    init(_ text: String) throws {
        let reader = try JSONReader(text: text)
        let says = reader.value["parameters"]?["tracking"]?["detector_type"] != nil
        self.init(parameters: try HumanTrackingParameters(reader, Abilities(findsFaces: says)))
    }
}

extension FrameTime {
    /// The frame of 25 per second nearest to `seconds`; wall time is media time since 2024-05-11T09:11:41.674Z.
    init(at seconds: Double) {
        self.init(
            index: Int((seconds * 25).rounded()), pts: MediaTime(seconds: seconds),
            wallClock: Date(timeIntervalSince1970: 1_715_418_701.674 + seconds))
    }
}
extension BoundingBox {
    init(centerX: Float, centerY: Float, width: Float = 10, height: Float = 20) {
        self.init(
            minX: centerX - width / 2, minY: centerY - height / 2, maxX: centerX + width / 2, maxY: centerY + height / 2
        )
    }
}
extension Observation {
    /// A frame with people centred at the given points, of whom those in `region` count. Its pictures are texts.
    init(
        at seconds: Double, people: [Point], in region: RegionFilter? = nil,
        size: PixelSize = PixelSize(width: 100, height: 100)
    ) {
        let found = people.map { Detection(box: BoundingBox(centerX: $0.x, centerY: $0.y), confidence: 0.4) }
        var counting = CountingRegion(region)
        self.init(
            time: FrameTime(at: seconds), frameSize: size,
            headcount: counting.narrow(Headcount(found: found), in: size),
            snapshot: { Snapshot.text(at: seconds, $0, of: $1) })
    }
    /// A frame with `count` people.
    init(at seconds: Double, count: Int) {
        self.init(at: seconds, people: (0..<count).map { Point(x: Float($0) + 20, y: 50) })
    }
    init(at seconds: Double, tracks: [Track], size: PixelSize = PixelSize(width: 100, height: 100)) {
        self.init(
            time: FrameTime(at: seconds), frameSize: size, tracks: tracks, headcount: Headcount(),
            snapshot: { Snapshot.text(at: seconds, $0, of: $1) },
            aligned: { policy, points in
                Snapshot(mediaType: policy.mediaType, bytes: Array("face \(points.nose.x) at \(seconds)".utf8))
            },
            warpQuality: { _ in
                WarpQuality(dark: 0.9, light: 0.8, illumination: 0.7, specularity: 0.6, blurriness: 0.25)
            })
    }
}
extension Track {
    init(
        _ id: UInt64, _ phase: Phase, _ confidence: Float?, at point: Point = Point(x: 50, y: 50), since: Double = 0,
        seen: Double = 0, sightings: Int = 3
    ) {
        self.init(
            id: ID(rawValue: id), phase: phase, box: BoundingBox(centerX: point.x, centerY: point.y),
            confidence: confidence, firstSeen: MediaTime(seconds: since), lastSeen: MediaTime(seconds: seen),
            sightings: sightings)
    }
}
extension Snapshot {
    /// `frame at 0.4`, of a part `45 40 10 20 at 0.4`.
    static func text(at seconds: Double, _ policy: SnapshotPolicy, of region: PixelRect?) -> Snapshot {
        let part = region.map { "\($0.x) \($0.y) \($0.width) \($0.height)" } ?? "frame"
        return Snapshot(mediaType: policy.mediaType, bytes: Array("\(part) at \(seconds)".utf8))
    }
    var text: String { String(decoding: (try? bytes) ?? [], as: UTF8.self) }
}

/// Runs frames of `counts` people, `step` seconds apart, and ends.
func updates(of analytic: PeopleCount, counts: [Int], step: Double = 0.4) -> [EventUpdate] {
    var analytic = analytic
    let during = counts.enumerated().flatMap { index, count in
        analytic.observe(Observation(at: Double(index) * step, count: count))
    }
    return during + analytic.finish()
}
extension [EventUpdate] {
    /// `"opened started"`, `"closed – sent"`.
    var summary: [String] {
        map { "\($0.change.rawValue) \($0.status?.rawValue ?? "–")\($0.isReported ? " sent" : "")" }
    }
}

/// What a test reads out of what is written on the wire.
extension EventUpdate {
    var peopleCount: Int64? { live.members["people_count"]?.integer }
    var people: [Point]? { live.members["people_coordinates"].map(\.points) }
    var body: JSONValue? {
        guard let body = live.members["body"], body != .null else { return Optional.none }
        return body
    }
    /// The middle of the body's box.
    var bodyCenter: Double? {
        guard let box = body?["detection"]?["bbox"], let x = box["x"]?.double, let width = box["width"]?.double else {
            return nil
        }
        return x + width / 2
    }
}
extension Event {
    var peopleCount: Int64? { facts.members["people_count"]?.integer }
    /// Of the body that the event shows.
    var score: Double? {
        facts.members["detections"]?.array?.first?["samples"]?["body"]?["detection"]?["score"]?.double
    }
    /// The times of its frames, in hundredths of a second.
    var estimatedTimes: [Int] { estimations.map { Int(($0.time.pts.seconds * 100).rounded()) } }
    var overview: Picture? { pictures.first { $0.role == .frame(member: "overview") } }
    var samples: [Picture] { pictures.filter { $0.kind == .bodySample } }
    var faceSamples: [Picture] { pictures.filter { $0.kind == .faceSample } }
}
extension Event.Picture {
    var text: String { snapshot.text }
    var people: [Point]? { facts.members["people_coordinates"].map(\.points) }
    var score: Double? { facts.members["score"]?.double }
    var aggregates: [String] {
        switch role {
        case .body(let aggregates), .face(let aggregates): aggregates.map(\.rawValue).sorted()
        case .frame: []
        }
    }
}
extension JSONValue {
    fileprivate var points: [Point] {
        (array ?? []).map { Point(x: Float($0.array?[0].double ?? .nan), y: Float($0.array?[1].double ?? .nan)) }
    }
}
