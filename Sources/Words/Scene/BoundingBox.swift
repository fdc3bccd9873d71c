/// An axis-aligned box in pixels of the source frame: origin top-left, `x` right, `y` down.
public struct BoundingBox: Hashable, Sendable {
    public var minX, minY, maxX, maxY: Float
    public init(minX: Float, minY: Float, maxX: Float, maxY: Float) {
        (self.minX, self.minY, self.maxX, self.maxY) = (minX, minY, maxX, maxY)
    }

    public var width: Float { maxX - minX }
    public var height: Float { maxY - minY }
    public var center: Point { Point(x: (minX + maxX) / 2, y: (minY + maxY) / 2) }
    /// Square pixels; 0 for an empty or inverted box.
    public var area: Float { max(0, maxX - minX) * max(0, maxY - minY) }

    /// The shared part of both boxes; its area is 0 when they do not meet.
    public func intersection(_ other: BoundingBox) -> BoundingBox {
        BoundingBox(
            minX: max(minX, other.minX), minY: max(minY, other.minY),
            maxX: min(maxX, other.maxX), maxY: min(maxY, other.maxY))
    }
    /// Intersection over union with `other`, in `0...1`. Two empty boxes give 0.
    public func iou(with other: BoundingBox) -> Float {
        let overlap = intersection(other).area
        let union = area + other.area - overlap
        return union > 0 ? overlap / union : 0
    }
}
