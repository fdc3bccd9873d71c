import Analytics
import Media
import Pipeline
import Records
import Scene

/// What `analyze --annotate` draws over a frame.
struct Annotation {
    /// Regions that the analytics look at; their outlines are drawn.
    let regions: [PreparedAnalytic.Region]

    func overlays(of results: [AnalyticResult], on size: PixelSize) -> [Overlay] {
        var overlays = regions.flatMap { Self.outlines(of: $0, on: size) } + results.flatMap(Self.people)
        if let time = results.first?.observation.time.pts.seconds {
            overlays.append(.text("\((time * 10).rounded() / 10) s", corner: .bottomLeft))
        }
        return overlays
    }

    /// Boxes of confirmed tracks, or of detections where nothing is tracked, and the count.
    private static func people(_ result: AnalyticResult) -> [Overlay] {
        let observation = result.observation
        switch result.marking {
        case .tracks:
            let tracked = observation.tracks.filter { $0.phase == .confirmed }
            let boxes = tracked.map { track in
                Overlay.box(
                    track.box, color: Int(track.id.rawValue), label: "\(track.id.rawValue)",
                    isPredicted: track.confidence == nil)
            }
            return boxes + [.text("tracks \(tracked.count)", corner: .topRight)]
        case .detections:
            let boxes = observation.detections.map { detection in
                let percent = Int((detection.confidence * 100).rounded())
                return Overlay.box(detection.box, color: 0, label: "\(percent)%", isPredicted: false)
            }
            return boxes + [.text("people \(observation.detections.count)", corner: .topLeft)]
        }
    }

    private static func outlines(of region: PreparedAnalytic.Region, on size: PixelSize) -> [Overlay] {
        switch region {
        case .roi(let roi): roi.resolved(in: size).map { [.polygon(outline($0), color: 7)] } ?? []
        case .filter(let filter): filter.zone(in: size).polygons.map { .polygon($0, color: 3) }
        }
    }
    private static func outline(_ rect: PixelRect) -> Polygon {
        let (x, y) = (Float(rect.x), Float(rect.y))
        let (right, bottom) = (x + Float(rect.width), y + Float(rect.height))
        return Polygon(vertices: [
            Point(x: x, y: y), Point(x: right, y: y), Point(x: right, y: bottom), Point(x: x, y: bottom),
        ])
    }
}
