import CFFmpeg
import Frames
import Scene

/// One picture on its way through a decoder.
struct Still {
    enum Form: String {
        case jpeg = "mjpeg"
        case png, bmp, tiff
        /// In colour or grey, which many programs write into files of the same ending.
        case pixmap = "ppm"
        case webp

        /// By the bytes that such pictures begin with.
        init?(_ bytes: [UInt8]) {
            let starts: [([UInt8], Form)] = [
                ([0xff, 0xd8, 0xff], .jpeg), ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .png),
                (Array("BM".utf8), .bmp), ([0x49, 0x49, 0x2a, 0x00], .tiff), ([0x4d, 0x4d, 0x00, 0x2a], .tiff),
                (Array("P2".utf8), .pixmap), (Array("P3".utf8), .pixmap), (Array("P5".utf8), .pixmap),
                (Array("P6".utf8), .pixmap),
            ]
            if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
                self = .webp
            } else if let found = starts.first(where: { bytes.starts(with: $0.0) }) {
                self = found.1
            } else {
                return nil
            }
        }
    }
    private let bytes: [UInt8]
    private let form: Form
    private let maximumPixels: Int

    init(_ bytes: [UInt8], maximumPixels: Int) throws(MediaError) {
        guard let form = Form(bytes) else { throw .notPicture }
        // FFmpeg makes black pictures of JPEG inside TIFF, and says nothing.
        guard form != .tiff || !TIFFHead(bytes).holdsJPEG else { throw .unsupportedStill("TIFF with a JPEG in it") }
        (self.bytes, self.form, self.maximumPixels) = (bytes, form, maximumPixels)
    }

    /// What it says of itself, and how it wants to be turned.
    var exif: EXIF { EXIF(bytes, form) }
    /// Of TIFF the orientation is not looked at, as the contract has it.
    var orientation: Orientation { form == .tiff ? .identity : exif.orientation }

    func picture(orientation: Orientation) throws(MediaError) -> DecodedPicture {
        let shells = FrameShells()
        let frame = shells.take()
        do throws(MediaError) { try decode(into: frame) } catch {
            shells.giveBack(frame)
            throw error
        }
        let size = PixelSize(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
        return DecodedPicture(
            frame, Presentation(size, aspect: .square, orientation: orientation), keeper: shells,
            scratch: ScratchPool())
    }

    func image() throws(MediaError) -> StillImage {
        let picture = try self.picture(orientation: .identity), size = picture.size
        switch form {
        case .jpeg: return StillImage(size: size, contentType: "image/jpeg", converted: nil)
        case .png: return StillImage(size: size, contentType: "image/png", converted: nil)
        case .bmp, .tiff, .pixmap, .webp:
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
struct TIFFHead {
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
