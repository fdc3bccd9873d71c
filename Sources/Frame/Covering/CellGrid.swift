/// Into how many cells a covered place is averaged: what is left of it.
struct CellGrid: Equatable {
    /// Across the shorter side, and across the longer one.
    static let fewest = 4, most = 12
    let width, height: Int
    let columns, rows: Int

    /// - Parameters:
    ///   - width, height: of the place, in pixels; at least 1.
    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        // Cells of less than two pixels would leave the picture as it is.
        let side = max(
            2, Double(min(width, height)) / Double(Self.fewest), Double(max(width, height)) / Double(Self.most))
        func cells(_ extent: Int) -> Int { max(1, Int((Double(extent) / side + 1e-9).rounded(.down))) }
        (columns, rows) = (cells(width), cells(height))
    }

    func columns(of cell: Int) -> Range<Int> { cell * width / columns..<(cell + 1) * width / columns }
    func rows(of cell: Int) -> Range<Int> { cell * height / rows..<(cell + 1) * height / rows }

    /// The cell whose middle lies at or before a pixel's, and how far on the way to the next the pixel is, in 256ths.
    static func place(of pixel: Int, in extent: Int, cells: Int) -> (cell: Int, share: Int) {
        let position = min((cells - 1) * 256, max(0, (2 * pixel + 1) * cells * 128 / extent - 128))
        return (position >> 8, position & 255)
    }
}
