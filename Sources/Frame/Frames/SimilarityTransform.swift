public import Scene

/// Moves, turns and scales points of a plane: `x' = a x - b y + shiftX`, `y' = b x + a y + shiftY`.
public struct SimilarityTransform: Hashable, Sendable {
    private let a, b, shiftX, shiftY: Double
    private init(a: Double, b: Double, shiftX: Double, shiftY: Double) {
        (self.a, self.b, self.shiftX, self.shiftY) = (a, b, shiftX, shiftY)
    }
    public static let identity = SimilarityTransform(a: 1, b: 0, shiftX: 0, shiftY: 0)

    /// The one that brings points nearest to others, by least squares; `nil` when they lie on one spot or are no numbers.
    ///
    /// Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991. In the
    /// plane, points as complex numbers, turning and scaling is one factor, and the best one a quotient of sums.
    /// - Parameter goals: as many as `points`.
    public init?(bringing points: [Point], to goals: [Point]) {
        precondition(points.count == goals.count, "each point has its goal")
        let from = points.map { (x: Double($0.x), y: Double($0.y)) }
        let to = goals.map { (x: Double($0.x), y: Double($0.y)) }
        func middle(_ points: [(x: Double, y: Double)]) -> (x: Double, y: Double) {
            let count = Double(points.count)
            return (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
        }
        let (start, end) = (middle(from), middle(to))
        var real = 0.0, imaginary = 0.0, spread = 0.0
        for (p, q) in zip(from, to) {
            let (x, y, u, v) = (p.x - start.x, p.y - start.y, q.x - end.x, q.y - end.y)
            real += x * u + y * v
            imaginary += x * v - y * u
            spread += x * x + y * y
        }
        guard spread > 1e-9, spread.isFinite else { return nil }
        (a, b) = (real / spread, imaginary / spread)
        guard a * a + b * b > 1e-12 else { return nil }
        (shiftX, shiftY) = (end.x - a * start.x + b * start.y, end.y - b * start.x - a * start.y)
    }

    /// The same, and then a square of what it leads to, brought to a picture of `side` pixels a side.
    /// - Parameter square: its upper left corner and its side.
    public func cut(_ square: (x: Double, y: Double, side: Double), to side: Int) -> SimilarityTransform {
        let factor = Double(side) / square.side
        return SimilarityTransform(
            a: a * factor, b: b * factor, shiftX: (shiftX - square.x) * factor, shiftY: (shiftY - square.y) * factor)
    }

    public var scale: Double { (a * a + b * b).squareRoot() }

    public func apply(to point: Point) -> Point {
        let (x, y) = (Double(point.x), Double(point.y))
        return Point(x: Float(a * x - b * y + shiftX), y: Float(b * x + a * y + shiftY))
    }
    public func revert(_ point: Point) -> Point {
        let (x, y) = (Double(point.x) - shiftX, Double(point.y) - shiftY), square = a * a + b * b
        return Point(x: Float((a * x + b * y) / square), y: Float((a * y - b * x) / square))
    }

    /// The part of a picture of `size` that a picture of `target` shows of it, with a pixel around it; `nil` when it shows none.
    public func region(of size: PixelSize, shownIn target: PixelSize) -> PixelRect? {
        let (width, height) = (Float(target.width), Float(target.height))
        let corners = [(0, 0), (width, 0), (0, height), (width, height)].map { revert(Point(x: $0.0, y: $0.1)) }
        func range(_ values: [Float], _ limit: Int) -> Range<Int> {
            let low = max(values.min()! - 1, 0).rounded(.down), high = min(values.max()! + 1, Float(limit)).rounded(.up)
            return low < high ? Int(low)..<min(Int(high), limit) : 0..<0
        }
        let (x, y) = (range(corners.map(\.x), size.width), range(corners.map(\.y), size.height))
        guard !x.isEmpty, !y.isEmpty else { return nil }
        return PixelRect(x: x.lowerBound, y: y.lowerBound, width: x.count, height: y.count)
    }
}

/// Memory for aligning faces, to be used for one after the other.
public struct WarpScratch: Sendable {
    fileprivate var pixels: [UInt8] = []
    public init() {}
}

extension SimilarityTransform {
    /// Draws what the transform brings into the target. What lies outside the picture is black.
    ///
    /// The part of the picture is first scaled down to the resolution of the target, by area, so that a large face does not
    /// shimmer; then each pixel is interpolated between four.
    /// - Throws: a `SourceFailure` when the pixel format cannot be converted.
    public func draw(_ picture: any Picture, to target: PixelTarget, using scratch: inout WarpScratch) throws {
        for row in 0..<target.size.height {
            (target.base + row * target.bytesPerRow).update(repeating: 0, count: target.size.width * 3)
        }
        guard let region = region(of: picture.size, shownIn: target.size) else { return }
        let shrinking = min(1, scale)
        let size = PixelSize(
            width: max(1, Int((Double(region.width) * shrinking).rounded(.up))),
            height: max(1, Int((Double(region.height) * shrinking).rounded(.up))))
        let bytesPerRow = size.width * 3
        // libyuv may touch a few bytes past a row's end.
        let needed = bytesPerRow * size.height + 64
        if scratch.pixels.count < needed { scratch.pixels = [UInt8](repeating: 0, count: needed) }
        try scratch.pixels.withUnsafeMutableBufferPointer { pixels in
            let part = PixelTarget(
                base: pixels.baseAddress!, bytesPerRow: bytesPerRow, size: size, order: target.order)
            try picture.draw(region, to: part)
            sample(part, of: region, to: target)
        }
    }

