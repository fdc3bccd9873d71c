import CFFmpeg
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

    func withScratch<R>(_ body: (Scratch) throws(MediaError) -> R) throws(MediaError) -> R {
        try scratch.withScratch(body)
    }
}
