/// The part of the frame in which results count: `droi` on the wire, the union of its polygons. Relates to the whole
/// frame, also when a region of interest is set.
public struct RegionFilter: Hashable, Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        /// Vertices in pixels of the source frame.
        case pixels = "abs"
        /// Vertices in percent of the frame's width and height.
        case percent
    }
    public var mode: Mode
    /// At least one polygon of at least three vertices.
    public var area: [[Point]]
    public init(mode: Mode, area: [[Point]]) { (self.mode, self.area) = (mode, area) }

    /// The region in a frame of `size`.
    public func zone(in size: PixelSize) -> Zone {
        let scale =
            switch mode {
            case .pixels: Point(x: 1, y: 1)
            case .percent: Point(x: Float(size.width) / 100, y: Float(size.height) / 100)
            }
        return Zone(
            polygons: area.map { vertices in
                Polygon(vertices: vertices.map { Point(x: $0.x * scale.x, y: $0.y * scale.y) })
            })
    }
}
