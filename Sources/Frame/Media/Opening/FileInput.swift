import CFFmpeg
import Foundation

/// A file as FFmpeg reads it: through a descriptor that is open already, so that whoever reads needs no right to open anything.
/// Belongs to one thread.
final class FileInput {
    private let descriptor: Int32
    private let interrupt: Interrupt
    private var position: Int64 = 0
    private(set) var context: UnsafeMutablePointer<AVIOContext>!
    private static let bufferSize = 32 << 10

    /// - Parameter descriptor: stays the caller's, and open while this value lives.
    init(_ descriptor: Int32, interrupt: Interrupt) {
        (self.descriptor, self.interrupt) = (descriptor, interrupt)
        let buffer = av_malloc(Self.bufferSize)?.assumingMemoryBound(to: UInt8.self)
        context = avio_alloc_context(
            buffer, Int32(Self.bufferSize), 0, Unmanaged.passUnretained(self).toOpaque(),
            { Unmanaged<FileInput>.fromOpaque($0!).takeUnretainedValue().read($1!, Int($2)) }, nil,
            { Unmanaged<FileInput>.fromOpaque($0!).takeUnretainedValue().seek($1, whence: $2) })
        guard context != nil else { fatalError("avio_alloc_context: out of memory") }
    }
    deinit {
        av_freep(&context.pointee.buffer)
        avio_context_free(&context)
    }

    private func read(_ bytes: UnsafeMutablePointer<UInt8>, _ wanted: Int) -> Int32 {
        if interrupt.shouldStop { return sl_error_exit }
        let count = pread(descriptor, bytes, wanted, off_t(position))
        guard count > 0 else { return count == 0 ? sl_error_end_of_file : -errno }
        position += Int64(count)
        return Int32(count)
    }

    private func seek(_ offset: Int64, whence: Int32) -> Int64 {
        // Where the descriptor stands matters to nobody.
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        guard size >= 0 else { return Int64(-errno) }
        let origin: Int64
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return size
        case SEEK_SET: origin = 0
        case SEEK_CUR: origin = position
        case SEEK_END: origin = size
        default: return Int64(-EINVAL)
        }
        let (target, overflows) = origin.addingReportingOverflow(offset)
        guard !overflows, target >= 0 else { return Int64(-EINVAL) }
        position = target
        return target
    }

    /// Whether the file is a film in the form of WebP (RFC 9649 §2.7), which FFmpeg takes for a picture and cannot decode.
    var isAnimatedWebP: Bool {
        var head = [UInt8](repeating: 0, count: Self.webPHead)
        return pread(descriptor, &head, head.count, 0) == head.count && Self.isAnimatedWebP(head)
    }
    /// Bytes that tell it.
    static let webPHead = 21
    static func isAnimatedWebP(_ head: [UInt8]) -> Bool {
        String(decoding: head[0..<4], as: UTF8.self) == "RIFF"
            && String(decoding: head[8..<16], as: UTF8.self) == "WEBPVP8X" && head[20] & 2 != 0
    }

    /// Whether the file begins with a box of ISO 14496-12.
    var startsLikeMP4: Bool {
        var head = [UInt8](repeating: 0, count: 8)
        guard pread(descriptor, &head, head.count, 0) == head.count else { return false }
        return ["ftyp", "moov", "mdat", "free", "skip", "wide"].contains(String(decoding: head[4...], as: UTF8.self))
    }
}
