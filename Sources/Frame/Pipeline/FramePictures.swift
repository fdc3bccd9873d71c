import Frames
import Scene
import Synchronization

/// The pictures that analytics may have of a frame, and what is measured in them.
struct FramePictures: Sendable {
    let snapshot: @Sendable (SnapshotPolicy, PixelRect?) -> Snapshot?
    let aligned: @Sendable (SnapshotPolicy, Landmarks5) -> Snapshot?
    let warpQuality: @Sendable (Landmarks5) -> WarpQuality?

    /// - Parameters:
    ///   - shown: what may be seen of the frame.
    ///   - picture: the frame as it is, of which there are numbers only.
    ///   - bench: where faces are aligned to be measured.
    init(of shown: any Picture, measuring picture: any Picture, faces bench: FaceBench) {
        snapshot = { try? shown.snapshot($0, of: $1) }
        aligned = { policy, face in FaceWarp(face).flatMap { try? shown.snapshot(policy, aligned: $0) } }
        warpQuality = { bench.measure($0, in: picture) }
    }
}

/// Memory in which faces are aligned and measured, one after the other; the same for all frames of a stream.
final class FaceBench: Sendable {
    private struct Tools: Sendable {
        var scratch = WarpScratch()
        var meter = FaceMeter()
        var pixels: [UInt8] = []
    }
    private let tools = Mutex(Tools())

    /// `nil` when the points are no face's or the picture cannot be converted.
    func measure(_ face: Landmarks5, in picture: any Picture) -> WarpQuality? {
        guard let warp = FaceWarp(face) else { return nil }
        return tools.withLock { tools in
            let side = FaceWarp.side
            var pixels: [UInt8] = []
            swap(&pixels, &tools.pixels)
            defer { swap(&pixels, &tools.pixels) }
            if pixels.isEmpty { pixels = [UInt8](repeating: 0, count: side * side * 3) }
            return pixels.withUnsafeMutableBufferPointer { pixels in
                let target = PixelTarget(
                    base: pixels.baseAddress!, bytesPerRow: side * 3, size: PixelSize(width: side, height: side),
                    order: .bgr)
                do { try warp.draw(picture, to: target, using: &tools.scratch) } catch { return nil }
                return tools.meter.measure(target)
            }
        }
    }
}
