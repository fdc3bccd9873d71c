import CFFmpeg
import Dispatch
import Frames
public import Scene
import Synchronization

/// An encoded picture that somebody sent, looked at.
public struct StillImage: Sendable {
    public let size: PixelSize
    /// `image/jpeg` or `image/png`.
    public let contentType: String
    /// A JPEG of it, where it was something else than JPEG or PNG.
    public let converted: [UInt8]?
    package init(size: PixelSize, contentType: String, converted: [UInt8]?) {
        (self.size, self.contentType, self.converted) = (size, contentType, converted)
    }
}

/// Decoding of one picture in this process.
package enum StillWork {
    package static func decode(_ bytes: [UInt8], maximumPixels: Int) throws(MediaError) -> StillImage {
        try Still(bytes, maximumPixels: maximumPixels).image()
    }
}

/// Decodes single pictures that strangers send, to see that they are what they say, and makes JPEGs of those in other forms.
///
/// A few at a time, on threads of its own: a picture takes as much memory as it has pixels, and its bytes are not even loaded
/// before its turn.
public struct StillReader: Sendable {
    private let maximumPixels: Int
    private let turns: Turns
    private let decode: @Sendable (_ bytes: [UInt8], _ maximumPixels: Int) throws -> StillImage
    private let queue = DispatchQueue(label: "stills", attributes: .concurrent)

    /// - Parameters:
    ///   - maximumPixels: pictures with more are refused.
    ///   - count: pictures at once.
    ///   - decode: decodes one; may block.
    public init(
        maximumPixels: Int, count: Int = 2,
        decode: @escaping @Sendable (_ bytes: [UInt8], _ maximumPixels: Int) throws -> StillImage
    ) {
        (self.maximumPixels, self.decode) = (maximumPixels, decode)
        turns = Turns(count)
    }

    /// - Parameter load: brings the bytes of the picture.
    /// - Throws: `MediaError` for what is no whole picture in one of the forms that we read, or has too many pixels; what else `decode`
    ///   and `load` throw.
    public func read(_ load: @Sendable () async throws -> [UInt8]) async throws -> StillImage {
        await turns.take()
        defer { turns.giveBack() }
        let bytes = try await load(), maximumPixels = maximumPixels
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try decode(bytes, maximumPixels) })
            }
        }
    }
}

/// Turns of which so many may be taken at once; whoever comes first is served first.
private final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: ArraySlice<CheckedContinuation<Void, Never>> = []
    }
    private let state: Mutex<State>
    init(_ count: Int) { state = Mutex(State(free: count)) }

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }
    func giveBack() {
        let next = state.withLock { state in
            if let next = state.waiting.popFirst() { return Optional(next) }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}

/// One picture on its way through a decoder.
private struct Still {
    enum Form: String {
        case jpeg = "mjpeg"
        case png, bmp, tiff
        case pixmap = "ppm"

        /// By the bytes that such pictures begin with.
        init?(_ bytes: [UInt8]) {
            let starts: [([UInt8], Form)] = [
                ([0xff, 0xd8, 0xff], .jpeg), ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .png),
                (Array("BM".utf8), .bmp), ([0x49, 0x49, 0x2a, 0x00], .tiff), ([0x4d, 0x4d, 0x00, 0x2a], .tiff),
                (Array("P3".utf8), .pixmap), (Array("P6".utf8), .pixmap),
            ]
            guard let found = starts.first(where: { bytes.starts(with: $0.0) }) else { return nil }
            self = found.1
        }
    }
    private let bytes: [UInt8]
    private let form: Form
    private let maximumPixels: Int

    init(_ bytes: [UInt8], maximumPixels: Int) throws(MediaError) {
        guard let form = Form(bytes) else { throw .notVideo }
        // FFmpeg makes black pictures of JPEG inside TIFF, and says nothing.
        guard form != .tiff || !TIFFHead(bytes).holdsJPEG else { throw .unsupportedCodec("JPEG in TIFF") }
        (self.bytes, self.form, self.maximumPixels) = (bytes, form, maximumPixels)
    }

    func image() throws(MediaError) -> StillImage {
        let shells = FrameShells()
        let frame = shells.take()
        do throws(MediaError) { try decode(into: frame) } catch {
            shells.giveBack(frame)
            throw error
        }
        let size = PixelSize(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
        let picture = DecodedPicture(
            frame, Presentation(size, aspect: .square, orientation: .identity), keeper: shells, scratch: ScratchPool())
        switch form {
        case .jpeg: return StillImage(size: size, contentType: "image/jpeg", converted: nil)
        case .png: return StillImage(size: size, contentType: "image/png", converted: nil)
        case .bmp, .tiff, .pixmap:
            let policy = SnapshotPolicy(mediaType: .jpeg, quality: 1, maximumSize: 0)
            guard let bytes = try? picture.snapshot(policy).bytes else {
                throw .cannotEncode("no JPEG can be made of it")
            }
            return StillImage(size: size, contentType: "image/jpeg", converted: bytes)
        }
    }

    private func decode(into frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        guard let codec = avcodec_find_decoder_by_name(form.rawValue) else { throw .unsupportedCodec(form.rawValue) }
        var context = avcodec_alloc_context3(codec)
        var packet = av_packet_alloc()
        defer {
            avcodec_free_context(&context)
            av_packet_free(&packet)
        }
        guard let context, let packet, bytes.count <= Int32.max,
            av_new_packet(packet, Int32(bytes.count)) == 0
        else {
            throw .cannotEncode("out of memory")
        }
        bytes.withUnsafeBufferPointer { packet.pointee.data.update(from: $0.baseAddress!, count: $0.count) }
        context.pointee.max_pixels = Int64(maximumPixels)
        context.pointee.thread_count = 1
        // Otherwise half a picture is one, too. Of a TIFF it would refuse each tag that it does not know.
        if form != .tiff {
            context.pointee.err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE
        }
        var status = avcodec_open2(context, codec, nil)
        if status >= 0 { status = avcodec_send_packet(context, packet) }
        if status >= 0 { status = avcodec_send_packet(context, nil) }
        if status >= 0 { status = avcodec_receive_frame(context, frame) }
        guard status >= 0, frame.pointee.decode_error_flags == 0, frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0
        else { throw .cannotOpen(FFmpegStatus(rawValue: status)) }
    }
}

/// As much of a TIFF as says how its picture is coded. Source: TIFF 6.0, sections 2 and 22.
private struct TIFFHead {
    let holdsJPEG: Bool

    init(_ bytes: [UInt8]) {
        let isLittle = bytes.first == 0x49
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= bytes.count else { return nil }
            let part = bytes[offset..<offset + count]
            return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        let compression = 259, jpegs = [6, 7]
        holdsJPEG = {
            guard let directory = number(4, 4), let count = number(directory, 2) else { return false }
            for entry in (0..<count).map({ directory + 2 + 12 * $0 }) where number(entry, 2) == compression {
                return number(entry + 8, 2).map(jpegs.contains) ?? false
            }
            return false
        }()
    }
}
