public import Frames
public import Scene

/// A picture as it is shown: what is drawn or encoded of it is covered first, and who holds it cannot get at what lies beneath.
public final class CoveredPicture: Picture {
    private let picture: any Picture
    private let cover: Cover

    public init(_ picture: any Picture, _ cover: Cover) { (self.picture, self.cover) = (picture, cover) }

    public var size: PixelSize { picture.size }
    /// 512 samples of brightness, by which it is judged whether a camera is black, covered or frozen.
    public var luma: LumaGrid? { picture.luma }

    public func draw(_ region: PixelRect, to target: PixelTarget) throws {
        try picture.draw(region, to: target)
        cover.apply(to: target, showing: region)
    }

    public var planarForm: PlanarForm? { picture.planarForm }
    public func copyPlanes(to target: PlanarTarget) throws {
        try picture.copyPlanes(to: target)
        cover.apply(to: target, black: picture.planarForm?.black ?? 0)
    }

    public func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) throws -> Snapshot {
        let shown = region ?? PixelRect(size)
        return try picture.snapshot(policy, of: region) { [cover] pixels in
            cover.apply(to: pixels, showing: shown)
            retouched?(pixels)
        }
    }
    public func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
        try picture.snapshot(policy, aligned: warp, of: shown)
    }
}

/// A picture that nobody is shown: there is its size, and nothing else.
public final class WithheldPicture: Picture {
    /// What comes of asking for its pixels.
    public struct Withheld: SourceFailure {
        public let description = "the stream's privacy is 'counts_only': it has no pictures"
        public let isTransient = false
    }
    private let picture: any Picture
    public init(_ picture: any Picture) { self.picture = picture }

    public var size: PixelSize { picture.size }
    /// As of a covered picture.
    public var luma: LumaGrid? { picture.luma }
    public func draw(_ region: PixelRect, to target: PixelTarget) throws { throw Withheld() }
    public func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) throws -> Snapshot { throw Withheld() }
    public func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
        throw Withheld()
    }
}

extension Frame {
    /// The frame as those may see it from whom `privacy` hides what lies at `places`; `nil`: nothing is hidden.
    public func shown(under privacy: Privacy?, hiding places: [BoundingBox]) -> Frame {
        guard let privacy else { return self }
        let picture: any Picture =
            privacy.mode == .countsOnly
            ? WithheldPicture(picture) : CoveredPicture(picture, Cover(places, by: privacy.methodInForce))
        return Frame(time: time, consumers: consumers, picture: picture)
    }
}
