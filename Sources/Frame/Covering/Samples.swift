import Scene

/// Writable 8-bit samples of a picture, some for each pixel side by side.
struct Samples {
    let base: UnsafeMutablePointer<UInt8>
    let bytesPerRow: Int
    let size: PixelSize
    /// Samples of a pixel.
    let channels: Int
    /// What a mask makes of each.
    let mask: UInt8

    /// - Parameters:
    ///   - rect: inside.
    ///   - oval: what of it is covered; `nil`: all.
    func cover(_ rect: PixelRect, by method: Privacy.Method, within oval: Oval?) {
        func span(_ y: Int) -> Range<Int> { oval?.columns(of: y, in: rect) ?? 0..<rect.width }
        switch method {
        case .mask: fill(rect, span)
        case .mosaic, .blur:
            let grid = CellGrid(width: rect.width, height: rect.height)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: grid.columns * grid.rows * channels) { means in
                average(rect, into: means, grid)
                method == .blur ? smooth(rect, from: means, grid, span) : tile(rect, from: means, grid, span)
            }
        }
    }

    private func row(_ y: Int, from x: Int) -> UnsafeMutablePointer<UInt8> { base + y * bytesPerRow + x * channels }

    private func fill(_ rect: PixelRect, _ span: (Int) -> Range<Int>) {
        for y in 0..<rect.height {
            let span = span(y)
            row(rect.y + y, from: rect.x + span.lowerBound).update(repeating: mask, count: span.count * channels)
        }
    }

    private func average(_ rect: PixelRect, into means: UnsafeMutableBufferPointer<UInt8>, _ grid: CellGrid) {
        for cellY in 0..<grid.rows {
            let rows = grid.rows(of: cellY)
            for cellX in 0..<grid.columns {
                let columns = grid.columns(of: cellX), count = rows.count * columns.count
                for channel in 0..<channels {
                    var sum = 0
                    for y in rows {
                        var sample = row(rect.y + y, from: rect.x + columns.lowerBound) + channel
                        for _ in columns {
                            sum &+= Int(sample.pointee)
                            sample += channels
                        }
                    }
                    means[(cellY * grid.columns + cellX) * channels + channel] = UInt8(sum / count)
                }
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
                    let columns = grid.columns(of: cellX).clamped(to: span)
                    let place = (cellY * grid.columns + cellX) * channels
                    var sample = row(rect.y + y, from: rect.x + columns.lowerBound)
                    for _ in columns {
                        for channel in 0..<channels { sample[channel] = means[place + channel] }
                        sample += channels
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
        let (count, width) = (grid.columns * channels, rect.width * channels)
        // Along a row of cells, in 256ths: each row of pixels is a mean of two such.
        func stretch(_ cells: Int, to line: UnsafeMutablePointer<Int32>) {
            let means = means.baseAddress! + cells * count
            for x in 0..<rect.width {
                let (left, share) = CellGrid.place(of: x, in: rect.width, cells: grid.columns)
                let right = min(left + 1, grid.columns - 1)
                for channel in 0..<channels {
                    let (one, next) = (
                        Int32(means[left * channels + channel]), Int32(means[right * channels + channel])
                    )
                    line[x * channels + channel] = one << 8 &+ (next &- one) &* Int32(share)
                }
            }
        }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * width) { lines in
            let (above, below) = (lines.baseAddress!, lines.baseAddress! + width)
            var known = -1
            for y in 0..<rect.height {
                let (upper, share) = CellGrid.place(of: y, in: rect.height, cells: grid.rows)
                if upper != known {
                    stretch(upper, to: above)
                    stretch(min(upper + 1, grid.rows - 1), to: below)
                    known = upper
                }
                let span = span(y), (one, next) = (Int32(256 - share), Int32(share))
                let row = row(rect.y + y, from: rect.x)
                for sample in span.lowerBound * channels..<span.upperBound * channels {
                    row[sample] = UInt8(truncatingIfNeeded: (above[sample] &* one &+ below[sample] &* next) >> 16)
                }
            }
        }
    }
}
