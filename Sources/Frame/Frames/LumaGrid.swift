/// The brightness of a picture at 512 places spread evenly over it, 32 across and 16 down, row by row: enough to tell whether it
/// changes and whether anything is in it. 8 bits each, in the range that the picture has.
public struct LumaGrid: Sendable {
    public static let columns = 32, rows = 16
    /// 64 samples each, which are two rows.
    private var blocks: InlineArray<8, SIMD64<UInt8>>

    /// - Parameter sample: the brightness at the place in the middle of a cell; called row by row.
    public init(_ sample: (_ column: Int, _ row: Int) -> UInt8) {
        blocks = InlineArray(repeating: SIMD64(repeating: 0))
        for row in 0..<Self.rows {
            for column in 0..<Self.columns {
                blocks[row / 2][row % 2 * Self.columns + column] = sample(column, row)
            }
        }
    }

    /// Whether no place differs by more than `tolerance`.
    public func resembles(_ other: LumaGrid, within tolerance: UInt8) -> Bool {
        for index in blocks.indices {
            let (a, b) = (blocks[index], other.blocks[index])
            let lower = pointwiseMin(a, b), upper = pointwiseMax(a, b)
            if (upper &- lower).max() > tolerance { return false }
        }
        return true
    }

    public var darkest: UInt8 { blocks.indices.reduce(.max) { min($0, blocks[$1].min()) } }
    public var brightest: UInt8 { blocks.indices.reduce(0) { max($0, blocks[$1].max()) } }
    /// Standard deviation of the samples.
    public var contrast: Double {
        var sum = 0, squares = 0
        for index in blocks.indices {
            let block = SIMD64<UInt32>(truncatingIfNeeded: blocks[index])
            sum += Int(block.wrappedSum())
            squares += Int((block &* block).wrappedSum())
        }
        let count = Double(Self.columns * Self.rows)
        let mean = Double(sum) / count
        return max(0, Double(squares) / count - mean * mean).squareRoot()
    }
}
