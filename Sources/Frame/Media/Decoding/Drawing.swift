import CFFmpeg
import CYUV
import Frames
import Scene

/// Brings a part of a decoded picture into packed 8-bit pixels: crop, scale, convert, turn, in this order, so that the
/// colour conversion and the turning handle the small picture only.
///
/// The crop is an offset into the decoder's planes. Each plane is scaled to the target's size by libyuv; its box filter
/// averages all source pixels when it shrinks both sides to less than half, else it is bilinear. Chroma goes straight
/// to the target's full size, so that odd sizes of the target need no care. Pixels that are not square cost nothing more:
/// the two sides are scaled by different factors.
struct Drawing {
    /// A part of a picture as 8-bit planes, the chroma ones from the nearest chroma sample up or left of the part.
    private struct Planes {
        var luma: Plane
        var chroma: (u: Plane, v: Plane)?
        /// Luma pixels by which the part begins right of and below its first chroma sample.
        var offsetX, offsetY: Int
    }

    private let frame: UnsafeMutablePointer<AVFrame>
    private let layout: PixelLayout
    private let scratch: Scratch

    init(_ frame: UnsafeMutablePointer<AVFrame>, scratch: Scratch) throws(MediaError) {
        guard let layout = PixelLayout(frame) else {
            let name = av_get_pix_fmt_name(AVPixelFormat(frame.pointee.format)).map { String(cString: $0) }
            throw .unsupportedPixelFormat(name ?? "unknown")
        }
        (self.frame, self.layout, self.scratch) = (frame, layout, scratch)
    }

    /// - Parameter region: of the picture as it is presented.
    func draw(_ region: PixelRect, _ presentation: Presentation, to target: PixelTarget) throws(MediaError) {
        let orientation = presentation.orientation, stored = presentation.stored(region)
        guard orientation != .identity else { return try drawUpright(stored, to: target) }
        let uprightSize = orientation.size(of: target.size)
        let bytesPerRow = Scratch.aligned(uprightSize.width * 3)
        let upright = PixelTarget(
            base: scratch.bytes(.upright, count: bytesPerRow * uprightSize.height), bytesPerRow: bytesPerRow,
            size: uprightSize, order: target.order)
        try drawUpright(stored, to: upright)
        turn(upright, orientation, into: target)
    }

    /// libyuv turns pixels of four bytes.
    private func turn(_ upright: PixelTarget, _ orientation: Orientation, into target: PixelTarget) {
        let (width, height) = (Int32(upright.size.width), Int32(upright.size.height))
        let count = upright.size.width * upright.size.height * 4
        let turnable = scratch.bytes(.turnable, count: count), turned = scratch.bytes(.turned, count: count)
        RGB24ToARGB(upright.base, Int32(upright.bytesPerRow), turnable, width * 4, width, height)
        // A negative height mirrors upside down before the turn.
        let (mode, flips): (RotationMode, Bool) =
            switch (orientation.isTransposed, orientation.mirrorsX, orientation.mirrorsY) {
            case (false, false, false): (kRotate0, false)
            case (false, false, true): (kRotate0, true)
            case (false, true, false): (kRotate180, true)
            case (false, true, true): (kRotate180, false)
            case (true, false, false): (kRotate90, true)
            case (true, true, false): (kRotate90, false)
            case (true, false, true): (kRotate270, false)
            case (true, true, true): (kRotate270, true)
            }
        let (turnedWidth, turnedHeight) = (Int32(target.size.width), Int32(target.size.height))
        ARGBRotate(turnable, width * 4, turned, turnedWidth * 4, width, flips ? -height : height, mode)
        ARGBToRGB24(turned, turnedWidth * 4, target.base, Int32(target.bytesPerRow), turnedWidth, turnedHeight)
    }

    private func drawUpright(_ region: PixelRect, to target: PixelTarget) throws(MediaError) {
        if case .packed = layout.storage { return try drawPacked(region, to: target) }
        let planes = try planes(of: region)
        let width = target.size.width, height = target.size.height
        let isUnscaled = width == region.width && height == region.height
        var luma = planes.luma
        if !isUnscaled {
            luma = scratch.plane(.luma, width: width, height: height)
            scale(planes.luma, region.width, region.height, to: luma, width, height)
        }
        guard let (u, v) = planes.chroma else {
            let neutral = scratch.plane(.chromaU, width: width, height: height)
            SetPlane(neutral.base, Int32(neutral.bytesPerRow), Int32(width), Int32(height), 128)
            return convert(luma, neutral, neutral, shifts: (0, 0), to: target)
        }
        let shifts = (layout.chromaShiftX, layout.chromaShiftY)
        let isAligned = planes.offsetX == 0 && planes.offsetY == 0
        if isUnscaled, isAligned, shifts.1 <= shifts.0, shifts.0 <= 1 {
            return convert(luma, u, v, shifts: shifts, to: target)
        }
        let fullU = fullSize(u, planes, region, target.size, wide: .wideU, scaled: .chromaU)
        let fullV = fullSize(v, planes, region, target.size, wide: .wideV, scaled: .chromaV)
        convert(luma, fullU, fullV, shifts: (0, 0), to: target)
    }

