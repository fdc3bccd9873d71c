public import Frames
public import Scene

/// Places of a frame that nobody is to see, and by what they are covered. The one way in which pixels are hidden.
///
/// What it leaves cannot be undone, whatever is known of the method: each place is first averaged into a grid of at most four cells
/// across its shorter side (`CellGrid`), and everything that is drawn comes from these means. No processing adds information to
/// that, and a face has some three cells from ear to ear. A mere blur keeps far more: a network told faces apart behind
/// mosaics of 16×16 pixels and behind the blur of a large video site (McPherson, Shokri, Shmatikov, "Defeating Image Obfuscation with
/// Deep Learning", arXiv:1609.00408), and text behind both was read (Hill, Zhou, Saul, Shacham, "On the (In)effectiveness of
/// Mosaicing and Blurring as Tools for Document Redaction", PoPETs 2016/4). Several frames of one face give little more: what many
/// shifted pictures add ends at 1.6 times the cells in practice (Lin, Shum, "Fundamental Limits of Reconstruction-Based
/// Superresolution Algorithms under Local Translation", PAMI 26/1, 2004).
public struct Cover: Hashable, Sendable {
    /// In pixels of the frame; margins are in them. One that is no box covers everything.
    public var places: [BoundingBox]
    public var method: Privacy.Method
    /// What of a place is covered.
    public enum Shape: String, Sendable {
        case box
        /// The largest that lies in it.
        case ellipse
    }
    public var shape: Shape
    public init(_ places: [BoundingBox], by method: Privacy.Method, shape: Shape = .box) {
        (self.places, self.method, self.shape) = (places, method, shape)
    }

    /// Covers what `pixels` show of the places. Keeps no memory.
    /// - Parameters:
    ///   - pixels: show `region`, scaled.
    ///   - region: in pixels of the frame.
    public func apply(to pixels: PixelTarget, showing region: PixelRect) {
        for place in places {
            guard let rect = pixels.size.rect(of: place, in: region) else { continue }
            let oval = shape == .ellipse ? pixels.size.oval(in: place, of: region) : nil
            pixels.cover(rect, by: method, within: oval)
        }
    }
}

extension PixelSize {
    /// Pixels on each side of a place, since scaling mixes neighbours.
    private static let seam: Float = 2

    /// Where `place` is in a picture of this size that shows `region`; `nil` when it is not in it.
    fileprivate func rect(of place: BoundingBox, in region: PixelRect) -> PixelRect? {
        guard [place.minX, place.minY, place.maxX, place.maxY].allSatisfy(\.isFinite) else { return PixelRect(self) }
        func span(_ low: Float, _ high: Float, _ start: Int, _ extent: Int, _ side: Int) -> Range<Int>? {
            let scale = Float(side) / Float(max(1, extent))
            let first = ((low - Float(start)) * scale - Self.seam).rounded(.down)
            let last = ((high - Float(start)) * scale + Self.seam).rounded(.up)
            let lower = Int(min(Float(side), max(0, first))), upper = Int(min(Float(side), max(0, last)))
            return lower < upper ? lower..<upper : nil
        }
        let (left, right) = (min(place.minX, place.maxX), max(place.minX, place.maxX))
        let (top, bottom) = (min(place.minY, place.maxY), max(place.minY, place.maxY))
        guard let x = span(left, right, region.x, region.width, width),
            let y = span(top, bottom, region.y, region.height, height)
        else { return nil }
        return PixelRect(x: x.lowerBound, y: y.lowerBound, width: x.count, height: y.count)
    }
}

/// The largest ellipse in a place, in pixels of what is drawn.
private struct Oval {
    let x, y, halfWidth, halfHeight: Float

    /// Which pixels of a row of `rect` it touches.
    /// - Parameter y: from the top of `rect`.
    func columns(of y: Int, in rect: PixelRect) -> Range<Int> {
        // Of the row's two edges the one that is nearer to the middle.
        let top = Float(rect.y + y) - self.y, distance = top > 0 ? top : min(0, top + 1)
        let share = 1 - (distance / halfHeight) * (distance / halfHeight)
        guard share >= 0 else { return 0..<0 }
        let reach = halfWidth * share.squareRoot()
        let first = max(0, Int((x - reach).rounded(.down)) - rect.x)
        let last = min(rect.width, Int((x + reach).rounded(.up)) - rect.x)
        return first..<max(first, last)
    }
}

