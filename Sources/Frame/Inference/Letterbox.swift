public import Scene

/// Where a region of the frame lies in the network's input: scaled with its aspect kept, bars around it.
public struct Letterbox: Hashable, Sendable {
    /// The part of the frame that is shown.
    public let region: PixelRect
    /// Where it lies in the tensor.
    public let content: PixelRect

    /// - Parameters:
    ///   - region: not empty.
    ///   - input: size of the network's input.
    public init(region: PixelRect, input: PixelSize, alignment: ModelCard.Alignment) {
        self.region = region
        let scale = min(
            Double(input.width) / Double(region.width), Double(input.height) / Double(region.height))
        let width = min(input.width, max(1, Int((Double(region.width) * scale).rounded())))
        let height = min(input.height, max(1, Int((Double(region.height) * scale).rounded())))
        switch alignment {
        case .center:
            content = PixelRect(
                x: (input.width - width) / 2, y: (input.height - height) / 2, width: width, height: height)
        case .topLeft: content = PixelRect(x: 0, y: 0, width: width, height: height)
        }
    }

    /// Of a square that may reach beyond the part of the frame that is looked at: what it shares with that keeps its place.
    /// - Parameter side: of the input, in pixels.
    /// - Returns: `nil` when they share nothing.
    public init?(square: PixelRect, within bounds: PixelRect, side: Int) {
        let left = max(square.x, bounds.x), right = min(square.x + square.width, bounds.x + bounds.width)
        let top = max(square.y, bounds.y), bottom = min(square.y + square.height, bounds.y + bounds.height)
        guard left < right, top < bottom else { return nil }
        region = PixelRect(x: left, y: top, width: right - left, height: bottom - top)
        func inInput(_ distance: Int, of length: Int) -> Int { (distance * side + length / 2) / length }
        let x = inInput(left - square.x, of: square.width), y = inInput(top - square.y, of: square.height)
        let maxX = inInput(right - square.x, of: square.width), maxY = inInput(bottom - square.y, of: square.height)
        guard x < maxX, y < maxY else { return nil }
        content = PixelRect(x: x, y: y, width: maxX - x, height: maxY - y)
    }

    /// The detection in the frame; `nil` when nothing of its box is in the region.
    public func inFrame(_ detection: Detection) -> Detection? {
        let box = boxInFrame(detection.box)
        guard box.area > 0 else { return nil }
        return Detection(
            box: box, confidence: detection.confidence, label: detection.label,
            landmarks: detection.landmarks?.map(pointInFrame))
    }

    /// The frame's point for a point in the tensor, which may lie outside the region.
    public func pointInFrame(_ pointInTensor: Point) -> Point {
        let scaleX = Float(region.width) / Float(content.width), scaleY = Float(region.height) / Float(content.height)
        return Point(
            x: Float(region.x) + (pointInTensor.x - Float(content.x)) * scaleX,
            y: Float(region.y) + (pointInTensor.y - Float(content.y)) * scaleY)
    }

    /// The frame's box for a box in the tensor, clipped to the region.
    public func boxInFrame(_ boxInTensor: BoundingBox) -> BoundingBox {
        let scaleX = Float(region.width) / Float(content.width), scaleY = Float(region.height) / Float(content.height)
        func x(_ value: Float) -> Float {
            Float(region.x) + min(max((value - Float(content.x)) * scaleX, 0), Float(region.width))
        }
        func y(_ value: Float) -> Float {
            Float(region.y) + min(max((value - Float(content.y)) * scaleY, 0), Float(region.height))
        }
        return BoundingBox(
            minX: x(boxInTensor.minX), minY: y(boxInTensor.minY), maxX: x(boxInTensor.maxX), maxY: y(boxInTensor.maxY))
    }
}
