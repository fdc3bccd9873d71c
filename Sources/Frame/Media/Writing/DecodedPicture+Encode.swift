import CFFmpeg
import CYUV
import Frames
import Scene

extension DecodedPicture {
    /// JPEG (4:2:0) or PNG (RGB), scaled down so that neither side exceeds the policy's maximum.
    /// - Throws: `unsupportedPixelFormat`, `cannotEncode`.
    func encode(_ policy: SnapshotPolicy) throws -> Snapshot {
        let target = Self.size(of: size, within: policy.maximumSize)
        let bytes = try withScratch { scratch throws(MediaError) in
            switch policy.mediaType {
            case .jpeg:
                let encoder = try JPEGEncoder(quality: policy.quality)
                if let planes = try planesForJPEG(of: target, scratch) {
                    return try encoder.encode(planes, size: target)
                }
                let pixels = try drawn(at: target, order: .bgr, scratch)
                return try encoder.encode(pixels)
            case .png:
                return try PNGEncoder.encode(try drawn(at: target, order: .rgb, scratch))
            }
        }
        return Snapshot(mediaType: policy.mediaType, bytes: bytes, lifetime: policy.lifetime)
    }

    /// `size` shrunk so that neither side exceeds `limit`; unchanged when `limit` is 0 or nothing exceeds it.
    static func size(of size: PixelSize, within limit: Int) -> PixelSize {
        let longer = max(size.width, size.height)
        guard limit > 0, longer > limit else { return size }
        func shrunk(_ side: Int) -> Int { max(1, (side * limit + longer / 2) / longer) }
        return PixelSize(width: shrunk(size.width), height: shrunk(size.height))
    }

    private func drawn(at target: PixelSize, order: PixelTarget.Order, _ scratch: Scratch) throws(MediaError)
        -> PixelTarget
    {
        let bytesPerRow = Scratch.aligned(target.width * 3)
        let pixels = PixelTarget(
            base: scratch.bytes(.packed, count: bytesPerRow * target.height), bytesPerRow: bytesPerRow, size: target,
            order: order)
        try Drawing(frame, scratch: scratch).draw(PixelRect(size), presentation, to: pixels)
        return pixels
    }

    /// The planes as JPEG wants them, 4:2:0 in full range by BT.601, without going through RGB; `nil` when the
    /// picture is of another kind. Uncopied when nothing has to be scaled or stretched to full range.
    private func planesForJPEG(of target: PixelSize, _ scratch: Scratch) throws(MediaError) -> [Plane]? {
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
        // A bottom-up picture has negative row distances, which libjpeg-turbo does not take.
        guard sources.allSatisfy({ $0.bytesPerRow > 0 }) else { return nil }
        if target == storedSize, layout.isFullRange { return sources }
        let uses: [Scratch.Use] = [.convertedY, .convertedU, .convertedV]
        return sources.indices.map { index in
            let isLuma = index == 0
            func extent(_ side: Int) -> Int { isLuma ? side : (side + 1) / 2 }
            let (width, height) = (extent(target.width), extent(target.height))
            let plane = scratch.plane(uses[index], width: width, height: height)
            ScalePlane(
                sources[index].base, Int32(sources[index].bytesPerRow), Int32(extent(storedSize.width)),
                Int32(extent(storedSize.height)), plane.base, Int32(plane.bytesPerRow), Int32(width), Int32(height),
                kFilterBox)
            if !layout.isFullRange {
                plane.copy(to: plane, width, height, through: isLuma ? Self.lumaTable : Self.chromaTable)
            }
            return plane
        }
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
