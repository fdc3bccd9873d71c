import CTurboJPEG
import Frames
import Scene

/// libjpeg-turbo's compressor.
struct JPEGEncoder: ~Copyable {
    private let handle: tjhandle
    private let quality: Int32

    /// - Parameter quality: `0...1`, which becomes 1...95 of libjpeg: above that files only grow.
    init(quality: Double) throws(MediaError) {
        guard let handle = tjInitCompress() else { throw .cannotEncode("libjpeg-turbo did not start") }
        self.handle = handle
        self.quality = 1 + Int32((min(1, max(0, quality)) * 94).rounded())
    }
    deinit { tjDestroy(handle) }

    /// - Parameter planes: Y, U and V in 4:2:0, full range.
    borrowing func encode(_ planes: [Plane], size: PixelSize) throws(MediaError) -> [UInt8] {
        var pointers: [UnsafePointer<UInt8>?] = planes.map { UnsafePointer($0.base) }
        let rows = planes.map { Int32($0.bytesPerRow) }
        return try compress { output, count in
            tjCompressFromYUVPlanes(
                handle, &pointers, Int32(size.width), rows, Int32(size.height), Int32(TJSAMP_420.rawValue), output,
                count, quality, TJFLAG_FASTDCT)
        }
    }

    borrowing func encode(_ pixels: PixelTarget) throws(MediaError) -> [UInt8] {
        try compress { output, count in
            tjCompress2(
                handle, pixels.base, Int32(pixels.size.width), Int32(pixels.bytesPerRow), Int32(pixels.size.height),
                Int32((pixels.order == .bgr ? TJPF_BGR : TJPF_RGB).rawValue), output, count,
                Int32(TJSAMP_420.rawValue), quality, TJFLAG_FASTDCT)
        }
    }

    private func compress(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<UInt>) -> Int32
    ) throws(MediaError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        var count: UInt = 0
        let status = body(&output, &count)
        defer { tjFree(output) }
        guard status == 0, let output else { throw .cannotEncode(String(cString: tjGetErrorStr2(handle))) }
        return Array(UnsafeBufferPointer(start: output, count: Int(count)))
    }
}
