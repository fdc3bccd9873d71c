import CFFmpeg
import CYUV
import Frames
import Scene

extension PlanarForm {
    /// Of what is drawn: BT.601 as television has it.
    static let drawn = PlanarForm(matrix: Int(AVCOL_SPC_SMPTE170M.rawValue), isFullRange: false)

    private static let known = [
        AVCOL_SPC_BT709, AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_FCC, AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M,
        AVCOL_SPC_SMPTE240M, AVCOL_SPC_YCGCO, AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL,
    ].map { Int($0.rawValue) }
    /// The same as a file may say it: an unknown matrix is none.
    var told: PlanarForm {
        Self.known.contains(matrix)
            ? self : PlanarForm(matrix: Int(AVCOL_SPC_UNSPECIFIED.rawValue), isFullRange: isFullRange)
    }
    /// As `PixelLayout` has it: what is not tagged is BT.601.
    fileprivate var matrixToDraw: Int32 {
        switch AVColorSpace(rawValue: UInt32(matrix)) {
        case AVCOL_SPC_BT709, AVCOL_SPC_SMPTE240M: SWS_CS_ITU709
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: SWS_CS_ITU601
        }
    }
}

extension PlanarTarget {
    /// Takes packed pixels in the order B, G, R, of the same size.
    func fill(from pixels: PixelTarget, _ form: PlanarForm) throws(MediaError) {
        let size = pixels.size
        guard form.isFullRange || form.matrixToDraw != SWS_CS_ITU601 else {
            RGB24ToI420(
                pixels.base, Int32(pixels.bytesPerRow), luma.base, Int32(luma.bytesPerRow), chromaU.base,
                Int32(chromaU.bytesPerRow), chromaV.base, Int32(chromaV.bytesPerRow), Int32(size.width),
                Int32(size.height))
            return
        }
        // A video that goes on in another form: seldom, so nothing is kept for it.
        let (width, height) = (Int32(size.width), Int32(size.height))
        guard
            let context = sws_getContext(
                width, height, AV_PIX_FMT_BGR24, width, height, AV_PIX_FMT_YUV420P, SWS_BILINEAR, nil, nil, nil)
        else { throw .cannotWriteVideo("its pictures cannot be converted") }
        defer { sws_freeContext(context) }
        let coefficients = sws_getCoefficients(form.matrixToDraw)
        sws_setColorspaceDetails(
            context, sws_getCoefficients(SWS_CS_DEFAULT), 1, coefficients, form.isFullRange ? 1 : 0, 0, 1 << 16,
            1 << 16)
        var source: [UnsafePointer<UInt8>?] = [UnsafePointer(pixels.base), nil, nil, nil]
        var sourceRows: [Int32] = [Int32(pixels.bytesPerRow), 0, 0, 0]
        var planes: [UnsafeMutablePointer<UInt8>?] = [luma.base, chromaU.base, chromaV.base, nil]
        var rows = [Int32(luma.bytesPerRow), Int32(chromaU.bytesPerRow), Int32(chromaV.bytesPerRow), 0]
        guard sws_scale(context, &source, &sourceRows, 0, height, &planes, &rows) > 0 else {
            throw .cannotWriteVideo("its pictures cannot be converted")
        }
    }
}
