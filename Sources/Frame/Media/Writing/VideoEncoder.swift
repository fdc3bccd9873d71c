import CFFmpeg
import CYUV
import Frames
public import Scene

/// Makes packets of frames: H.264 where the installed FFmpeg has libx264, else MPEG-4. Blocks while it encodes; one thread uses it.
final class VideoEncoder {
    /// How frames are encoded.
    struct Plan {
        /// Frames of another size are fitted in. An odd side gets a black row or column.
        var size: PixelSize
        /// What the file says of itself; each frame keeps its own time. 25 when 0 or unknown.
        var frameRate: Double
        /// What the samples mean, see `ownForm`.
        var form: PlanarForm
        /// Whether what all packets have in common stands at the head of the file.
        var hasGlobalHeader: Bool
        /// Whether packets come in the order of their frames, so that what is encoded apart can be put together.
        var isInOrder = false

        /// Frames between two that need none before them.
        var keyInterval: Int { Int(max(1, (Self.believable(frameRate) * 2).rounded())) }
        static func believable(_ rate: Double) -> Double { rate.isFinite && rate > 0 ? min(240, rate) : 25 }
    }
    /// Of libx264: both chosen by measuring how much of a picture is left for how much time (`docs/measurements.md`).
    private static let preset = "superfast"
    private static let rateFactor = 23
    /// Pictures that are encoded at once; a fixed number, as the same video is to be the same file on each machine.
    private static let threads: Int32 = 2

    private let plan: Plan
    private(set) var context: UnsafeMutablePointer<AVCodecContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private let canvasMemory: UnsafeMutablePointer<UInt8>
    private(set) var clock: VideoClock

    /// - Throws: `MediaError.cannotWriteVideo`.
    init(_ plan: Plan, after clock: VideoClock = VideoClock()) throws(MediaError) {
        (self.plan, self.clock) = (plan, clock)
        canvasMemory = .allocate(capacity: plan.size.width * plan.size.height * 3)
        frame = av_frame_alloc()
        packet = av_packet_alloc()
        FFmpegLog.prepare()
        guard let codec = Self.codec, let context = avcodec_alloc_context3(codec) else {
            throw .cannotWriteVideo("the installed FFmpeg has no encoder for MP4")
        }
        self.context = context
        configure(context)
        try checkWriting(avcodec_open2(context, codec, nil))
        frame!.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        (frame!.pointee.width, frame!.pointee.height) = (context.pointee.width, context.pointee.height)
        try checkWriting(av_frame_get_buffer(frame, 0))
    }
    deinit {
        avcodec_free_context(&context)
        av_frame_free(&frame)
        av_packet_free(&packet)
        canvasMemory.deallocate()
    }

    fileprivate static var codec: UnsafePointer<AVCodec>? {
        avcodec_find_encoder_by_name("libx264") ?? avcodec_find_encoder(AV_CODEC_ID_MPEG4)
    }

