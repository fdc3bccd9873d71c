import CFFmpeg
import CYUV
public import Frames
public import Scene

/// Writes frames with overlays drawn in as an MP4 or its like: H.264 where the installed FFmpeg has libx264, else MPEG-4.
///
/// Blocks while it encodes. Not `Sendable`: one task or thread writes. Dropped before `finish()`, it leaves a file without
/// an index, which no player opens.
public final class VideoWriter {
    /// Units of the time stamps per second.
    private static let timeScale: Int32 = 90_000

    /// What holds pictures and sound.
    public enum Container: String, Sendable, CaseIterable {
        case mp4, mov
        case mkv = "matroska"
        case ts = "mpegts"
    }

    /// Of libx264: both chosen by measuring how much of a picture is left for how much time (`docs/measurements.md`).
    private static let preset = "superfast"
    private static let rateFactor = 23
    /// Pictures that are encoded at once; a fixed number, as the same video is to be the same file on each machine.
    private static let encoderThreads: Int32 = 2

    private let size: PixelSize
    private let frameRate: Double
    /// What the samples mean, which is known from the first frame on: those of a picture that is drawn upon are BT.601.
    private var form: PlanarForm?
    private var output: UnsafeMutablePointer<AVFormatContext>?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private let canvasMemory: UnsafeMutablePointer<UInt8>
    private var lastPTS: Int64 = -1

    /// What became of the sound.
    public enum Sound: Hashable, Sendable {
        /// There is none, or it was not asked for.
        case none
        /// Copied as it is.
        case kept(codec: String)
        /// An MP4 does not hold it.
        case left(codec: String)
    }
    public private(set) var sound = Sound.none
    private var soundCopy: SoundCopy?

    /// - Parameters:
    ///   - size: of the video; frames of another size are fitted in. An odd side gets a black row or column.
    ///   - frameRate: what the file says of itself; each frame keeps its own time. 25 when 0 or unknown.
    ///   - soundFile: whose sound is copied; its pictures begin with the first frame.
    /// - Throws: `MediaError.cannotWriteVideo`, and what reading the sound throws.
    public init(
        path: String, size: PixelSize, frameRate: Double, soundFrom soundFile: String? = nil,
        container: Container = .mp4
    ) throws {
        self.frameRate = frameRate.isFinite && frameRate > 0 ? min(240, frameRate) : 25
        guard size.width > 0, size.height > 0 else { throw MediaError.cannotWriteVideo("it has no pixels") }
        self.size = size
        canvasMemory = .allocate(capacity: size.width * size.height * 3)
        frame = av_frame_alloc()
        packet = av_packet_alloc()
        FFmpegLog.prepare()
        try Self.check(avformat_alloc_output_context2(&output, nil, container.rawValue, path))
        let codec = avcodec_find_encoder_by_name("libx264") ?? avcodec_find_encoder(AV_CODEC_ID_MPEG4)
        guard let codec, let encoder = avcodec_alloc_context3(codec), avformat_new_stream(output, nil) != nil
        else { throw MediaError.cannotWriteVideo("the installed FFmpeg has no encoder for MP4") }
        self.encoder = encoder
        if let soundFile { try addSound(of: soundFile) }
        try Self.check(avio_open(&output!.pointee.pb, "file:" + path, AVIO_FLAG_WRITE))
    }

