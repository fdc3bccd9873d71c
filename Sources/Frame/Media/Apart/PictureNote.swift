import CFFmpeg
import Foundation
import Frames
package import Scene

/// What is told of a picture that lies in memory shared by two processes: plain numbers, sent as they lie in memory between processes
/// of the same program. All of them may be wrong.
package struct PictureNote: Sendable {
    /// Who keeps it until it is given back; below `SourceBoard.slots`.
    package var slot: Int32
    var format, width, height, colorSpace, colorRange: Int32
    /// From the beginning of the memory; -1: no such plane.
    var offsets: SIMD4<Int64>
    var bytesPerRow: SIMD4<Int32>
    var uprightWidth, uprightHeight: Int32
    /// Bits: transposed, mirrored in x, mirrored in y.
    var orientation: Int32
    var index, nanoseconds: Int64
    /// `noLabel`: there is none.
    var label: Int64
    var wallClock, clockStep: Double
    var consumers: UInt64

    init(
        _ frame: UnsafeMutablePointer<AVFrame>, slot: Int, _ presentation: Presentation, _ time: FrameTime,
        _ consumers: ConsumerSet, offsets: SIMD4<Int64>
    ) {
        self.slot = Int32(slot)
        (format, width, height) = (frame.pointee.format, frame.pointee.width, frame.pointee.height)
        colorSpace = Int32(frame.pointee.colorspace.rawValue)
        colorRange = Int32(frame.pointee.color_range.rawValue)
        self.offsets = offsets
        let rows = frame.pointee.linesize
        bytesPerRow = SIMD4(rows.0, rows.1, rows.2, rows.3)
        (uprightWidth, uprightHeight) = (
            Int32(presentation.uprightSize.width), Int32(presentation.uprightSize.height)
        )
        let turn = presentation.orientation
        orientation = (turn.isTransposed ? 1 : 0) | (turn.mirrorsX ? 2 : 0) | (turn.mirrorsY ? 4 : 0)
        (index, nanoseconds) = (Int64(time.index), time.pts.nanoseconds)
        label = time.label?.nanoseconds ?? Self.noLabel
        (wallClock, clockStep) = (time.wallClock.timeIntervalSinceReferenceDate, time.clockStep)
        self.consumers = consumers.rawValue
    }

    /// Any bytes of its size.
    package init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= MemoryLayout<Self>.size, "a note is told whole")
        self = bytes.loadUnaligned(as: Self.self)
    }
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { withUnsafeBytes(of: self, body) }

    private static let noLabel = Int64.min

    // MARK: What may be believed

    /// Nothing lasts longer than so many nanoseconds, two hundred years.
    private static let longest: Int64 = 1 << 62
    /// Seconds around the year 2001 that the time of day lies in, ten thousand years either way.
    private static let allTime = -3.2e11...3.2e11

    /// When it was; `nil` when nobody could mean that.
    package var time: FrameTime? {
        guard (0..<Self.longest).contains(index), (-Self.longest..<Self.longest).contains(nanoseconds),
            label == Self.noLabel || (-Self.longest..<Self.longest).contains(label),
            Self.allTime.contains(wallClock), Self.allTime.contains(clockStep)
        else { return nil }
        return FrameTime(
            index: Int(index), pts: MediaTime(nanoseconds: nanoseconds),
            wallClock: .init(timeIntervalSinceReferenceDate: wallClock), clockStep: clockStep,
            label: label == Self.noLabel ? nil : MediaTime(nanoseconds: label))
    }

    /// How it is shown; `nil` when no picture of at most so many pixels is shown so.
    func presentation(maximumPixels: Int) -> Presentation? {
        let sides = [width, height, uprightWidth, uprightHeight]
        guard sides.allSatisfy({ (1...(1 << 24)).contains($0) }), Int(width) * Int(height) <= maximumPixels,
            Int(uprightWidth) * Int(uprightHeight) <= maximumPixels, (0..<8).contains(orientation)
        else { return nil }
        return Presentation(
            stored: PixelSize(width: Int(width), height: Int(height)),
            upright: PixelSize(width: Int(uprightWidth), height: Int(uprightHeight)),
            orientation: Orientation(
                isTransposed: orientation & 1 != 0, mirrorsX: orientation & 2 != 0, mirrorsY: orientation & 4 != 0))
    }

    /// Makes `frame` refer to the planes in `memory`. Returns false when they do not lie in it, each with all its rows.
    func lay(_ frame: UnsafeMutablePointer<AVFrame>, in memory: UnsafeMutableRawBufferPointer) -> Bool {
        let format = AVPixelFormat(self.format)
        guard let descriptor = av_pix_fmt_desc_get(format)?.pointee,
            descriptor.flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) == 0
        else { return false }
        for plane in 0..<4 {
            let least = av_image_get_linesize(format, width, Int32(plane))
            let isPalette = plane == 1 && descriptor.flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0
            guard least > 0 || isPalette else {
                frame.setPlane(plane, nil, 0)
                continue
            }
            let isChroma = plane == 1 || plane == 2
            let shift = isChroma ? Int(descriptor.log2_chroma_h) : 0
            let rows = isPalette ? 1 : (Int(height) + (1 << shift) - 1) >> shift
            let row = isPalette ? 1024 : Int(bytesPerRow[plane]), offset = Int(offsets[plane])
            guard isPalette || row >= Int(least), (0...memory.count).contains(offset), row < 1 << 28,
                offset + row * rows + PictureMemory.overhang <= memory.count
            else { return false }
            frame.setPlane(
                plane, memory.baseAddress!.advanced(by: offset).assumingMemoryBound(to: UInt8.self), bytesPerRow[plane])
        }
        (frame.pointee.format, frame.pointee.width, frame.pointee.height) = (self.format, width, height)
        frame.pointee.colorspace = AVColorSpace(rawValue: .init(truncatingIfNeeded: colorSpace))
        frame.pointee.color_range = AVColorRange(rawValue: .init(truncatingIfNeeded: colorRange))
        frame.pointee.extended_data = frame.planes
        return true
    }
}
