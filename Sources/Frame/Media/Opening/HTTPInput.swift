import CFFmpeg
import Foundation

/// What an HTTP server sends, as FFmpeg reads it. Belongs to one thread.
///
/// Parts of `multipart/x-mixed-replace` have to begin with a boundary. Older cameras, such as those of ESP32 boards, send the headers
/// of the first part without one; it is put there, since FFmpeg takes such a stream for none.
final class HTTPInput {
    private var input: UnsafeMutablePointer<AVIOContext>?
    private var parts: UnsafeMutablePointer<AVIOContext>?
    /// Asked while FFmpeg waits, also when it closes the connection.
    private let callGuard: CallGuard
    /// What was read to see how the parts begin, and how much of it has been handed on.
    private var head: [UInt8] = [], handedOn = 0
    /// Which FFmpeg takes for a picture and cannot decode.
    private(set) var isAnimatedWebP = false
    private static let bufferSize = 32 << 10
    /// Line ends before the first line, and its beginning.
    private static let longestHead = 64

    init(_ callGuard: CallGuard) { self.callGuard = callGuard }
    deinit {
        if let parts {
            av_freep(&parts.pointee.buffer)
            avio_context_free(&self.parts)
        }
        avio_closep(&input)
    }

    /// Connects, and lets `context` read what comes. The context stays the caller's, and does not outlive this value.
    /// - Returns: FFmpeg's status.
    func open(
        _ address: String, _ options: [String: String], for context: UnsafeMutablePointer<AVFormatContext>
    ) -> Int32 {
        var options = FFmpegOptions(options)
        var callback = context.pointee.interrupt_callback
        let status = options.withPointer { avio_open2(&input, address, AVIO_FLAG_READ, &callback, $0) }
        guard status >= 0, let input else { return status }
        context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO  // closed here
        context.pointee.pb = input
        let type = mimeType
        isPicture = type.hasPrefix("image/")
        if type.hasPrefix("multipart/") { context.pointee.pb = partsFromTheirBoundary(input) }
        if type == "image/webp" {
            var head = [UInt8](repeating: 0, count: FileInput.webPHead)
            isAnimatedWebP = avio_read(input, &head, Int32(head.count)) == head.count && FileInput.isAnimatedWebP(head)
            avio_seek(input, 0, SEEK_SET)
        }
        return 0
    }
    /// Lets the connection go once `context` has read what it wants.
    func close(for context: UnsafeMutablePointer<AVFormatContext>?) {
        guard parts == nil else { return }
        context?.pointee.pb = nil
        avio_closep(&input)
    }
    /// Whether the server says that it is a picture.
    private(set) var isPicture = false
    /// What the input has to be read as; `nil`: what it looks like.
    var format: UnsafePointer<AVInputFormat>? { parts == nil ? nil : av_find_input_format("mpjpeg") }

    private var mimeType: String {
        var text: UnsafeMutablePointer<UInt8>?
        guard av_opt_get(input, "mime_type", AV_OPT_SEARCH_CHILDREN, &text) >= 0, let text else { return "" }
        defer { av_free(text) }
        return String(cString: text).lowercased()
    }

    private func partsFromTheirBoundary(
        _ input: UnsafeMutablePointer<AVIOContext>
    ) -> UnsafeMutablePointer<AVIOContext> {
        var chunk = [UInt8](repeating: 0, count: Self.longestHead)
        while head.count < Self.longestHead, firstLine.count < 2 {
            let count = avio_read_partial(input, &chunk, Int32(Self.longestHead - head.count))
            guard count > 0 else { break }  // whoever reads on is told the same
            head += chunk[..<Int(count)]
        }
        if firstLine.first?.isLetter == true { head = Array("--\r\n".utf8) + firstLine }
        let buffer = av_malloc(Self.bufferSize)?.assumingMemoryBound(to: UInt8.self)
        parts = avio_alloc_context(
            buffer, Int32(Self.bufferSize), 0, Unmanaged.passUnretained(self).toOpaque(),
            { Unmanaged<HTTPInput>.fromOpaque($0!).takeUnretainedValue().read($1!, Int($2)) }, nil, nil)
        guard let parts else { fatalError("avio_alloc_context: out of memory") }
        return parts
    }
    private var firstLine: ArraySlice<UInt8> { head.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") } }

    private func read(_ bytes: UnsafeMutablePointer<UInt8>, _ wanted: Int) -> Int32 {
        guard handedOn < head.count else { return avio_read_partial(input, bytes, Int32(wanted)) }
        let part = head[handedOn...].prefix(wanted)
        for (offset, byte) in part.enumerated() { bytes[offset] = byte }
        handedOn += part.count
        return Int32(part.count)
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x41...0x5a).contains(self & 0xdf) }
}
