import CZlib

/// zlib's format (RFC 1950), of whole values.
enum Compression {
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        let status = compress2(&result, &length, bytes, uLong(bytes.count), Z_DEFAULT_COMPRESSION)
        precondition(status == Z_OK, "zlib refuses a buffer of its own bound")
        return Array(result.prefix(Int(length)))
    }
    /// - Parameter size: bytes that there were; `nil` is returned for what was not made of so many.
    static func expanded(_ bytes: [UInt8], size: Int) -> [UInt8]? {
        guard size >= 0, size <= limit else { return nil }
        var length = uLong(size)
        var result = [UInt8](repeating: 0, count: max(1, size))
        guard uncompress(&result, &length, bytes, uLong(bytes.count)) == Z_OK, length == uLong(size) else { return nil }
        return Array(result.prefix(size))
    }
    private static let limit = 64 << 20
}
