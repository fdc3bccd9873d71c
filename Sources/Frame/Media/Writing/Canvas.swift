public import Frames
import Scene

/// Draws overlays into packed RGB pixels; what lies outside is cut off.
struct Canvas {
    private let pixels: PixelTarget
    /// Width of a line: 1 below 810 rows, 2 at 1080, 4 at 2160.
    private let stroke: Int
    /// Side of a letter's cell: seven of them are its height.
    private let cell: Int
    private var linesInCorner: [Overlay.Corner: Int] = [:]

    init(_ pixels: PixelTarget) {
        self.pixels = pixels
        stroke = max(1, (pixels.size.height + 270) / 540)
        cell = pixels.size.height < 300 ? 1 : stroke + 1
    }

    mutating func draw(_ overlays: [Overlay]) {
        for overlay in overlays {
            switch overlay {
            case .polygon(let polygon, let color): outline(polygon, Paint(index: color))
            case .box(let box, let color, let label, let isPredicted):
                outline(box, Paint(index: color), isDashed: isPredicted)
                tag(label, above: box, Paint(index: color))
            case .text(let text, let corner): write(text, in: corner)
            }
        }
    }

    private func fill(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ paint: Paint) {
        let columns = max(0, x)..<max(0, x, min(pixels.size.width, x + width))
        let rows = max(0, y)..<max(0, y, min(pixels.size.height, y + height))
        let (first, third) = pixels.order == .rgb ? (paint.red, paint.blue) : (paint.blue, paint.red)
        for row in rows {
            var pixel = pixels.base + row * pixels.bytesPerRow + columns.lowerBound * 3
            for _ in columns {
                (pixel[0], pixel[1], pixel[2]) = (first, paint.green, third)
                pixel += 3
            }
        }
    }

    /// Boxes come from models and may be anything; far outside is as good as just outside.
    private static func pixel(_ coordinate: Float) -> Int {
        coordinate.isFinite ? Int(min(100_000, max(-100_000, coordinate)).rounded()) : 0
    }

    private func outline(_ box: BoundingBox, _ paint: Paint, isDashed: Bool) {
        let (left, top) = (Self.pixel(box.minX), Self.pixel(box.minY))
        let (right, bottom) = (Self.pixel(box.maxX), Self.pixel(box.maxY))
        guard right > left, bottom > top else { return }
        let period = stroke * 10, dash = isDashed ? stroke * 6 : period
        for x in stride(from: max(left, left - left / period * period), to: min(right, pixels.size.width), by: period) {
            let width = min(dash, right - x)
            fill(x, top, width, stroke, paint)
            fill(x, bottom - stroke, width, stroke, paint)
        }
        for y in stride(from: max(top, top - top / period * period), to: min(bottom, pixels.size.height), by: period) {
            let height = min(dash, bottom - y)
            fill(left, y, stroke, height, paint)
            fill(right - stroke, y, stroke, height, paint)
        }
    }

    private func outline(_ polygon: Polygon, _ paint: Paint) {
        guard var previous = polygon.vertices.last else { return }
        for vertex in polygon.vertices {
            line(from: previous, to: vertex, paint)
            previous = vertex
        }
    }

    private func line(from start: Point, to end: Point, _ paint: Paint) {
        let (x, y) = (Self.pixel(start.x), Self.pixel(start.y))
        let (dx, dy) = (Self.pixel(end.x) - x, Self.pixel(end.y) - y)
        let steps = max(1, abs(dx), abs(dy))
        for step in 0...steps {
            fill(x + dx * step / steps - stroke / 2, y + dy * step / steps - stroke / 2, stroke, stroke, paint)
        }
    }

    private func size(of text: String) -> (width: Int, height: Int) {
        ((text.count * (BitmapFont.width + 1) + 1) * cell, (BitmapFont.height + 2) * cell)
    }

    /// Text on a plate of colour whose upper left corner is `(x, y)`.
    private func plate(_ text: String, _ x: Int, _ y: Int, _ paint: Paint) {
        let size = size(of: text)
        fill(x, y, size.width, size.height, paint)
        var cellX = x + cell
        for character in text {
            for (row, bits) in BitmapFont.rows(of: character).enumerated() {
                for column in 0..<BitmapFont.width where bits & (16 >> UInt8(column)) != 0 {
                    fill(
                        cellX + column * cell, y + (row + 1) * cell, cell, cell, paint.isLight ? .black : .white)
                }
            }
            cellX += (BitmapFont.width + 1) * cell
        }
    }

    private func tag(_ label: String, above box: BoundingBox, _ paint: Paint) {
        guard !label.isEmpty else { return }
        let size = size(of: label)
        let x = max(0, min(Self.pixel(box.minX), pixels.size.width - size.width))
        plate(label, x, max(0, Self.pixel(box.minY) - size.height), paint)
    }

    private mutating func write(_ text: String, in corner: Overlay.Corner) {
        let size = size(of: text), margin = cell * 2
        let line = linesInCorner[corner, default: 0]
        linesInCorner[corner] = line + 1
        let isLeft = corner == .topLeft || corner == .bottomLeft
        let isTop = corner == .topLeft || corner == .topRight
        let y = margin + line * (size.height + cell)
        plate(
            text, isLeft ? margin : pixels.size.width - margin - size.width,
            isTop ? y : pixels.size.height - y - size.height, .black)
    }
}

extension Frame {
    /// The frame with `overlays` drawn in, as a PNG.
    /// - Throws: `MediaError`, or what the picture throws.
    public func png(overlays: [Overlay] = []) throws -> [UInt8] {
        let bytesPerRow = size.width * 3
        let base = UnsafeMutablePointer<UInt8>.allocate(capacity: bytesPerRow * size.height)
        defer { base.deallocate() }
        let pixels = PixelTarget(base: base, bytesPerRow: bytesPerRow, size: size, order: .rgb)
        try picture.draw(PixelRect(size), to: pixels)
        var canvas = Canvas(pixels)
        canvas.draw(overlays)
        return try PNGEncoder.encode(pixels)
    }
}