    /// Begins the file with the first frame, or without any.
    private func begin(_ first: PlanarForm?) throws -> PlanarForm {
        if let form { return form }
        guard let encoder, let stream = output!.pointee.streams[0] else {
            throw MediaError.cannotWriteVideo("it is already finished")
        }
        let form = first?.told ?? .drawn
        configure(encoder, form)
        try Self.check(avcodec_open2(encoder, nil, nil))
        try Self.check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder))
        stream.pointee.time_base = encoder.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.pointee.framerate
        try Self.check(avformat_write_header(output, nil))
        frame!.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        (frame!.pointee.width, frame!.pointee.height) = (encoder.pointee.width, encoder.pointee.height)
        try Self.check(av_frame_get_buffer(frame, 0))
        self.form = form
        return form
    }

    deinit {
        avcodec_free_context(&encoder)
        av_frame_free(&frame)
        av_packet_free(&packet)
        if let output {
            avio_closep(&output.pointee.pb)
            avformat_free_context(output)
        }
        canvasMemory.deallocate()
    }

    private func addSound(of path: String) throws {
        guard let output, let copy = try SoundCopy(of: path, configuration: MediaConfiguration()) else { return }
        guard copy.addTrack(to: output) else {
            sound = .left(codec: copy.codec)
            return
        }
        (soundCopy, sound) = (copy, .kept(codec: copy.codec))
    }

    private func configure(_ encoder: UnsafeMutablePointer<AVCodecContext>, _ form: PlanarForm) {
        encoder.pointee.width = Int32((size.width + 1) & ~1)
        encoder.pointee.height = Int32((size.height + 1) & ~1)
        encoder.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        encoder.pointee.time_base = AVRational(num: 1, den: Self.timeScale)
        encoder.pointee.framerate = av_d2q(frameRate, 90_000)
        encoder.pointee.gop_size = Int32(max(1, (frameRate * 2).rounded()))
        encoder.pointee.colorspace = AVColorSpace(rawValue: UInt32(form.matrix))
        encoder.pointee.color_range = form.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        if output!.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
            encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        if encoder.pointee.codec_id == AV_CODEC_ID_H264 {
            encoder.pointee.thread_count = Self.encoderThreads
            av_opt_set(encoder.pointee.priv_data, "preset", Self.preset, 0)
            av_opt_set(encoder.pointee.priv_data, "crf", "\(Self.rateFactor)", 0)
        } else {
            // MPEG-4 counts at most 65535 parts of a second; a fixed quantiser keeps people recognisable.
            encoder.pointee.time_base = AVRational(num: 1, den: 30_000)
            encoder.pointee.flags |= AV_CODEC_FLAG_QSCALE
            encoder.pointee.global_quality = 4 * FF_QP2LAMBDA
        }
    }

    /// Adds `frame` at its media time; a time not after the one before is moved on by the least unit. Where nothing is drawn on it, the
    /// samples go to the encoder as they are.
    /// - Throws: `MediaError`, or what the picture throws.
    public func write(_ frame: Frame, overlays: [Overlay]) throws {
        let own = overlays.isEmpty && frame.size == size ? frame.picture.planarForm?.told : nil
        let form = try begin(own)
        let planes = try nextPlanes()
        if own == form {
            try frame.picture.copyPlanes(to: planes)
        } else {
            let canvas = PixelTarget(base: canvasMemory, bytesPerRow: size.width * 3, size: size, order: .bgr)
            let scale = try fit(frame, into: canvas)
            var drawing = Canvas(canvas)
            drawing.draw(scale == 1 ? overlays : overlays.map { $0.scaled(by: scale) })
            try planes.fill(from: canvas, form)
        }
        try encode(at: frame.time.pts)
    }

    /// Writes what the encoder still holds, and the index. Nothing can be written after it.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public func finish() throws {
        guard encoder != nil else { return }
        _ = try begin(nil)
        try Self.check(avcodec_send_frame(encoder, nil))
        try writePackets()
        if let soundCopy, let output { try Self.check(soundCopy.copy(into: output, until: .infinity)) }
        try Self.check(av_write_trailer(output))
        try Self.check(avio_closep(&output!.pointee.pb))
        avcodec_free_context(&encoder)
    }

    /// Draws the picture into the upper left of `canvas`, as large as it fits with its own aspect.
    /// - Returns: canvas pixels per pixel of the frame.
    private func fit(_ frame: Frame, into canvas: PixelTarget) throws -> Float {
        guard frame.size != size else {
            try frame.picture.draw(PixelRect(frame.size), to: canvas)
            return 1
        }
        let scale = min(
            Float(size.width) / Float(frame.size.width), Float(size.height) / Float(frame.size.height))
        let fitted = PixelSize(
            width: max(1, min(size.width, Int((Float(frame.size.width) * scale).rounded()))),
            height: max(1, min(size.height, Int((Float(frame.size.height) * scale).rounded()))))
        canvas.base.update(repeating: 0, count: canvas.bytesPerRow * size.height)
        try frame.picture.draw(
            PixelRect(frame.size),
            to: PixelTarget(base: canvas.base, bytesPerRow: canvas.bytesPerRow, size: fitted, order: canvas.order))
        return scale
    }

    /// Where the next picture goes; an odd side has its black edge.
    private func nextPlanes() throws -> PlanarTarget {
        guard let encoder, let frame else { throw MediaError.cannotWriteVideo("it is already finished") }
        try Self.check(av_frame_make_writable(frame))
        let (data, rows) = (frame.pointee.data, frame.pointee.linesize)
        if size.width % 2 != 0 || size.height % 2 != 0 {
            SetPlane(data.0!, rows.0, encoder.pointee.width, encoder.pointee.height, UInt32(form?.black ?? 16))
        }
        let half = PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
        return PlanarTarget(
            luma: PlaneTarget(base: data.0!, bytesPerRow: Int(rows.0), size: size),
            chromaU: PlaneTarget(base: data.1!, bytesPerRow: Int(rows.1), size: half),
            chromaV: PlaneTarget(base: data.2!, bytesPerRow: Int(rows.2), size: half))
    }

    private func encode(at time: MediaTime) throws {
        guard let encoder, let frame else { return }
        let nanoseconds = AVRational(num: 1, den: 1_000_000_000)
        frame.pointee.pts = max(
            lastPTS + 1, av_rescale_q(time.nanoseconds, nanoseconds, encoder.pointee.time_base))
        lastPTS = frame.pointee.pts
        try Self.check(avcodec_send_frame(encoder, frame))
        try writePackets()
    }

    private func writePackets() throws {
        guard let encoder, let packet, let stream = output!.pointee.streams[0] else { return }
        while true {
            let status = avcodec_receive_packet(encoder, packet)
            if status == sl_error_again || status == sl_error_end_of_file { return }
            try Self.check(status)
            av_packet_rescale_ts(packet, encoder.pointee.time_base, stream.pointee.time_base)
            packet.pointee.stream_index = 0
            let seconds = Double(packet.pointee.pts) * av_q2d(stream.pointee.time_base)
            try Self.check(av_interleaved_write_frame(output, packet))
            if let soundCopy, let output { try Self.check(soundCopy.copy(into: output, until: seconds)) }
        }
    }

    private static func check(_ status: Int32) throws(MediaError) {
        guard status >= 0 else { throw .cannotWriteVideo("\(FFmpegStatus(rawValue: status))") }
    }
}
