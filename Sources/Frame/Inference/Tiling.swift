public import Frames
public import Scene

/// Which parts of a large picture are looked at beside the whole of it: models see some hundred pixels each way, and what is small or far
/// away has few of them.
///
/// Source: Akyon, Altinuc, Temizel, "Slicing Aided Hyper Inference and Fine-Tuning for Small Object Detection", ICIP 2022.
public struct Tiling: Sendable {
    /// Pictures whose longer side exceeds so many pixels are looked at in parts too.
    private static let large = 800
    /// Share of a side that each of its two parts has, so that whatever is up to a fifth of the picture lies whole in one of them.
    private static let share = 0.6
    /// Pixels from a part's inner edge within which a box is taken for one that the edge cuts.
    private static let seam: Float = 2

    private let size: PixelSize
    /// The whole, then the parts.
    public let regions: [PixelRect]

    /// - Parameter size: of the picture.
    public init(of size: PixelSize) {
        self.size = size
        func parts(_ side: Int) -> [Range<Int>] {
            guard side > Self.large / 2 else { return [0..<side] }
            let length = Int(Double(side) * Self.share)
            return [0..<length, side - length..<side]
        }
        var regions = [PixelRect(size)]
        if max(size.width, size.height) > Self.large {
            for rows in parts(size.height) {
                for columns in parts(size.width) {
                    regions.append(
                        PixelRect(
                            x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count))
                }
            }
        }
        self.regions = regions
    }

    /// Whether a box that was found in `region` is not cut by an edge beyond which the picture goes on: its neighbour sees it whole.
    public func isWhole(_ box: BoundingBox, in region: PixelRect) -> Bool {
        let (left, top) = (Float(region.x), Float(region.y))
        let (right, bottom) = (Float(region.x + region.width), Float(region.y + region.height))
        return (region.x == 0 || box.minX > left + Self.seam) && (region.y == 0 || box.minY > top + Self.seam)
            && (region.x + region.width == size.width || box.maxX < right - Self.seam)
            && (region.y + region.height == size.height || box.maxY < bottom - Self.seam)
    }
}

extension LoadedModel {
    /// Looks at the whole of a picture and, if it is large, at its parts, when nobody waits for it.
    /// - Parameter region: the only one to look at instead, as where something is known to be.
    /// - Returns: in pixels of the whole picture, each thing once, the surest first; also what the model is not sure of.
    /// - Throws: what the finder throws.
    public func findInTiles(of frame: Frame, only region: PixelRect? = nil) async throws -> [Detection] {
        try await find(in: region.map { [$0] } ?? Tiling(of: frame.size).regions, of: frame)
    }

    /// The same in some of its parts.
    /// - Parameter regions: of the tiling of its size.
    public func find(in regions: [PixelRect], of frame: Frame) async throws -> [Detection] {
        let tiling = Tiling(of: frame.size)
        var found: [Detection] = []
        for region in regions {
            found += try await finder.find(in: frame, region: region, urgency: .batch)
                .filter { tiling.isWhole($0.box, in: region) }
        }
        return nms(found, maximumIoU: thresholds.nmsIoU)
    }
}
