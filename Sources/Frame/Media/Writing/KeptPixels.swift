import Frames
import Scene

/// The pixels of a picture that may be kept, in memory of their own, as its encoder takes them.
///
/// `@unchecked Sendable` holds because they are written by the one call that makes them, and only read after.
final class KeptPixels: @unchecked Sendable {
    private let size: PixelSize
    private let memory: UnsafeMutableRawBufferPointer
    /// Y, U and V in 4:2:0; or one plane of packed pixels.
    let planes: [Plane]
    /// `nil`: planar.
    private let order: PixelTarget.Order?

    init(planar size: PixelSize) {
        let sides = [size, Self.half(size), Self.half(size)]
        (memory, planes) = Self.planes(sides.map { ($0.width, $0.height) })
        (self.size, order) = (size, nil)
    }
    init(packed size: PixelSize, order: PixelTarget.Order) {
        (memory, planes) = Self.planes([(size.width * 3, size.height)])
        (self.size, self.order) = (size, order)
    }
    deinit { memory.deallocate() }

    /// Where packed pixels are drawn to.
    var target: PixelTarget {
        PixelTarget(base: planes[0].base, bytesPerRow: planes[0].bytesPerRow, size: size, order: order ?? .bgr)
    }

    func encoded(_ policy: SnapshotPolicy) throws(MediaError) -> [UInt8] {
        guard policy.mediaType == .jpeg else { return try PNGEncoder.encode(target) }
        let encoder = try JPEGEncoder(quality: policy.quality)
        return order == nil ? try encoder.encode(planes, size: size) : try encoder.encode(target)
    }

    private static func half(_ size: PixelSize) -> PixelSize {
        PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
    }
    /// - Parameter sides: bytes of a row, and rows.
    private static func planes(_ sides: [(width: Int, height: Int)]) -> (UnsafeMutableRawBufferPointer, [Plane]) {
        let sizes = sides.map { Scratch.aligned($0.width) * $0.height }
        // libyuv and swscale may touch a few bytes past a row's end.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: sizes.reduce(64, +), alignment: 64)
        var offset = 0
        let planes = zip(sides, sizes).map { side, count in
            defer { offset += count }
            return Plane(
                base: (memory.baseAddress! + offset).assumingMemoryBound(to: UInt8.self),
                bytesPerRow: Scratch.aligned(side.width))
        }
        return (memory, planes)
    }
}
