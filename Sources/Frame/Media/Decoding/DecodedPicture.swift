import CFFmpeg
import CYUV
import Frames
import Scene

/// A picture as the decoder left it, stretched to its proportions and turned only when it is drawn.
///
/// `@unchecked Sendable` holds because the frame is written before `init` and only read after it, and the shell goes
/// back when nobody reads it any more.
final class DecodedPicture: Picture, @unchecked Sendable {
    let frame: UnsafeMutablePointer<AVFrame>
    let presentation: Presentation
    private let keeper: any FrameKeeper
    private let scratch: ScratchPool

    /// - Parameter frame: the `keeper`'s, which gets it back.
    init(
        _ frame: UnsafeMutablePointer<AVFrame>, _ presentation: Presentation, keeper: any FrameKeeper,
        scratch: ScratchPool
    ) {
        (self.frame, self.presentation, self.keeper, self.scratch) = (frame, presentation, keeper, scratch)
    }
    deinit { keeper.giveBack(frame) }

    var size: PixelSize { presentation.size }

    func draw(_ region: PixelRect, to target: PixelTarget) throws {
        precondition(
            region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
                && region.x + region.width <= size.width && region.y + region.height <= size.height,
            "the region to draw lies inside the picture")
        guard target.size.width > 0, target.size.height > 0 else { return }
        try withScratch { scratch throws(MediaError) in
            try Drawing(frame, scratch: scratch).draw(region, presentation, to: target)
        }
    }

    var planarForm: PlanarForm? {
        guard presentation.orientation == .identity, size == presentation.storedSize, let layout = PixelLayout(frame),
            case .planar = layout.storage, !layout.isGray, layout.chromaShiftX == 1, layout.chromaShiftY == 1
        else { return nil }
        return PlanarForm(matrix: Int(frame.pointee.colorspace.rawValue), isFullRange: layout.isFullRange)
    }

    func copyPlanes(to target: PlanarTarget) {
        let data = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2]
        let rows = [frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2]
        for (index, plane) in [target.luma, target.chromaU, target.chromaV].enumerated() {
            CopyPlane(
                data[index], rows[index], plane.base, Int32(plane.bytesPerRow), Int32(plane.size.width),
                Int32(plane.size.height))
        }
    }

    func withScratch<R>(_ body: (Scratch) throws(MediaError) -> R) throws(MediaError) -> R {
        try scratch.withScratch(body)
    }
}
