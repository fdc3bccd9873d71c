import NIOCore
import NIOWebSocket

/// One message of a client, as it is put together from frames (RFC 6455 §5.4, RFC 7692 §6.2).
struct MessageAssembly {
    struct Message {
        let isText: Bool
        let data: ByteBuffer
    }
    /// Bytes of one message, as they come and as they are meant.
    let limit: Int
    /// Whether messages may be compressed.
    let inflates: Bool

    private struct Part {
        let isText, isCompressed: Bool
        var data = ByteBuffer()
        var text = UTF8Check()
    }
    private var part: Part?

    init(limit: Int, inflates: Bool) { (self.limit, self.inflates) = (limit, inflates) }

    /// Takes a frame that is no control frame.
    /// - Returns: the message that it completes.
    /// - Throws: the code to close the connection with.
    mutating func take(_ frame: WebSocketFrame) throws(WebSocketCloseCode) -> Message? {
        let isFirst = frame.opcode != .continuation
        guard isFirst == (part == nil), !frame.rsv1 || isFirst && inflates else { throw .protocolError }
        var part = part ?? Part(isText: frame.opcode == .text, isCompressed: frame.rsv1)
        var data = frame.unmaskedData
        guard part.data.readableBytes + data.readableBytes <= limit else { throw .messageTooBig }
        // Text that is none is refused where it breaks, however long the message may go on.
        if part.isText, !part.isCompressed, !part.text.take(data.readableBytesView) { throw .invalidPayload }
        part.data.writeBuffer(&data)
        guard frame.fin else {
            self.part = part
            return nil
        }
        self.part = nil
        if part.isCompressed {
            do throws(Inflater.Failure) {
                part.data = try Inflater.inflate(part.data, limit: limit)
            } catch {
                throw error == .tooLong ? .messageTooBig : .invalidPayload
            }
            if part.isText, !part.text.take(part.data.readableBytesView) { throw .invalidPayload }
        }
        guard !part.isText || part.text.isWhole else { throw .invalidPayload }
        return Message(isText: part.isText, data: part.data)
    }
}

/// Whether bytes are UTF-8, told as they come. By the table of the Unicode Standard 15.0, 3.9, D92.
struct UTF8Check {
    /// Bytes that are still missing of a character, and what the next of them may be.
    private var missing = 0
    private var next: ClosedRange<UInt8> = 0x80...0xbf
    /// Nothing is missing.
    var isWhole: Bool { missing == 0 }

    /// - Returns: whether all may be the beginning of a text.
    mutating func take(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes {
            if missing > 0 {
                guard next.contains(byte) else { return false }
                (missing, next) = (missing - 1, 0x80...0xbf)
                continue
            }
            switch byte {
            case 0...0x7f: break
            case 0xc2...0xdf: missing = 1
            case 0xe0: (missing, next) = (2, 0xa0...0xbf)
            case 0xed: (missing, next) = (2, 0x80...0x9f)
            case 0xe1...0xef: missing = 2
            case 0xf0: (missing, next) = (3, 0x90...0xbf)
            case 0xf4: (missing, next) = (3, 0x80...0x8f)
            case 0xf1...0xf3: missing = 3
            default: return false
            }
        }
        return true
    }
}
