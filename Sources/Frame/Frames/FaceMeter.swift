public import Scene

/// Measures how well an aligned face can be judged. One meter may measure one face after the other without new memory.
///
/// Light is measured within the oval of the face, by luma (BT.601); detail in the whole of the picture's middle.
public struct FaceMeter: Sendable {
    private static let side = FaceWarp.side
    /// The oval that a face fills, in pixels of the aligned picture.
    private static let oval = (x: 125.0, y: 140.0, width: 75.0, height: 95.0)
    /// Left ends and right ends of the oval's rows; empty above and below it.
    private static let rows: [Range<Int>] = (0..<side).map { row in
        let height = (Double(row) + 0.5 - oval.y) / oval.height
        guard abs(height) < 1 else { return 0..<0 }
        let half = oval.width * (1 - height * height).squareRoot()
        return Int(oval.x - half)..<Int(oval.x + half)
    }
    private var luma = [UInt8](repeating: 0, count: Self.side * Self.side)

    public init() {}

    /// - Parameter pixels: an aligned face.
    public mutating func measure(_ pixels: PixelTarget) -> WarpQuality {
        precondition(pixels.size == PixelSize(width: Self.side, height: Self.side), "an aligned face has its size")
        let red = pixels.order == .rgb ? 0 : 2
        var dark = 0.0, light = 0.0, highlights = 0.0, count = 0.0
        for row in 0..<Self.side {
            let line = pixels.base + row * pixels.bytesPerRow, face = Self.rows[row]
            for column in 0..<Self.side {
                let pixel = line + 3 * column
                let (r, g, b) = (Int(pixel[red]), Int(pixel[1]), Int(pixel[2 - red]))
                let value = (77 * r + 150 * g + 29 * b + 128) >> 8
                luma[row * Self.side + column] = UInt8(value)
                guard face.contains(column) else { continue }
                dark += Self.ramp(value, 16, 64)
                light += 1 - Self.ramp(value, 208, 250)
                highlights += Self.ramp(min(r, g, b), 200, 245)
                count += 1
            }
        }
        return WarpQuality(
            dark: dark / count, light: light / count, illumination: evenness,
            specularity: max(0, 1 - highlights / count / Self.mostHighlights), blurriness: sharpness)
    }

    // Of `dark`, `light` and `specularity`, which are means over the face: ours. A pixel counts as dark below 16 and not at all from 64 on, in
    // between in proportion, so that every pixel that gets darker lowers the mean or leaves it; as too light between 208 and 250 likewise.
    // Highlights have the colour of the light, so of skin, which is reddish, they are where all three channels are high: Shafer, "Using Color
    // to Separate Reflection Components", 1985.
    private static func ramp(_ value: Int, _ low: Int, _ high: Int) -> Double {
        min(max(Double(value - low) / Double(high - low), 0), 1)
    }
    /// A face of which so much shines cannot be worse.
    private static let mostHighlights = 0.25

    /// How evenly both halves of the face are lit: of 6 × 5 blocks and their mirror images the darker ones' sum over the lighter ones'. It
    /// does not depend on how bright the whole is.
    ///
    /// Source: as the uniformity of illumination of ISO/IEC 29794-5 it compares the halves of a face; blocks instead of histograms, which would
    /// not notice light from above on one cheek and from below on the other.
    private var evenness: Double {
        let block = 20, top = 60
        var darker = 0, lighter = 0
        for row in 0..<6 {
            for column in 0..<3 {
                func sum(_ x: Int) -> Int {
                    var sum = 0
                    for y in top + row * block..<top + (row + 1) * block {
                        for x in x..<x + block { sum += Int(luma[y * Self.side + x]) }
                    }
                    return sum
                }
                let left = sum(Self.side / 2 - (column + 1) * block), right = sum(Self.side / 2 + column * block)
                darker += min(left, right)
                lighter += max(left, right)
            }
        }
        return lighter > 0 ? Double(darker) / Double(lighter) : 0
    }

    /// 1 for a face with detail of single pixels, 0 for one that blurring leaves as it is.
    ///
    /// Source: Crété, Dolmiere, Ladret, Nicolas, "The Blur Effect: Perception and Estimation with a New No-Reference Perceptual Blur
    /// Metric", SPIE 2007: a picture is blurred once more, and what its differences between neighbours lose says how sharp it was. The worse of
    /// both directions counts. The bounds between which our number grows are those of
    /// faces 20 pixels high, of which 89 in pictures had 0.79 in the median, and of such that have all the detail that an aligned one shows:
    /// faces of 190 pixels had 0.55.
    private var sharpness: Double {
        let blur = max(blur(step: 1, across: Self.side), blur(step: Self.side, across: 1))
        return min(max((Self.blurred - blur) / (Self.blurred - Self.sharp), 0), 1)
    }
    private static let blurred = 0.8, sharp = 0.45

    /// - Parameters:
    ///   - step: from a pixel to the next in the direction that is looked at.
    ///   - across: from a line of them to the next.
    private func blur(step: Int, across: Int) -> Double {
        // Around the face, where no border of the picture can be unless it cuts through the face.
        let margin = 40, lines = margin..<Self.side - margin, reach = 4, taps = 2 * reach + 1
        var before = 0, lost = 0
        luma.withUnsafeBufferPointer { luma in
            for line in lines {
                let start = line * across
                var window = (margin - reach - 1...margin + reach - 1).reduce(0) { $0 + Int(luma[start + $1 * step]) }
                for place in lines {
                    let here = start + place * step
                    let difference = abs(Int(luma[here]) - Int(luma[here - step]))
                    let next = window + Int(luma[here + reach * step]) - Int(luma[here - (reach + 1) * step])
                    before += difference * taps
                    lost += max(0, difference * taps - abs(next - window))
                    window = next
                }
            }
        }
        return before > 0 ? Double(before - lost) / Double(before) : 1
    }
}