    private func configure(_ encoder: UnsafeMutablePointer<AVCodecContext>) {
        encoder.pointee.width = Int32((plan.size.width + 1) & ~1)
        encoder.pointee.height = Int32((plan.size.height + 1) & ~1)
        encoder.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        encoder.pointee.time_base = VideoClock.timeBase
        encoder.pointee.framerate = av_d2q(Plan.believable(plan.frameRate), 90_000)
        encoder.pointee.gop_size = Int32(plan.keyInterval)
        encoder.pointee.colorspace = AVColorSpace(rawValue: UInt32(plan.form.matrix))
        encoder.pointee.color_range = plan.form.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        if plan.isInOrder { encoder.pointee.max_b_frames = 0 }
        if plan.hasGlobalHeader { encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        if encoder.pointee.codec_id == AV_CODEC_ID_H264 {
            encoder.pointee.thread_count = Self.threads
            av_opt_set(encoder.pointee.priv_data, "preset", Self.preset, 0)
            av_opt_set(encoder.pointee.priv_data, "crf", "\(Self.rateFactor)", 0)
        } else {
            // A fixed quantiser keeps people recognisable.
            encoder.pointee.flags |= AV_CODEC_FLAG_QSCALE
            encoder.pointee.global_quality = 4 * FF_QP2LAMBDA
        }
    }

    /// The form in which the samples of a frame can go to an encoder as they are; `nil` where something is drawn on it or it is to have
    /// another size.
    static func ownForm(of frame: Frame, overlays: [Overlay] = [], in size: PixelSize) -> PlanarForm? {
        overlays.isEmpty && frame.size == size ? frame.picture.planarForm?.told : nil
    }

    /// Adds `frame` at its media time; a time not after the one before is moved on by the least unit.
    /// - Parameter take: is given each packet that is ready, in units of the clock.
    /// - Throws: `MediaError`, or what the picture and `take` throw.
    func encode(
        _ frame: Frame, overlays: [Overlay] = [], _ take: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        let size = plan.size, planes = try nextPlanes()
        if Self.ownForm(of: frame, overlays: overlays, in: size) == plan.form {
            try frame.picture.copyPlanes(to: planes)
        } else {
            let canvas = PixelTarget(base: canvasMemory, bytesPerRow: size.width * 3, size: size, order: .bgr)
            let scale = try fit(frame, into: canvas)
            var drawing = Canvas(canvas)
            drawing.draw(scale == 1 ? overlays : overlays.map { $0.scaled(by: scale) })
            try planes.fill(from: canvas, plan.form)
        }
        self.frame!.pointee.pts = clock.stamp(frame.time.pts)
        try checkWriting(avcodec_send_frame(context, self.frame))
        try packets(take)
    }
    /// What is still held. Nothing can be encoded after it.
    func finish(_ take: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        guard context != nil else { return }
        try checkWriting(avcodec_send_frame(context, nil))
        try packets(take)
        avcodec_free_context(&context)
    }

    /// Draws the picture into the upper left of `canvas`, as large as it fits with its own aspect.
    /// - Returns: canvas pixels per pixel of the frame.
    private func fit(_ frame: Frame, into canvas: PixelTarget) throws -> Float {
        let size = plan.size
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
    private func nextPlanes() throws(MediaError) -> PlanarTarget {
        guard let context, let frame else { throw .cannotWriteVideo("it is already finished") }
        try checkWriting(av_frame_make_writable(frame))
        let size = plan.size, (data, rows) = (frame.pointee.data, frame.pointee.linesize)
        if size.width % 2 != 0 || size.height % 2 != 0 {
            SetPlane(data.0!, rows.0, context.pointee.width, context.pointee.height, UInt32(plan.form.black))
        }
        let half = PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
        return PlanarTarget(
            luma: PlaneTarget(base: data.0!, bytesPerRow: Int(rows.0), size: size),
            chromaU: PlaneTarget(base: data.1!, bytesPerRow: Int(rows.1), size: half),
            chromaV: PlaneTarget(base: data.2!, bytesPerRow: Int(rows.2), size: half))
    }

    private func packets(_ take: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        guard let context, let packet else { return }
        while true {
            let status = avcodec_receive_packet(context, packet)
            if status == sl_error_again || status == sl_error_end_of_file { return }
            try checkWriting(status)
            try take(packet)
        }
    }
}

/// The times of a video's frames, which go on from one to the next.
public struct VideoClock: Hashable, Sendable {
    private var last: Int64 = -1
    public init() {}

    /// Units of 1/90000 s; MPEG-4 counts at most 65535 parts of a second.
    static var timeBase: AVRational {
        AVRational(num: 1, den: VideoEncoder.codec?.pointee.id == AV_CODEC_ID_H264 ? 90_000 : 30_000)
    }
    mutating func stamp(_ time: MediaTime) -> Int64 {
        last = max(last + 1, av_rescale_q(time.nanoseconds, AVRational(num: 1, den: 1_000_000_000), Self.timeBase))
        return last
    }
    /// Goes on over a frame that was written before.
    public mutating func pass(_ time: MediaTime) { _ = stamp(time) }
}

func checkWriting(_ status: Int32) throws(MediaError) {
    guard status >= 0 else { throw .cannotWriteVideo("\(FFmpegStatus(rawValue: status))") }
}
