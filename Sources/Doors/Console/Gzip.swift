import CZlib

/// gzip's format (RFC 1952), of whole files.
enum Gzip {
    /// As small as zlib makes it: it is done once.
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        // zlib remembers where it lies.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let gzipHeader: Int32 = 16
        let status = deflateInit2_(
            stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzipHeader, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own constants")
        defer { deflateEnd(stream) }
        let bound = Int(deflateBound(stream, uLong(bytes.count)))
        var input = bytes
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                (stream.pointee.next_in, stream.pointee.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.pointee.next_out, stream.pointee.avail_out) = (output.baseAddress, UInt32(bound))
                let status = deflate(stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "zlib does not keep to its own bound")
                count = bound - Int(stream.pointee.avail_out)
            }
        }
    }
}