    /// A chroma plane brought to the size of the target.
    private func fullSize(
        _ plane: Plane, _ planes: Planes, _ region: PixelRect, _ size: PixelSize, wide: Scratch.Use, scaled: Scratch.Use
    ) -> Plane {
        let (stepX, stepY) = (1 << layout.chromaShiftX, 1 << layout.chromaShiftY)
        let chromaWidth = (planes.offsetX + region.width + stepX - 1) / stepX
        let chromaHeight = (planes.offsetY + region.height + stepY - 1) / stepY
        let fits = chromaWidth * stepX == region.width && chromaHeight * stepY == region.height
        // Less than half a target pixel off when much is thrown away anyway; else the way over full size is exact.
        let isMuchSmaller = size.width * 2 < region.width && size.height * 2 < region.height
        if fits || isMuchSmaller, size.width != region.width || size.height != region.height {
            let target = scratch.plane(scaled, width: size.width, height: size.height)
            scale(plane, chromaWidth, chromaHeight, to: target, size.width, size.height)
            return target
        }
        let (wideWidth, wideHeight) = (chromaWidth * stepX, chromaHeight * stepY)
        var full = plane
        if stepX > 1 || stepY > 1 {
            full = scratch.plane(wide, width: wideWidth, height: wideHeight)
            plane.scale(chromaWidth, chromaHeight, to: full, wideWidth, wideHeight, kFilterNone)
        }
        full = full.offset(x: planes.offsetX, y: planes.offsetY)
        if size.width == region.width, size.height == region.height { return full }
        let target = scratch.plane(scaled, width: size.width, height: size.height)
        scale(full, region.width, region.height, to: target, size.width, size.height)
        return target
    }

    private func scale(
        _ source: Plane, _ width: Int, _ height: Int, to target: Plane, _ newWidth: Int, _ newHeight: Int
    ) {
        // The box filter is libyuv's word for "bilinear, unless it shrinks to less than half".
        source.scale(width, height, to: target, newWidth, newHeight, kFilterBox)
    }

    private func convert(_ luma: Plane, _ u: Plane, _ v: Plane, shifts: (Int, Int), to target: PixelTarget) {
        let u = correctedBlue(u, shifts, target.size)
        let function =
            switch shifts {
            case (1, 1): I420ToRGB24Matrix
            case (1, 0): I422ToRGB24Matrix
            default: I444ToRGB24Matrix
            }
        let isFull: Int32 = layout.isFullRange ? 1 : 0
        let isBGR = target.order == .bgr
        let constants = isBGR ? sl_constants_bgr(layout.matrix, isFull) : sl_constants_rgb(layout.matrix, isFull)
        let (first, second) = isBGR ? (u, v) : (v, u)
        _ = function(
            luma.base, Int32(luma.bytesPerRow), first.base, Int32(first.bytesPerRow), second.base,
            Int32(second.bytesPerRow), target.base, Int32(target.bytesPerRow), constants, Int32(target.size.width),
            Int32(target.size.height))
    }

    private func correctedBlue(_ plane: Plane, _ shifts: (Int, Int), _ size: PixelSize) -> Plane {
        guard let table = BlueCorrection.table(for: layout.matrix, isFullRange: layout.isFullRange) else {
            return plane
        }
        let width = (size.width + shifts.0) >> shifts.0, height = (size.height + shifts.1) >> shifts.1
        let corrected = scratch.plane(.corrected, width: width, height: height)
        plane.copy(to: corrected, width, height, through: table)
        return corrected
    }

    // MARK: Reading the frame

