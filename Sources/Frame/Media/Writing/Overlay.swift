public import Scene

/// Something drawn over a frame for people to look at, in pixels of the frame.
public enum Overlay: Hashable, Sendable {
    public enum Corner: Sendable, CaseIterable { case topLeft, topRight, bottomLeft, bottomRight }

    /// A box with a label on its upper edge. Predicted boxes are dashed. The same `color` index gives the same colour;
    /// track ids make good indices.
    case box(BoundingBox, color: Int, label: String, isPredicted: Bool)
    /// The outline of a polygon.
    case polygon(Polygon, color: Int)
    /// A line of text; several in one corner are stacked.
    case text(String, corner: Corner)
}

/// A colour of a packed 8-bit picture.
struct Paint: Hashable {
    var red, green, blue: UInt8
    static let white = Paint(red: 255, green: 255, blue: 255)
    static let black = Paint(red: 0, green: 0, blue: 0)

    /// Neighbouring indices get colours far apart: the hue advances by the golden angle.
    init(index: Int) {
        let hue = (Double(index) * 0.618_033_988_75 + 0.33).truncatingRemainder(dividingBy: 1)
        func channel(_ shift: Double) -> UInt8 {
            let position = (hue + shift + 1).truncatingRemainder(dividingBy: 1) * 6
            let level = min(1, max(0, abs(position - 3) - 1))  // of the pure hue
            return UInt8((60 + level * 195).rounded())
        }
        (red, green, blue) = (channel(0), channel(2.0 / 3), channel(1.0 / 3))
    }
    init(red: UInt8, green: UInt8, blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }
    /// Whether black text reads better on it than white.
    var isLight: Bool { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > 140_000 }
}

extension Overlay {
    func scaled(by scale: Float) -> Overlay {
        switch self {
        case .box(let box, let color, let label, let isPredicted):
            .box(
                BoundingBox(
                    minX: box.minX * scale, minY: box.minY * scale, maxX: box.maxX * scale, maxY: box.maxY * scale),
                color: color, label: label, isPredicted: isPredicted)
        case .polygon(let polygon, let color):
            .polygon(Polygon(vertices: polygon.vertices.map { Point(x: $0.x * scale, y: $0.y * scale) }), color: color)
        case .text: self
        }
    }
}
