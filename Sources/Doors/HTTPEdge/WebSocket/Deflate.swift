import CZlib
import NIOCore

/// Compresses the messages of one connection, one after the other (RFC 7692 §7.2.1). Not to be used by two at once.
final class Deflater {
    /// The furthest that we refer back, 4 KiB: messages of a feed are alike, and a thousand readers need 32 KiB each, not 256.
    private static let windowBits = 12
    private static let memoryLevel: Int32 = 5

    private let stream: UnsafeMutablePointer<z_stream>
    private let startsAnew: Bool

    init(_ parameters: DeflateParameters) {
        startsAnew = parameters.startsAnew
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib has no window of 8 bits without its own header. Runs of one byte refer back by one, which fits any.
        let isNarrow = parameters.windowBits == 8
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -Int32(max(9, min(parameters.windowBits, Self.windowBits))),
            Self.memoryLevel, isNarrow ? Z_RLE : Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own constants")
    }
    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The payload of a compressed message.
    func compress(_ bytes: ByteBuffer) -> ByteBuffer {
        // An empty message is one empty block (§7.2.3.6).
        guard bytes.readableBytes > 0 else { return ByteBuffer(bytes: [0]) }
        if startsAnew { deflateReset(stream) }
        var output = ByteBuffer()
        bytes.withUnsafeReadableBytes { input in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress!.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(input.count)
            repeat { output.append(from: stream) { deflate($0, Z_SYNC_FLUSH) } } while stream.pointee.avail_out == 0
        }
        // The end of the flush, which both sides know of.
        output.moveWriterIndex(to: output.writerIndex - 4)
        return output
    }
}

/// Makes a client's compressed messages readable, each for itself.
enum Inflater {
    enum Failure: Error { case damaged, tooLong }
    /// What the sender left out (RFC 7692 §7.2.2).
    private static let tail: [UInt8] = [0, 0, 0xff, 0xff]

    /// - Parameters:
    ///   - bytes: the payload of all frames of one message.
    ///   - limit: bytes that the message may have.
    static func inflate(_ bytes: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
        var stream = z_stream()
        let status = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .tooLong }  // no memory
        defer { inflateEnd(&stream) }
        var input = bytes, output = ByteBuffer()
        input.writeBytes(tail)
        let failure: Failure? = withUnsafeMutablePointer(to: &stream) { stream in
            input.withUnsafeReadableBytes { bytes in
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
                stream.pointee.avail_in = UInt32(bytes.count)
                while true {
                    var status = Z_OK
                    output.append(from: stream) { status = CZlib.inflate($0, Z_SYNC_FLUSH) }
                    if output.readableBytes > limit { return .tooLong }
                    switch status {
                    case Z_STREAM_END:
                        // A last block, after which others may come: the next begins at a byte (§7.2.3.4).
                        if stream.pointee.avail_in <= tail.count { return nil }
                        inflateReset(stream)
                    case Z_OK, Z_BUF_ERROR:
                        if stream.pointee.avail_out == 0 { continue }
                        return stream.pointee.avail_in == 0 ? nil : .damaged
                    default: return .damaged
                    }
                }
            }
        }
        if let failure { throw failure }
        return output
    }
}

extension ByteBuffer {
    /// Lets `step` write what fits into the next bytes.
    fileprivate mutating func append(
        from stream: UnsafeMutablePointer<z_stream>, _ step: (UnsafeMutablePointer<z_stream>) -> Void
    ) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 1024) { space in
            stream.pointee.next_out = space.baseAddress!.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(space.count)
            step(stream)
            return space.count - Int(stream.pointee.avail_out)
        }
    }
}
