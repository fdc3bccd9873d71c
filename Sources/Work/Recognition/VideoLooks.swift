import Inference
import Scene

/// In which frames of a video a model looks at which parts of it.
///
/// Who is in a frame is in the next one too, so looks are spread over frames, and who was found in some is followed through those between
/// (`CoverTrails`). Neighbouring frames share the work: the whole in one, one part in another. That goes by the numbers of frames; where
/// they come more slowly than the video says of itself, as those of a camera that waits for something to move, it goes by their times.
/// Both are the file's own: the same video is looked at in the same way however fast it goes.
struct VideoLooks: Sendable {
    /// Within how many seconds the whole is looked at again, and each part.
    static let wholeWithin = 0.12, partsWithin = 0.48
    /// How many times as long it may take where frames are uneven: those of cameras all are, by some milliseconds.
    static let slack = 1.25

    /// Of so many frames in one the whole is looked at, and in one a part.
    let whole, parts: Int
    private var before: (pts: MediaTime, whole: PixelRect)?
    /// By region: when it was looked at last; the beginning where it was not yet.
    private var latest: [MediaTime] = []

    /// - Parameter frameRate: of the video as it says of itself; at one of few frames all of each is looked at.
    init(frameRate: Double?) {
        let rate = frameRate.map { $0.isFinite && $0 > 0 ? $0 : 25 } ?? 25
        func frames(_ seconds: Double) -> Int { max(1, Int((seconds * rate + 1e-6).rounded(.down))) }
        whole = frames(Self.wholeWithin)
        // A round of the parts is some of the whole, so that they never meet in a frame.
        parts = max(1, frames(Self.partsWithin) / whole) * whole
    }

    /// The regions to look at in the next frame; none in most. To be called for each, from the first on.
    mutating func regions(of tiling: Tiling, in frame: Int, at pts: MediaTime) -> [PixelRect] {
        let regions = tiling.regions
        let isContinued = before.map { $0.whole == regions[0] && $0.pts <= pts } ?? true
        if before == nil || !isContinued { latest = [MediaTime](repeating: pts, count: regions.count) }
        // How long it takes to the next frame is not known; as long as from the one before, mostly.
        let step = before.map { pts - $0.pts } ?? .zero
        before = (pts, regions[0])
        guard isContinued else { return regions }
        let due = regions.indices.filter { region in
            let patience = (region == 0 ? Self.wholeWithin : Self.partsWithin) * Self.slack
            return isTurn(of: region, among: regions.count, in: frame)
                || (pts - latest[region] + step).seconds > patience
        }
        for region in due { latest[region] = pts }
        return due.map { regions[$0] }
    }

    private func isTurn(of region: Int, among count: Int, in frame: Int) -> Bool {
        guard region > 0 else { return frame % whole == 0 }
        return frame % parts == (region - 1) * (parts / whole) / (count - 1) * whole + whole / 2
    }
}
