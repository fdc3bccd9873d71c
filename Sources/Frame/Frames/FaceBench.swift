public import Scene
import Synchronization

/// Memory in which faces are aligned and measured, one after the other; one bench serves all frames of a stream.
public final class FaceBench: Sendable {
    private struct Tools: Sendable {
        var scratch = WarpScratch()
        var meter = FaceMeter()
        var portraits = PortraitMeter()
        var pixels: [UInt8] = []
    }
    private let tools = Mutex(Tools())
    public init() {}

    /// Aligns a face, as 250 × 250 pixels, and measures that.
    /// - Throws: what drawing the picture throws, such as pixels of a form that is not known.
    public func measure(_ warp: FaceWarp, in picture: any Picture) throws -> WarpQuality {
        try read(warp, picture) { $0.meter.measure($1, scale: warp.scale) }
    }
    /// Of a picture that is an aligned face itself, of 250 × 250 pixels.
    public func measure(aligned picture: any Picture) throws -> WarpQuality {
        try read(nil, picture) { $0.meter.measure($1, scale: 1) }
    }
    /// The same, of how portraits want to be lit.
    /// - Parameter warp: `nil` for a picture that is an aligned face itself.
    public func portrait(_ warp: FaceWarp?, in picture: any Picture) throws -> PortraitLight {
        try read(warp, picture) { $0.portraits.measure($1) }
    }

    private func read<Reading: Sendable>(
        _ warp: FaceWarp?, _ picture: any Picture, _ measure: (inout Tools, PixelTarget) -> Reading
    ) throws -> Reading {
        try tools.withLock { tools in
            let side = FaceWarp.side
            var pixels: [UInt8] = []
            swap(&pixels, &tools.pixels)
            defer { swap(&pixels, &tools.pixels) }
            // libyuv may touch a few bytes past a row's end.
            if pixels.isEmpty { pixels = [UInt8](repeating: 0, count: side * side * 3 + 64) }
            return try pixels.withUnsafeMutableBufferPointer { pixels in
                let target = PixelTarget(
                    base: pixels.baseAddress!, bytesPerRow: side * 3, size: PixelSize(width: side, height: side),
                    order: .bgr)
                if let warp {
                    try warp.draw(picture, to: target, using: &tools.scratch)
                } else {
                    try picture.draw(PixelRect(picture.size), to: target)
                }
                return measure(&tools, target)
            }
        }
    }
}
