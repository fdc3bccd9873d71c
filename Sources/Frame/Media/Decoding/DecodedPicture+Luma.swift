import CFFmpeg
import Frames

extension DecodedPicture {
    /// Read where the decoder left it, before any turning; of RGB the first component. `nil` for formats whose samples have no
    /// bytes of their own.
    var luma: LumaGrid? {
        let format = AVPixelFormat(frame.pointee.format)
        let unreadable =
            AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee, descriptor.flags & UInt64(unreadable) == 0 else {
            return nil
        }
        let component = descriptor.comp.0, step = Int(component.step)
        let (data, lines) = (frame.pointee.data, frame.pointee.linesize)
        let plane =
            switch component.plane {
            case 0: (base: data.0, stride: Int(lines.0))
            case 1: (base: data.1, stride: Int(lines.1))
            default: (base: data.2, stride: Int(lines.2))
            }
        guard let base = plane.base else { return nil }
        let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
        let isBigEndian = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
        return LumaGrid { column, row in
            let x = (2 * column + 1) * width / (2 * LumaGrid.columns), y = (2 * row + 1) * height / (2 * LumaGrid.rows)
            let place = base + y * plane.stride + x * step + Int(component.offset)
            guard component.depth > 8 || component.shift > 0 else { return place.pointee }
            let (low, high) = isBigEndian ? (place[1], place[0]) : (place[0], place[1])
            let value = (Int(high) << 8 | Int(low)) >> Int(component.shift)
            return UInt8(truncatingIfNeeded: value >> max(0, Int(component.depth) - 8))
        }
    }
}
