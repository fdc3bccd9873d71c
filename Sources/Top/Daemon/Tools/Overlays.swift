import Analytics
import Media
import Pipeline
import Records
import Scene

/// What `analyze --annotate` draws over a frame.
enum Overlays {
    /// Boxes of confirmed tracks, or of detections where nothing is tracked, and the count.
    static func of(_ results: [AnalyticResult]) -> [Overlay] {
        var overlays: [Overlay] = []
        for result in results {
            let observation = result.observation
            let tracked = observation.tracks.filter { $0.phase == .confirmed }
            switch result.marking {
            case .tracks:
                overlays += tracked.map { track in
                    .box(
                        track.box, color: Int(track.id.rawValue), label: "\(track.id.rawValue)",
                        isPredicted: track.confidence == nil)
                }
                overlays.append(.text("tracks \(tracked.count)", corner: .topRight))
            case .detections:
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
    let regions: [PreparedAnalytic.Region]

    func overlays(_ size: PixelSize) -> [Overlay] {
        regions.flatMap { region -> [Overlay] in
            switch region {
            case .roi(let roi): roi.resolved(in: size).map { [.polygon(Self.outline($0), color: 7)] } ?? []
            case .filter(let filter): filter.zone(in: size).polygons.map { .polygon($0, color: 3) }
            }
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
