public import Analytics
import Records
public import Scene

/// An outline that pictures of a stream may show, and whose it is.
public struct PlannedRegion: Hashable, Sendable {
    /// Name of the analytic, and its position among those of the stream.
    public let analytic: String
    public let index: Int
    public let region: PreparedAnalytic.Region
}

extension Plan {
    /// Where the analytics look and where results count, in their order; regions that are everything are left out.
    public var plannedRegions: [PlannedRegion] {
        consumers.flatMap { consumer in
            consumer.regions.filter { !$0.isEverything }.map {
                PlannedRegion(analytic: consumer.origin.name, index: consumer.origin.index, region: $0)
            }
        }
    }
}

extension PreparedAnalytic.Region {
    /// What there is of it in a frame of `size`.
    public func outlines(in size: PixelSize) -> [Polygon] {
        switch self {
        case .roi(let roi): roi.resolved(in: size).map { [Polygon($0)] } ?? []
        case .filter(let filter): filter.zone(in: size).polygons
        }
    }
    fileprivate var isEverything: Bool { if case .roi(let roi) = self { roi.isEverything } else { false } }
}

extension Polygon {
    fileprivate init(_ rect: PixelRect) {
        let (x, y) = (Float(rect.x), Float(rect.y))
        let (right, bottom) = (x + Float(rect.width), y + Float(rect.height))
        self.init(vertices: [
            Point(x: x, y: y), Point(x: right, y: y), Point(x: right, y: bottom), Point(x: x, y: bottom),
        ])
    }
}