    /// - Parameter part: shows `region`.
    private func sample(_ part: PixelTarget, of region: PixelRect, to target: PixelTarget) {
        let scaleX = Double(part.size.width) / Double(region.width)
        let scaleY = Double(part.size.height) / Double(region.height)
        let square = a * a + b * b
        let (stepX, stepY) = (a / square * scaleX, -b / square * scaleY)
        for row in 0..<target.size.height {
            // The middle of the row's first pixel, then the middles of those to its right.
            let (u, v) = (0.5 - shiftX, Double(row) + 0.5 - shiftY)
            var x = ((a * u + b * v) / square - Double(region.x)) * scaleX - 0.5
            var y = ((a * v - b * u) / square - Double(region.y)) * scaleY - 0.5
            var pixel = target.base + row * target.bytesPerRow
            for _ in 0..<target.size.width {
                if x > -1, y > -1, x < Double(part.size.width), y < Double(part.size.height) {
                    part.interpolate(x, y, into: pixel)
                }
                (x, y, pixel) = (x + stepX, y + stepY, pixel + 3)
            }
        }
    }
}

extension PixelTarget {
    /// The pixel at a place between four; those at the edge go on beyond it.
    fileprivate func interpolate(_ x: Double, _ y: Double, into pixel: UnsafeMutablePointer<UInt8>) {
        let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
        let (shareX, shareY) = (Int((x - Double(left)) * 256), Int((y - Double(top)) * 256))
        func offset(_ value: Int, _ count: Int) -> Int { min(max(value, 0), count - 1) }
        let (x0, x1) = (offset(left, size.width) * 3, offset(left + 1, size.width) * 3)
        let upper = base + offset(top, size.height) * bytesPerRow
        let lower = base + offset(top + 1, size.height) * bytesPerRow
        for channel in 0..<3 {
            let above = Int(upper[x0 + channel]) * (256 - shareX) + Int(upper[x1 + channel]) * shareX
            let below = Int(lower[x0 + channel]) * (256 - shareX) + Int(lower[x1 + channel]) * shareX
            pixel[channel] = UInt8((above * (256 - shareY) + below * shareY + 1 << 15) >> 16)
        }
    }
}
