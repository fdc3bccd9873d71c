import Frames
import Pipeline

/// Shows the samples of each analysed picture to whoever watches the stream.
struct PictureTap: FrameTap {
    let see: @Sendable (LumaGrid) -> Void
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        if let luma = frame.picture.luma { see(luma) }
    }
}
