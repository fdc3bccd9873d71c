import Inference
import Scene

/// In which frames of a video a model looks at which parts of it.
///
/// Who is in a frame is in the next one too, so looks are spread over frames, and who was found in some is followed through those between
/// (`CoverTrails`). Neighbouring frames share the work: the whole in one, one part in another. All goes by the numbers of frames: the same
/// video is looked at in the same way however fast it goes, and from any frame on as from the first.
struct VideoLooks: Sendable {
    /// Within how many seconds the whole is looked at again, and each part.
    static let wholeWithin = 0.12, partsWithin = 0.48

    /// Of so many frames in one the whole is looked at, and in one a part.
    let whole, parts: Int

    /// - Parameter frameRate: of the video as it says of itself; at one of few frames all of each is looked at.
    init(frameRate: Double?) {
        let rate = frameRate.map { $0.isFinite && $0 > 0 ? $0 : 25 } ?? 25
        func frames(_ seconds: Double) -> Int { max(1, Int((seconds * rate + 1e-6).rounded(.down))) }
        whole = frames(Self.wholeWithin)
        // A round of the parts is some of the whole, so that they never meet in a frame.
        parts = max(1, frames(Self.partsWithin) / whole) * whole
    }
    /// Every part of every frame.
    static let all = VideoLooks(whole: 1, parts: 1)
    private init(whole: Int, parts: Int) { (self.whole, self.parts) = (whole, parts) }

    /// The regions to look at in a frame; none in most.
    func regions(of tiling: Tiling, in frame: Int) -> [PixelRect] {
        let tiles = tiling.regions.dropFirst()
        var regions = frame % whole == 0 ? Array(tiling.regions.prefix(1)) : []
        for (index, tile) in tiles.enumerated() {
            let turn = index * (parts / whole) / tiles.count * whole + whole / 2
            if frame % parts == turn { regions.append(tile) }
        }
        return regions
    }
}
