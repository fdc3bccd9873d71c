public import Scene

/// Measures how well an aligned face can be judged. One meter may measure one face after the other without new memory.
///
/// Light is measured within the oval of the face, by luma (BT.601); detail in the picture's middle, by pixels of the picture that the face comes from.
public struct FaceMeter: Sendable {
    private static let side = FaceWarp.side
    /// The oval that a face fills, in pixels of the aligned picture.
    private static let oval = (x: 125.0, y: 140.0, width: 75.0, height: 95.0)
    /// Left ends and right ends of the oval's rows; empty above and below it.
    static let rows: [Range<Int>] = (0..<side).map { row in
        let height = (Double(row) + 0.5 - oval.y) / oval.height
        guard abs(height) < 1 else { return 0..<0 }
        let half = oval.width * (1 - height * height).squareRoot()
        return Int(oval.x - half)..<Int(oval.x + half)
    }
    private var luma = [UInt8](repeating: 0, count: Self.side * Self.side)

    public init() {}

    /// - Parameters:
    ///   - pixels: an aligned face.
    ///   - scale: pixels of it for one of the picture that it was drawn from.
    public mutating func measure(_ pixels: PixelTarget, scale: Double = 1) -> WarpQuality {
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
            specularity: max(0, 1 - highlights / count / Self.mostHighlights), blurriness: sharpness(scale))
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

    /// 1 for a face with much fine detail, 0 for one that shows hardly more than that there is a face.
    ///
    /// Detail is told by how the differences between neighbours compare with the contrast that the face has: `(D - n) / (V + n) / s²`. `D` is the
    /// mean square of the differences between neighbouring pixels, the lesser of both directions; `V` the variance of what light from one side
    /// leaves, that is, around the plane that fits the face's brightness best; `s` how many pixels of the aligned face one of the picture has.
    /// All of it is measured in pixels of the picture: in an enlarged one each blur ends at that of the enlargement. Blurring takes more from
    /// `D` than from `V`, whose share of coarse structures is greater; darkening takes the same from both, and `n`, the noise that each
    /// pixel has at least, keeps what then is left of them from being taken for detail. So both lower the number or leave it.
    ///
    /// Source: ours. `D / V` is the mean square of spatial frequencies, weighted by power (the second moment of the spectrum), of which measures of
    /// focus are made: Subbarao, Choi, Nikzad, "Focusing Techniques", Optical Engineering 32/11, 1993. The bounds: of 94 faces of 8 to 30
    /// pixels in pictures the median had 0.0011, a sharp portrait of 114 pixels 0.018, the same blurred by a Gaussian of 3 pixels 0.0036.
    private func sharpness(_ scale: Double) -> Double {
        let side = min(max(Int((Double(Self.side) / max(1, scale)).rounded()), Self.leastSide), Self.side)
        let size = Double(side) / Double(Self.side)
        // The middles of the picture's pixels.
        let places = (0..<side).map { Int((Double($0) + 0.5) / size) }
        func part(_ range: Range<Int>) -> ArraySlice<Int> {
            places[Int((Double(range.lowerBound) * size).rounded())..<Int((Double(range.upperBound) * size).rounded())]
        }
        let (columns, rows) = (part(50..<200), part(45..<235))
        var across = 0.0, down = 0.0
        var plane = PlaneFit()
        for (row, y) in rows.enumerated() {
            let above = row > 0 ? rows[rows.startIndex + row - 1] : y
            var left = Double(luma[y * Self.side + columns.first!])
            for (column, x) in columns.enumerated() {
                let value = Double(luma[y * Self.side + x])
                across += (value - left) * (value - left)
                let upper = Double(luma[above * Self.side + x])
                down += (value - upper) * (value - upper)
                plane.add(value, Double(column), Double(row))
                left = value
            }
        }
        let differences = min(
            across / Double(rows.count * (columns.count - 1)), down / Double(columns.count * (rows.count - 1)))
        let detail = max(0, differences - Self.noise) / (plane.variance + Self.noise) * size * size
        return min(max((detail - Self.blurred) / (Self.sharp - Self.blurred), 0), 1)
    }
    private static let noise = 2.0, blurred = 0.0004, sharp = 0.016
    /// An aligned face of fewer pixels shows nothing.
    private static let leastSide = 16
}

/// What is left of a number's variance when the plane is taken away that fits it best on a grid.
private struct PlaneFit {
    private var count = 0.0, sum = 0.0, squares = 0.0
    private var x = (sum: 0.0, squares: 0.0, product: 0.0), y = (sum: 0.0, squares: 0.0, product: 0.0)

    mutating func add(_ value: Double, _ column: Double, _ row: Double) {
        (count, sum, squares) = (count + 1, sum + value, squares + value * value)
        x = (x.sum + column, x.squares + column * column, x.product + column * value)
        y = (y.sum + row, y.squares + row * row, y.product + row * value)
    }
    /// On a grid, columns and rows tell nothing of each other.
    var variance: Double {
        let mean = sum / count
        func explained(_ axis: (sum: Double, squares: Double, product: Double)) -> Double {
            let spread = axis.squares - axis.sum * axis.sum / count, common = axis.product - axis.sum * mean
            return spread > 0 ? common * common / spread : 0
        }
        return max(0, squares - sum * mean - explained(x) - explained(y)) / count
    }
}