extension PixelSize {
    /// `nil` for what is no box: then all of it is covered.
    fileprivate func oval(in place: BoundingBox, of region: PixelRect) -> Oval? {
        guard [place.minX, place.minY, place.maxX, place.maxY].allSatisfy(\.isFinite) else { return nil }
        let across = Float(width) / Float(max(1, region.width)), down = Float(height) / Float(max(1, region.height))
        return Oval(
            x: (place.center.x - Float(region.x)) * across, y: (place.center.y - Float(region.y)) * down,
            halfWidth: abs(place.width) / 2 * across + Self.seam, halfHeight: abs(place.height) / 2 * down + Self.seam)
    }
}

extension PixelTarget {
    /// - Parameters:
    ///   - rect: inside.
    ///   - oval: what of it is covered; `nil`: all.
    fileprivate func cover(_ rect: PixelRect, by method: Privacy.Method, within oval: Oval?) {
        func span(_ y: Int) -> Range<Int> { oval?.columns(of: y, in: rect) ?? 0..<rect.width }
        switch method {
        case .mask: fill(rect, span)
        case .mosaic, .blur:
            let grid = CellGrid(width: rect.width, height: rect.height)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: grid.columns * grid.rows * 3) { means in
                average(rect, into: means, grid)
                method == .blur ? smooth(rect, from: means, grid, span) : tile(rect, from: means, grid, span)
            }
        }
    }

    private func row(_ y: Int, from x: Int) -> UnsafeMutablePointer<UInt8> { base + y * bytesPerRow + x * 3 }

    private func fill(_ rect: PixelRect, _ span: (Int) -> Range<Int>) {
        for y in 0..<rect.height {
            let span = span(y)
            row(rect.y + y, from: rect.x + span.lowerBound).update(repeating: 0, count: span.count * 3)
        }
    }

    private func average(_ rect: PixelRect, into means: UnsafeMutableBufferPointer<UInt8>, _ grid: CellGrid) {
        for cellY in 0..<grid.rows {
            let rows = grid.rows(of: cellY)
            for cellX in 0..<grid.columns {
                let columns = grid.columns(of: cellX)
                var sums = (0, 0, 0)
                for y in rows {
                    var pixel = row(rect.y + y, from: rect.x + columns.lowerBound)
                    for _ in columns {
                        sums = (sums.0 &+ Int(pixel[0]), sums.1 &+ Int(pixel[1]), sums.2 &+ Int(pixel[2]))
                        pixel += 3
                    }
                }
                let count = rows.count * columns.count, place = (cellY * grid.columns + cellX) * 3
                means[place] = UInt8(sums.0 / count)
                means[place + 1] = UInt8(sums.1 / count)
                means[place + 2] = UInt8(sums.2 / count)
            }
        }
    }

    /// Each cell in its own mean.
    private func tile(
        _ rect: PixelRect, from means: UnsafeMutableBufferPointer<UInt8>, _ grid: CellGrid,
        _ span: (Int) -> Range<Int>
    ) {
        for cellY in 0..<grid.rows {
            for y in grid.rows(of: cellY) {
                let span = span(y)
                for cellX in 0..<grid.columns {
                    let columns = grid.columns(of: cellX).clamped(to: span), place = (cellY * grid.columns + cellX) * 3
                    var pixel = row(rect.y + y, from: rect.x + columns.lowerBound)
                    for _ in columns {
                        (pixel[0], pixel[1], pixel[2]) = (means[place], means[place + 1], means[place + 2])
                        pixel += 3
                    }
                }
            }
        }
    }

    /// From cell to cell, straight.
    private func smooth(
        _ rect: PixelRect, from means: UnsafeMutableBufferPointer<UInt8>, _ grid: CellGrid,
        _ span: (Int) -> Range<Int>
    ) {
        let samples = grid.columns * 3
        withUnsafeTemporaryAllocation(of: Int.self, capacity: samples) { line in
            for y in 0..<rect.height {
                let (upper, share) = CellGrid.place(of: y, in: rect.height, cells: grid.rows)
                let lower = min(upper + 1, grid.rows - 1)
                for sample in 0..<samples {
                    let (above, below) = (Int(means[upper * samples + sample]), Int(means[lower * samples + sample]))
                    line[sample] = above * (256 - share) + below * share
                }
                let span = span(y)
                var pixel = row(rect.y + y, from: rect.x + span.lowerBound)
                for x in span {
                    let (left, share) = CellGrid.place(of: x, in: rect.width, cells: grid.columns)
                    let (first, second) = (left * 3, min(left + 1, grid.columns - 1) * 3)
                    for channel in 0..<3 {
                        let sum = line[first + channel] * (256 - share) + line[second + channel] * share
                        pixel[channel] = UInt8(sum >> 16)
                    }
                    pixel += 3
                }
            }
        }
    }
}
