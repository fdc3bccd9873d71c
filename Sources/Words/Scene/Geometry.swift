/// A point in pixels of the source frame as a player shows it, with square pixels and rotated: origin top-left, `x` right, `y` down.
public struct Point: Hashable, Sendable {
    public var x, y: Float
    public init(x: Float, y: Float) { (self.x, self.y) = (x, y) }
}

/// Width and height in whole pixels.
public struct PixelSize: Hashable, Codable, Sendable {
    public var width, height: Int
    public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
}

/// A rectangle of whole pixels inside a picture.
public struct PixelRect: Hashable, Sendable {
    public var x, y, width, height: Int
    public init(x: Int, y: Int, width: Int, height: Int) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
    /// The whole of a picture of `size`.
    public init(_ size: PixelSize) { self.init(x: 0, y: 0, width: size.width, height: size.height) }
    /// What a place touches of a picture; `nil` when that is nothing.
    public init?(touchedBy box: BoundingBox, in size: PixelSize) {
        func inside(_ value: Float, _ length: Int) -> Int { value > 0 ? Int(min(value, Float(length))) : 0 }
        let left = inside(box.minX, size.width), top = inside(box.minY, size.height)
        let right = inside(box.maxX.rounded(.up), size.width), bottom = inside(box.maxY.rounded(.up), size.height)
        guard left < right, top < bottom else { return nil }
        self.init(x: left, y: top, width: right - left, height: bottom - top)
    }
}