    private func plane(_ index: Int, x: Int, y: Int, bytesPerSample: Int = 1) -> Plane {
        let data = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2, frame.pointee.data.3]
        let rows = [
            frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2, frame.pointee.linesize.3,
        ]
        return Plane(base: data[index]! + y * Int(rows[index]) + x * bytesPerSample, bytesPerRow: Int(rows[index]))
    }

    private func planes(of region: PixelRect) throws(MediaError) -> Planes {
        let chromaX = region.x >> layout.chromaShiftX, chromaY = region.y >> layout.chromaShiftY
        let offsetX = region.x - chromaX << layout.chromaShiftX, offsetY = region.y - chromaY << layout.chromaShiftY
        switch layout.storage {
        case .planar:
            let luma = plane(0, x: region.x, y: region.y)
            guard !layout.isGray else { return Planes(luma: luma, chroma: nil, offsetX: 0, offsetY: 0) }
            let chroma = (plane(1, x: chromaX, y: chromaY), plane(2, x: chromaX, y: chromaY))
            return Planes(luma: luma, chroma: chroma, offsetX: offsetX, offsetY: offsetY)
        case .interleavedChroma(let vFirst):
            let width = (offsetX + region.width + 1 << layout.chromaShiftX - 1) >> layout.chromaShiftX
            let height = (offsetY + region.height + 1 << layout.chromaShiftY - 1) >> layout.chromaShiftY
            let both = plane(1, x: chromaX, y: chromaY, bytesPerSample: 2)
            let first = scratch.plane(.splitU, width: width, height: height)
            let second = scratch.plane(.splitV, width: width, height: height)
            SplitUVPlane(
                both.base, Int32(both.bytesPerRow), first.base, Int32(first.bytesPerRow), second.base,
                Int32(second.bytesPerRow), Int32(width), Int32(height))
            return Planes(
                luma: plane(0, x: region.x, y: region.y), chroma: vFirst ? (second, first) : (first, second),
                offsetX: offsetX, offsetY: offsetY)
        case .otherYUV:
            return try convertedPlanes(of: region, offsetX: offsetX, offsetY: offsetY)
        case .packed:
            preconditionFailure("packed pixels have no planes")
        }
    }

    /// The region, widened to whole chroma samples, as 8-bit planes with the same chroma samples.
    private func convertedPlanes(of region: PixelRect, offsetX: Int, offsetY: Int) throws(MediaError) -> Planes {
        guard let format = layout.planarFormat else { throw .unsupportedPixelFormat(layout.name) }
        let width = region.width + offsetX, height = region.height + offsetY
        let chromaWidth = (width + 1 << layout.chromaShiftX - 1) >> layout.chromaShiftX
        let chromaHeight = (height + 1 << layout.chromaShiftY - 1) >> layout.chromaShiftY
        let luma = scratch.plane(.convertedY, width: width, height: height)
        let u = scratch.plane(.convertedU, width: chromaWidth, height: chromaHeight)
        let v = scratch.plane(.convertedV, width: chromaWidth, height: chromaHeight)
        try runScaler(
            PixelRect(x: region.x - offsetX, y: region.y - offsetY, width: width, height: height),
            to: (width, height), format, [luma, u, v], flags: SWS_BILINEAR)
        return Planes(
            luma: luma.offset(x: offsetX, y: offsetY), chroma: layout.isGray ? nil : (u, v), offsetX: offsetX,
            offsetY: offsetY)
    }

    private func drawPacked(_ region: PixelRect, to target: PixelTarget) throws(MediaError) {
        let size = target.size
        let shrinks = size.width * 2 < region.width && size.height * 2 < region.height
        try runScaler(
            region, to: (size.width, size.height), target.order == .bgr ? AV_PIX_FMT_BGR24 : AV_PIX_FMT_RGB24,
            [Plane(base: target.base, bytesPerRow: target.bytesPerRow)], flags: shrinks ? SWS_AREA : SWS_BILINEAR)
    }

    /// Converts `region` of the frame with swscale.
    /// - Parameter region: begins at a whole chroma sample.
    private func runScaler(
        _ region: PixelRect, to size: (Int, Int), _ format: AVPixelFormat, _ targets: [Plane], flags: Int32
    ) throws(MediaError) {
        guard
            let context = scratch.scaler(
                from: ((region.width, region.height), layout.format), to: (size, format), flags: flags)
        else { throw .unsupportedPixelFormat(layout.name) }
        var data: [UnsafePointer<UInt8>?] = [nil, nil, nil, nil]
        var rows: [Int32] = [
            frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2, frame.pointee.linesize.3,
        ]
        withUnsafeBytes(of: frame.pointee.data) { pointers in
            let pointers = pointers.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
            for index in 0..<4 {
                guard let base = pointers[index] else { continue }
                data[index] =
                    UnsafePointer(base) + self.offset(x: region.x, y: region.y, plane: index, Int(rows[index]))
            }
        }
        var targetData: [UnsafeMutablePointer<UInt8>?] = targets.map(\.base)
        var targetRows = targets.map { Int32($0.bytesPerRow) }
        while targetData.count < 4 { (targetData, targetRows) = (targetData + [nil], targetRows + [0]) }
        let result = sws_scale(context, &data, &rows, 0, Int32(region.height), &targetData, &targetRows)
        guard result > 0 else { throw .unsupportedPixelFormat(layout.name) }
    }

    /// Bytes from the start of a plane to the pixel `(x, y)`.
    private func offset(x: Int, y: Int, plane: Int, _ bytesPerRow: Int) -> Int {
        let descriptor = av_pix_fmt_desc_get(layout.format)!.pointee
        let isPalette = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0
        if isPalette, plane == 1 { return 0 }
        let components = [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2, descriptor.comp.3]
            .prefix(Int(descriptor.nb_components))
        guard let index = components.firstIndex(where: { Int($0.plane) == plane }) else { return 0 }
        let isChroma = (index == 1 || index == 2) && descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) == 0
        let step = Int(components[index].step)
        let isBitstream = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BITSTREAM) != 0
        let column = isChroma ? x >> layout.chromaShiftX : x
        return (isChroma ? y >> layout.chromaShiftY : y) * bytesPerRow
            + (isBitstream ? column * step / 8 : column * step)
    }
}
