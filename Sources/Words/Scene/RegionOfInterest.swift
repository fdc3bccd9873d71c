/// The part of the frame that is processed: `roi` on the wire.
public enum RegionOfInterest: Hashable, Sendable {
    /// Whole pixels of the source frame.
    case pixels(PixelRect)
    /// Shares of the frame, `0...100` each.
    case percent(x: Double, y: Double, width: Double, height: Double)

    /// Whether it is the whole of any frame.
    public var isEverything: Bool { self == .percent(x: 0, y: 0, width: 100, height: 100) }

    /// The region in a frame of `size`, or `nil` when it is empty or reaches beyond the frame.
    public func resolved(in size: PixelSize) -> PixelRect? {
        let rect: PixelRect
        switch self {
        case .pixels(let pixels): rect = pixels
        case .percent(let x, let y, let width, let height):
            guard [x, y, width, height].allSatisfy({ (0...100).contains($0) }) else { return nil }
            func pixels(_ percent: Double, of extent: Int) -> Int { Int((percent / 100 * Double(extent)).rounded()) }
            let left = pixels(x, of: size.width), top = pixels(y, of: size.height)
            rect = PixelRect(
                x: left, y: top, width: pixels(x + width, of: size.width) - left,
                height: pixels(y + height, of: size.height) - top)
        }
        let isInside =
            rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0
            && rect.width <= size.width - rect.x && rect.height <= size.height - rect.y
        return isInside ? rect : nil
    }
}
