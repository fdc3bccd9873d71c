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
        var overlays = regions.flatMap { Self.outlines(of: $0, on: size) } + Self.people(results)
        if let time = results.first?.observation.time.pts.seconds {
            overlays.append(.text("\((time * 10).rounded() / 10) s", corner: .bottomLeft))
        }
        return overlays
    }

    /// A box for each of the people counted, and how many they are. Where an analytic follows people, its numbers are written at
    /// them, and whom it sees beyond the counted, such as outside the region of the count, has a box, too.
    private static func people(_ results: [AnalyticResult]) -> [Overlay] {
        var followed = results.filter { $0.marking == .tracks }.flatMap(\.observation.tracks)
            .filter { $0.phase == .confirmed }
        let people = results.headcount.people
        let boxes = people.flatMap { person in
            // Of different trackers the places say who is who: none knows the other's numbers.
            guard
                let index = followed.firstIndex(where: { $0.box == person.box })
                    ?? followed.firstIndex(where: { $0.box.iou(with: person.box) >= 0.5 })
            else {
                let label = person.confidence.map { "\(Int(($0 * 100).rounded()))%" } ?? "-"
                return [Overlay.box(person.box, color: 0, label: label, isPredicted: person.confidence == nil)]
            }
            return Self.boxes(of: followed.remove(at: index))
        }
        let beyond = followed.filter { track in
            track.confidence != nil && !people.contains { $0.box.iou(with: track.box) >= 0.3 }
        }
        return boxes + beyond.flatMap(Self.boxes) + [
            .text("people \(people.count)", corner: .topLeft)
        ]
    }
    /// Of what is followed, and of a face that was found there.
    private static func boxes(of track: Track) -> [Overlay] {
        let color = Int(track.id.rawValue)
        let own = Overlay.box(track.box, color: color, label: "\(color)", isPredicted: track.confidence == nil)
        return [own] + [track.face].compactMap(\.self).map { .box($0.box, color: color, label: "", isPredicted: false) }
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
