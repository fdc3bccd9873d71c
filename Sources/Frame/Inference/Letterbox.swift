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
