import CYUV

/// Makes up for a limit of libyuv on x86: its matrices hold at most 2.0, but in limited range BT.709 wants 2.112 and
/// BT.2020 2.142 from U to blue, so that pure blue would come out as 239.
///
/// What the installed libyuv really does is measured once, and U is stretched about its middle by what is missing. That
/// stretches its share of green too, by less than two steps at most.
enum BlueCorrection {
    /// 256 entries for U; `nil` when libyuv needs no help.
    static func table(for matrix: sl_matrix, isFullRange: Bool) -> [UInt8]? {
        guard !isFullRange else { return nil }
        return switch matrix {
        case sl_matrix_709: bt709
        case sl_matrix_2020: bt2020
        default: nil
        }
    }

    /// Sources: ITU-R BT.709-6, BT.2020-2: 2 · (1 − Kb) · 255 / 224 with Kb of 0.0722 and 0.0593.
    private static let bt709 = table(sl_matrix_709, wanted: 2 * (1 - 0.0722) * 255 / 224)
    private static let bt2020 = table(sl_matrix_2020, wanted: 2 * (1 - 0.0593) * 255 / 224)

    private static func table(_ matrix: sl_matrix, wanted: Double) -> [UInt8]? {
        // Black luma, U a hundred above the middle: blue is a hundred times the factor.
        var luma = [UInt8](repeating: 16, count: 16), u = [UInt8](repeating: 228, count: 16)
        var v = [UInt8](repeating: 128, count: 16), pixels = [UInt8](repeating: 0, count: 48)
        I444ToRGB24Matrix(&luma, 16, &u, 16, &v, 16, &pixels, 48, sl_constants_bgr(matrix, 0), 16, 1)
        let gain = wanted * 100 / Double(max(1, pixels[0]))
        guard gain > 1.01 else { return nil }
        return (0..<256).map { value in
            UInt8(min(255, max(0, (Double(value - 128) * gain + 128).rounded())))
        }
    }
}
