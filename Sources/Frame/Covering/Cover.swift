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
        apply(
            to: Samples(
                base: pixels.base, bytesPerRow: pixels.bytesPerRow, size: pixels.size, channels: 3, mask: 0),
            showing: region)
    }

    /// Covers the places in the planes of a whole frame. Each plane is averaged by itself, into as many cells.
    /// - Parameter black: of brightness.
    public func apply(to planes: PlanarTarget, black: UInt8) {
        for (plane, mask) in [(planes.luma, black), (planes.chromaU, 128), (planes.chromaV, 128)] {
            apply(
                to: Samples(
                    base: plane.base, bytesPerRow: plane.bytesPerRow, size: plane.size, channels: 1, mask: mask),
                showing: PixelRect(planes.luma.size))
        }
    }

    private func apply(to samples: Samples, showing region: PixelRect) {
        for place in places {
            guard let rect = samples.size.rect(of: place, in: region) else { continue }
            let oval = shape == .ellipse ? samples.size.oval(in: place, of: region) : nil
            samples.cover(rect, by: method, within: oval)
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
struct Oval {
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
