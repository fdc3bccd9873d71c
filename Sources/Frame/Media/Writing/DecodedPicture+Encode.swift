import CFFmpeg
import CYUV
import Frames
import Scene

extension DecodedPicture {
    /// Of more pixels than this none are kept: they are encoded at once. It bounds what a picture that waits takes to a megabyte.
    private static let mostPixelsKept = 640 * 640

    /// JPEG (4:2:0) or PNG (RGB), scaled down so that neither side exceeds the policy's maximum.
    /// - Throws: `unsupportedPixelFormat`, `cannotEncode`.
    func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) throws -> Snapshot {
        let whole = PixelRect(size), region = region ?? whole
        let target = Self.size(of: PixelSize(width: region.width, height: region.height), within: policy.maximumSize)
        let pixels: KeptPixels
        if policy.mediaType == .jpeg, region == whole, retouched == nil, let planes = planesForJPEG(of: target) {
            pixels = planes
        } else {
            pixels = KeptPixels(packed: target, order: policy.mediaType == .jpeg ? .bgr : .rgb)
            try draw(region, to: pixels.target)
            retouched?(pixels.target)
        }
        let isLarge = target.width * target.height > Self.mostPixelsKept
        if isLarge {
            return Snapshot(
                mediaType: policy.mediaType, bytes: try pixels.encoded(policy), lifetime: policy.lifetime)
        }
        return Snapshot(mediaType: policy.mediaType, lifetime: policy.lifetime) { try pixels.encoded(policy) }
    }

    /// - Throws: `unsupportedPixelFormat`.
    func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
        let side = FaceWarp.side
        let pixels = KeptPixels(
            packed: PixelSize(width: side, height: side), order: policy.mediaType == .jpeg ? .bgr : .rgb)
        var scratch = WarpScratch()
        try warp.draw(shown, to: pixels.target, using: &scratch)
        return Snapshot(mediaType: policy.mediaType, lifetime: policy.lifetime) { try pixels.encoded(policy) }
    }

    /// `size` shrunk so that neither side exceeds `limit`; unchanged when `limit` is 0 or nothing exceeds it.
    static func size(of size: PixelSize, within limit: Int) -> PixelSize {
        let longer = max(size.width, size.height)
        guard limit > 0, longer > limit else { return size }
        func shrunk(_ side: Int) -> Int { max(1, (side * limit + longer / 2) / longer) }
        return PixelSize(width: shrunk(size.width), height: shrunk(size.height))
    }

    /// The planes as JPEG wants them, 4:2:0 in full range by BT.601, without going through RGB; `nil` when the
    /// picture is of another kind.
    private func planesForJPEG(of target: PixelSize) -> KeptPixels? {
        guard presentation.orientation == .identity, let layout = PixelLayout(frame), case .planar = layout.storage,
            !layout.isGray,
            layout.chromaShiftX == 1, layout.chromaShiftY == 1, layout.matrix == sl_matrix_601
        else { return nil }
        let sources = [
            Plane(base: frame.pointee.data.0!, bytesPerRow: Int(frame.pointee.linesize.0)),
            Plane(base: frame.pointee.data.1!, bytesPerRow: Int(frame.pointee.linesize.1)),
            Plane(base: frame.pointee.data.2!, bytesPerRow: Int(frame.pointee.linesize.2)),
        ]
        let storedSize = presentation.storedSize
        // Half a chroma sample at an odd edge would stretch the colours of a small picture.
        guard target == storedSize || (target.width % 2 == 0 && target.height % 2 == 0) else { return nil }
        let pixels = KeptPixels(planar: target)
        for (index, plane) in pixels.planes.enumerated() {
            let isLuma = index == 0
            func extent(_ side: Int) -> Int { isLuma ? side : (side + 1) / 2 }
            let (width, height) = (extent(target.width), extent(target.height))
            sources[index].scale(
                extent(storedSize.width), extent(storedSize.height), to: plane, width, height, kFilterBox)
            if !layout.isFullRange {
                plane.copy(to: plane, width, height, through: isLuma ? Self.lumaTable : Self.chromaTable)
            }
        }
        return pixels
    }

    /// 16...235 to 0...255.
    private static let lumaTable = (0..<256).map { value in
        UInt8(min(255, max(0, (Double(value - 16) * 255 / 219).rounded())))
    }
    /// 16...240 around 128 to 0...255.
    private static let chromaTable = (0..<256).map { value in
        UInt8(min(255, max(0, (Double(value - 128) * 255 / 224 + 128).rounded())))
    }
}
