import CFFmpeg
import CYUV

/// How a decoded picture's samples lie in memory and what they mean: what drawing needs to know of a pixel format.
struct PixelLayout {
    enum Storage {
        /// 8-bit luma and, unless grey, two planes of chroma: libyuv reads them where they are.
        case planar
        /// 8-bit luma, and one plane with both chromas in turn.
        case interleavedChroma(vFirst: Bool)
        /// Luma and chroma in any other arrangement or depth: swscale makes them `planar` first.
        case otherYUV
        /// RGB in any arrangement, palettes, XYZ: swscale does all.
        case packed
    }
    let format: AVPixelFormat
    let storage: Storage
    let isGray: Bool
    /// Chroma samples are so many powers of two fewer than luma samples.
    let chromaShiftX, chromaShiftY: Int
    let matrix: sl_matrix
    let isFullRange: Bool

    /// `nil` for formats outside the processor's memory.
    init?(_ frame: UnsafePointer<AVFrame>) {
        let format = AVPixelFormat(frame.pointee.format)
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee,
            descriptor.flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) == 0
        else { return nil }
        func has(_ flag: Int32) -> Bool { descriptor.flags & UInt64(flag) != 0 }
        let components = [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2]
        let isRGB = has(AV_PIX_FMT_FLAG_RGB) || has(AV_PIX_FMT_FLAG_PAL) || has(AV_PIX_FMT_FLAG_BITSTREAM)
        let isXYZ = String(cString: descriptor.name).hasPrefix("xyz")
        isGray = descriptor.nb_components < 3 && !isRGB
        let used = components.prefix(isGray ? 1 : 3)
        let isEightBit = used.allSatisfy { $0.depth == 8 && $0.shift == 0 }
        let isPlanar = isEightBit && used.enumerated().allSatisfy { $1.plane == $0 && $1.step == 1 && $1.offset == 0 }
        self.format = format
        storage =
            if isRGB || isXYZ {
                .packed
            } else if isPlanar {
                .planar
            } else if [AV_PIX_FMT_NV12, AV_PIX_FMT_NV21, AV_PIX_FMT_NV16, AV_PIX_FMT_NV24, AV_PIX_FMT_NV42].contains(
                format)
            {
                .interleavedChroma(vFirst: format == AV_PIX_FMT_NV21 || format == AV_PIX_FMT_NV42)
            } else {
                .otherYUV
            }
        chromaShiftX = isGray ? 0 : Int(descriptor.log2_chroma_w)
        chromaShiftY = isGray ? 0 : Int(descriptor.log2_chroma_h)
        // What is not tagged is BT.601, as FFmpeg's own conversion has it. SMPTE 240M lies next to BT.709.
        matrix =
            switch frame.pointee.colorspace {
            case AVCOL_SPC_BT709, AVCOL_SPC_SMPTE240M: sl_matrix_709
            case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: sl_matrix_2020
            default: sl_matrix_601
            }
        let isJPEG = String(cString: descriptor.name).hasPrefix("yuvj")
        isFullRange =
            isJPEG || frame.pointee.color_range == AVCOL_RANGE_JPEG
            || (isGray && frame.pointee.color_range != AVCOL_RANGE_MPEG)
    }

    var name: String { av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown" }

    /// The 8-bit planar format with the same chroma samples, if there is one.
    var planarFormat: AVPixelFormat? {
        if isGray { return AV_PIX_FMT_GRAY8 }
        return switch (chromaShiftX, chromaShiftY) {
        case (0, 0): AV_PIX_FMT_YUV444P
        case (1, 0): AV_PIX_FMT_YUV422P
        case (1, 1): AV_PIX_FMT_YUV420P
        case (0, 1): AV_PIX_FMT_YUV440P
        case (2, 0): AV_PIX_FMT_YUV411P
        case (2, 2): AV_PIX_FMT_YUV410P
        default: nil
        }
    }
}
