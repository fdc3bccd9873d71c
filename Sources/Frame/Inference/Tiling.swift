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
    /// The same in heights of the box, for parts that are no larger than a model's input: who is cut may be taken for whole a little short of
    /// the edge.
    private static let ownSeam: Float = 0.1
    /// What of a tile's side its neighbour shows at least, as a divisor.
    private static let ownShare = 5
    /// Who is so tall in a model's input is found there about as surely as anybody: the limit of what COCO calls small.
    private static let plain = 32.0

    /// What is looked at.
    private let bounds: PixelRect
    private let seamShare: Float
    /// The whole, then the parts.
    public let regions: [PixelRect]
    /// By part, where it alone says who is faintly to be seen: each place is in one of them.
    private let cells: [BoundingBox]
    /// How tall anybody is whom one of the parts surely shows whole, wherever he is; in pixels.
    public let tallest: Float

    /// In few parts, for a model that is shown each on a smaller scale.
    /// - Parameter size: of the picture.
    public init(of size: PixelSize) {
        func parts(_ side: Int) -> [Range<Int>] {
            guard side > Self.large / 2 else { return [0..<side] }
            let length = Int(Double(side) * Self.share)
            return [0..<length, side - length..<side]
        }
        let isLarge = max(size.width, size.height) > Self.large
        self.init(
            PixelRect(size), rows: isLarge ? parts(size.height) : [], columns: isLarge ? parts(size.width) : [],
            seamShare: 0)
    }

    /// In tiles that a model sees at the picture's own resolution; none where it sees the whole so.
    ///
    /// Neighbours share so much of a tile's height, half of it at most, that whoever no tile shows whole is plain in the whole.
    /// - Parameters:
    ///   - bounds: what of a picture is looked at.
    ///   - tile: the size of the model's input.
    public init(of bounds: PixelRect, in tile: PixelSize) {
        let scale = min(Double(tile.width) / Double(bounds.width), Double(tile.height) / Double(bounds.height))
        func parts(_ side: Int, _ length: Int, sharing share: Int) -> [Range<Int>] {
            guard side > length else { return [0..<side] }
            let step = length - share
            let last = (side - length + step - 1) / step
            return (0...last).map { index in
                let start = (side - length) * index / last
                return start..<start + length
            }
        }
        let plain = Int((Self.plain / scale * (1 + 2 * Double(Self.ownSeam))).rounded(.up))
        let rows = parts(
            bounds.height, tile.height,
            sharing: min(tile.height / 2, max(tile.height / Self.ownShare, plain)))
        let columns = parts(bounds.width, tile.width, sharing: tile.width / Self.ownShare)
        let isOne = rows.count == 1 && columns.count == 1
        self.init(bounds, rows: isOne ? [] : rows, columns: columns, seamShare: Self.ownSeam)
    }

    /// - Parameter rows, columns: where the parts lie in `bounds`.
    private init(_ bounds: PixelRect, rows: [Range<Int>], columns: [Range<Int>], seamShare: Float) {
        (self.bounds, self.seamShare) = (bounds, seamShare)
        /// From the middle of what a part shares with the one before to the middle of what it shares with the next.
        func cell(_ index: Int, of parts: [Range<Int>]) -> Range<Float> {
            func border(_ index: Int) -> Float {
                guard index > 0 else { return -.infinity }
                guard index < parts.count else { return .infinity }
                return Float(parts[index - 1].upperBound + parts[index].lowerBound) / 2
            }
            return border(index)..<border(index + 1)
        }
        var regions = [bounds], cells: [BoundingBox] = []
        for (row, y) in rows.enumerated() {
            for (column, x) in columns.enumerated() {
                regions.append(
                    PixelRect(x: bounds.x + x.lowerBound, y: bounds.y + y.lowerBound, width: x.count, height: y.count))
                let (cellX, cellY) = (cell(column, of: columns), cell(row, of: rows))
                cells.append(
                    BoundingBox(
                        minX: Float(bounds.x) + cellX.lowerBound, minY: Float(bounds.y) + cellY.lowerBound,
                        maxX: Float(bounds.x) + cellX.upperBound, maxY: Float(bounds.y) + cellY.upperBound))
            }
        }
        (self.regions, self.cells) = (regions, cells)
        let shared = [rows, columns].flatMap { parts in
            zip(parts, parts.dropFirst()).map { $0.upperBound - $1.lowerBound }
        }
        tallest = Float(shared.min() ?? 0) / (1 + 2 * seamShare)
    }

    /// Whether a box that was found in `region` is not cut by an edge beyond which the picture goes on: its neighbour sees it whole.
    public func isWhole(_ box: BoundingBox, in region: PixelRect) -> Bool {
        let (left, top) = (Float(region.x), Float(region.y))
        let (right, bottom) = (Float(region.x + region.width), Float(region.y + region.height))
        let seam = max(Self.seam, seamShare * box.height)
        return (region.x == bounds.x || box.minX > left + seam) && (region.y == bounds.y || box.minY > top + seam)
            && (region.x + region.width == bounds.x + bounds.width || box.maxX < right - seam)
            && (region.y + region.height == bounds.y + bounds.height || box.maxY < bottom - seam)
    }

    /// Whether a box that was found in a region is for that one to tell of where several may: small ones for the part around whose middle
    /// they lie, others for the whole.
    /// - Parameter index: of the region.
    public func isOwn(_ box: BoundingBox, in index: Int) -> Bool {
        guard !cells.isEmpty else { return true }
        let isSmall = box.height <= tallest
        guard index > 0 else { return !isSmall }
        let cell = cells[index - 1], center = box.center
        return isSmall && cell.minX <= center.x && center.x < cell.maxX && cell.minY <= center.y
            && center.y < cell.maxY
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
