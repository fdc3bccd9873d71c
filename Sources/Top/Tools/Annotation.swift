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

    /// A box for everybody shown, and how many are counted. Where an analytic follows people, its numbers are written at them.
    private static func people(_ results: [AnalyticResult]) -> [Overlay] {
        let shown = results.shownPeople
        let boxes = shown.flatMap { person in
            if let track = person.track { return Self.boxes(of: track) }
            let label = person.confidence.map { "\(Int(($0 * 100).rounded()))%" } ?? "-"
            return [Overlay.box(person.box, color: 0, label: label, isPredicted: person.confidence == nil)]
        }
        return boxes + [.text("people \(shown.count { $0.isCounted })", corner: .topLeft)]
    }
    /// Of what is followed, and of a face that was found there.
    private static func boxes(of track: Track) -> [Overlay] {
        let color = Int(track.id.rawValue)
        let own = Overlay.box(track.box, color: color, label: "\(color)", isPredicted: track.confidence == nil)
        return [own] + [track.face].compactMap(\.self).map { .box($0.box, color: color, label: "", isPredicted: false) }
    }

    private static func outlines(of region: PreparedAnalytic.Region, on size: PixelSize) -> [Overlay] {
        let color =
            switch region {
            case .roi: 7
            case .filter: 3
            }
        return region.outlines(in: size).map { .polygon($0, color: color) }
    }
}
