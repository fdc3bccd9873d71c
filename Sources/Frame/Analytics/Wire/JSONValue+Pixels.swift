public import JSON
public import Scene

/// What several analytics write of a frame.
extension JSONValue {
    /// `[[x, y], …]` in whole pixels.
    public static func coordinates(_ points: [Point]) -> JSONValue {
        .array(points.map { [.pixels($0.x), .pixels($0.y)] })
    }
    /// `{"bbox": …, "score": …}`, the box in whole pixels. What a filtered box has left of or above the frame is cut off.
    static func detection(_ detection: Detection) -> JSONValue {
        let (rect, score) = rectAndScore(detection)
        return ["bbox": rect, "score": score]
    }
    public static func rectAndScore(_ detection: Detection) -> (rect: JSONValue, score: JSONValue) {
        let box = detection.box
        let left = max(0, box.minX).wholePixels, top = max(0, box.minY).wholePixels
        let rect: JSONValue = [
            "x": .integer(left), "y": .integer(top), "width": .integer(max(0, box.maxX.wholePixels - left)),
            "height": .integer(max(0, box.maxY.wholePixels - top)),
        ]
        return (rect, .number((Double(detection.confidence) * 10_000).rounded() / 10_000))
    }
    /// Of 1, to four digits.
    static func share(_ value: Double) -> JSONValue { .number((value * 10_000).rounded() / 10_000) }
    private static func pixels(_ value: Float) -> JSONValue { .integer(value.wholePixels) }
}
extension BoundingBox {
    /// The whole pixels of the box that are inside a frame; `nil` when there are none.
    public func pixels(in size: PixelSize) -> PixelRect? {
        let left = Int(max(0, minX).wholePixels), top = Int(max(0, minY).wholePixels)
        let right = min(size.width, Int(maxX.wholePixels)), bottom = min(size.height, Int(maxY.wholePixels))
        guard left < right, top < bottom else { return nil }
        return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
    }
}
extension Float {
    /// Rounded; a value that no picture can have is brought into a picture's range instead of trapping.
    fileprivate var wholePixels: Int64 { isNaN ? 0 : Int64(Swift.min(Swift.max(rounded(), -1_000_000), 1_000_000)) }
}
