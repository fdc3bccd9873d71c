import Analytics
import JSON
import Media
import Pipeline
import Scene

/// What `analyze --annotate` draws over a frame.
enum Overlays {
    /// Boxes of confirmed tracks, or of detections where nothing is tracked, and the count.
    static func of(_ results: [StreamPipeline.Result]) -> [Overlay] {
        var overlays: [Overlay] = []
        for result in results {
            let observation = result.observation
            let tracked = observation.tracks.filter { $0.phase == .confirmed }
            if result.name == "human_tracking" {
                overlays += tracked.map { track in
                    .box(
                        track.box, color: Int(track.id.rawValue), label: "\(track.id.rawValue)",
                        isPredicted: track.confidence == nil)
                }
                overlays.append(.text("tracks \(tracked.count)", corner: .topRight))
            } else {
                overlays += observation.detections.map { detection in
                    let percent = Int((detection.confidence * 100).rounded())
                    return .box(detection.box, color: 0, label: "\(percent)%", isPredicted: false)
                }
                overlays.append(.text("people \(observation.detections.count)", corner: .topLeft))
            }
        }
        if let time = results.first?.observation.time.pts.seconds {
            overlays.append(.text("\((time * 10).rounded() / 10) s", corner: .bottomLeft))
        }
        return overlays
    }
}

/// The outlines of regions that the analytics look at.
struct AnalysisZones {
    private var regions: [RegionOfInterest] = []
    private var filters: [RegionFilter] = []

    init(_ requests: [AnalyticRequest]) throws(JSONViolation) {
        for request in requests {
            let reader = JSONReader(request.parameters)
            if request.name == "people_count" {
                let parameters = try PeopleCountParameters(reader)
                regions += [parameters.roi].compactMap { $0 }
                filters += [parameters.droi].compactMap { $0 }
            } else {
                let parameters = try HumanTrackingParameters(reader)
                regions += [parameters.roi].compactMap { $0 }
                filters += [parameters.bodySamples.droi].compactMap { $0 }
            }
        }
    }

    func overlays(_ size: PixelSize) -> [Overlay] {
        let rectangles = regions.compactMap { $0.resolved(in: size) }.map { rect in
            let (x, y) = (Float(rect.x), Float(rect.y))
            let (right, bottom) = (x + Float(rect.width), y + Float(rect.height))
            return Polygon(vertices: [
                Point(x: x, y: y), Point(x: right, y: y), Point(x: right, y: bottom), Point(x: x, y: bottom),
            ])
        }
        let zones = filters.flatMap { $0.zone(in: size).polygons }
        return rectangles.map { .polygon($0, color: 7) } + zones.map { .polygon($0, color: 3) }
    }
}
