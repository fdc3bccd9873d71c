public import Scene

/// Which parts of a large frame are looked at for people to cover, beside the whole of it: models see some hundred pixels each way, and who
/// is far away has few of them.
public struct CoverRegions: Sendable {
    /// Frames whose longer side exceeds so many pixels are looked at in parts too.
    private static let large = 960
    /// Share of each side that a part has, so that two neighbours share a fifth of the frame.
    private static let share = 0.6
    /// Pixels from a part's inner edge within which a box is taken for one that the edge cuts.
    private static let seam: Float = 2

    private let size: PixelSize
    /// The whole, then the parts.
    public let all: [PixelRect]

    /// - Parameter size: of the frame.
    public init(in size: PixelSize) {
        self.size = size
        let (width, height) = (Int(Double(size.width) * Self.share), Int(Double(size.height) * Self.share))
        let (right, bottom) = (size.width - width, size.height - height)
        let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
        let parts = corners.map { PixelRect(x: $0.0, y: $0.1, width: width, height: height) }
        all = [PixelRect(size)] + (max(size.width, size.height) > Self.large ? parts : [])
    }

    /// Whether a box that was found in `region` is not cut by an edge beyond which the frame goes on: its neighbour sees it whole.
    public func isWhole(_ box: BoundingBox, in region: PixelRect) -> Bool {
        let (left, top) = (Float(region.x), Float(region.y))
        let (right, bottom) = (Float(region.x + region.width), Float(region.y + region.height))
        return (region.x == 0 || box.minX > left + Self.seam) && (region.y == 0 || box.minY > top + Self.seam)
            && (region.x + region.width == size.width || box.maxX < right - Self.seam)
            && (region.y + region.height == size.height || box.maxY < bottom - Self.seam)
    }
}
