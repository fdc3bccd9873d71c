import CFFmpeg
import Foundation
import Scene

/// Reads the packets of one video track. Belongs to one thread.
final class Demuxer {
    /// `later`: that was all for now, and more is `due`.
    enum Outcome { case packet, damaged, end, later }

    let configuration: MediaConfiguration
    let interrupt: Interrupt
    let callGuard: CallGuard
    private(set) var context: UnsafeMutablePointer<AVFormatContext>?
    private let packet: UnsafeMutablePointer<AVPacket>
    /// Of the track, which `findTrack` has found.
    var decoder: UnsafePointer<AVCodec>!
    var streamIndex: Int32 = -1
    /// The packet that was read last came when the time was over: FFmpeg's parser had held it back until then.
    private var isStalled = false

    /// Where the bytes come from; decides what a read error means.
    enum Origin { case file(FileInput), http, rtsp(RTSPWay), rtmp, device, datagrams(DatagramInput) }
    let origin: Origin
    /// Of `http`.
    private let web: HTTPInput
    /// How often a device is asked for a picture.
    private static let look: Duration = .milliseconds(5)
    /// A name that ends so leads FFmpeg to look for numbered files beside a picture, and to read none.
    private static let pictureNames = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif"]

    /// Demuxers, in FFmpeg's names, of lists of segments that are fetched one by one.
    private static let playlists = "hls"
    /// Demuxers of one picture or several in a row, which has no time stamps.
    private static let pictures = ["jpeg_pipe", "png_pipe", "webp_pipe", "mjpeg"]
    /// Where the next pictures come from, should the first be all that there is.
    private var snapshots: Snapshots?
    private var isPolling = false
    private var packets = 0

    /// A live playlist may say nothing new for as long as its segments last.
    private static let segmentPatience: Duration = .seconds(30)

    /// Opens what `entrance` leads to; a download has been fetched.
    /// - Parameters:
    ///   - file: of a file or a download.
    ///   - pause: after which an HTTP address that has one picture is asked for the next; `nil`: the picture is a film of one frame.
    ///   - hasAllTracks: whether a camera is asked for what it has beside video.
    convenience init(
        _ entrance: Entrance, file: Int32?, pause: Duration? = nil, hasAllTracks: Bool = false,
        configuration: MediaConfiguration, interrupt: Interrupt
    ) throws(MediaError) {
        let asked = ContinuousClock.now
        let containers = configuration.containers.joined(separator: ",")
        switch entrance {
        case .file, .download:
            guard let file else { throw .noSuchFile }
            var hint = ""
            if case .file(let name) = entrance { hint = "file:" + name }
            let input = FileInput(file, interrupt: interrupt)
            guard !input.isAnimatedWebP else { throw .unsupportedCodec("animated WebP") }
            // No protocol at all: a container that names another file finds none.
            try self.init(
                .file(input), address: hint,
                ["protocol_whitelist": "", "format_whitelist": containers], configuration, interrupt)
        case .http(let address, let proxy):
            var options = configuration.playlistOptions(proxy: proxy)
            options["format_whitelist"] = containers + "," + Self.playlists
            // µs; sound, which we do not decode, would keep it looking for longer
            options["analyzeduration"] = "2000000"
            try self.init(.http, address: address, options, isLive: pause != nil, configuration, interrupt)
            if let pause, let components = URLComponents(string: address), showsPictures {
                snapshots = Snapshots(
                    components, proxy: proxy, form: codecName, pause: pause, asked: asked,
                    configuration: configuration, interrupt: interrupt)
            }
        case .rtsp(let address, let ways):
            let way = ways.first ?? .tcp
            let options = configuration.rtspOptions(way, allTracks: hasAllTracks)
            try self.init(.rtsp(way), address: address, options, configuration, interrupt)
        case .rtmp(let address):
            try self.init(.rtmp, address: address, configuration.rtmpOptions, configuration, interrupt)
        case .device(let path):
            guard VideoDevices.reader != nil else {
                throw .unsupportedReference("is a device, for which FFmpeg's libavdevice has to be installed")
            }
            try self.init(
                .device, address: path, ["protocol_whitelist": "", "format_whitelist": "video4linux2,v4l2"],
                configuration, interrupt)
        case .datagrams, .handedPackets:
            guard let file else { throw .noSuchFile }
            let options = [
                "protocol_whitelist": "", "format_whitelist": "mpegts", "analyzeduration": "2000000",
                // Joined anywhere, so what is there may be the end of something.
                "scan_all_pmts": "1",
            ]
            let form: DatagramInput.Form =
                switch entrance {
                case .datagrams(isRTP: true): .rtp
                case .handedPackets: .handed
                default: .bare
                }
            try self.init(
                .datagrams(DatagramInput(file, form, interrupt: interrupt)), address: "", options, configuration,
                interrupt)
        }
    }

    private init(
        _ origin: Origin, address: String, _ options: [String: String], isLive: Bool = false,
        _ configuration: MediaConfiguration, _ interrupt: Interrupt
    ) throws(MediaError) {
        guard let packet = av_packet_alloc(), let context = avformat_alloc_context() else {
            fatalError("avformat_alloc_context: out of memory")
        }
        (self.origin, self.configuration, self.interrupt, self.packet) = (origin, configuration, interrupt, packet)
        callGuard = CallGuard(
            interrupt, answerDeadline: configuration.answerDeadline, waitsForSegments: isLive,
            verifiesCertificates: configuration.verifiesCertificates)
        web = HTTPInput(callGuard)
        self.context = context
        callGuard.attach(to: context)
        PlaylistOpening.install(in: context)
        // Within HTTP the connections are those that a worker is given, all of them to the camera.
        if case .rtsp(let way) = origin, way != .http { callGuard.context = context }
        switch origin {
        case .file(let input): context.pointee.pb = input.context
        case .datagrams(let input): context.pointee.pb = input.context
        // A call that waits for a picture could not be ended.
        case .device: context.pointee.flags |= AVFMT_FLAG_NONBLOCK
        case .http, .rtsp, .rtmp: break
        }
        var all = options
        all["codec_whitelist"] = configuration.decoders.joined(separator: ",")
        all["max_streams"] = "\(configuration.maximumTracks + 1)"
        var ffmpegOptions = FFmpegOptions(all)
        var format: UnsafePointer<AVInputFormat>?
        if case .rtsp = origin { format = av_find_input_format("rtsp") }
        if case .datagrams = origin { format = av_find_input_format("mpegts") }
        if case .device = origin { format = VideoDevices.reader }
        var status: Int32 = 0
        if case .http = origin {
            status = web.open(address, options, for: context)
            guard !web.isAnimatedWebP else {
                callGuard.endOpening(false)
                throw .unsupportedCodec("animated WebP")
            }
            format = web.format
        }
        let ending = address.split(separator: ".").last?.lowercased() ?? ""
        let isOpen = context.pointee.pb != nil
        let hint = isOpen && Self.pictureNames.contains(ending) ? "" : address
        if status >= 0 {
            status = ffmpegOptions.withPointer { avformat_open_input(&self.context, hint, format, $0) }
        }
        callGuard.endOpening(status >= 0)
        guard status >= 0 else { throw failure(opening: status) }
        isSegmented = String(cString: self.context!.pointee.iformat.pointee.name).hasPrefix(Self.playlists)
        try checkTracks()
        try findTrack()
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        avformat_close_input(&context)
    }

    // MARK: What was found

    var stream: UnsafeMutablePointer<AVStream> { context!.pointee.streams[Int(streamIndex)]! }
    var parameters: UnsafeMutablePointer<AVCodecParameters> { stream.pointee.codecpar }
    var codecName: String { String(cString: avcodec_get_name(parameters.pointee.codec_id)) }
    var isIntraOnly: Bool {
        guard let descriptor = avcodec_descriptor_get(parameters.pointee.codec_id) else { return false }
        return descriptor.pointee.props & AV_CODEC_PROP_INTRA_ONLY != 0
    }
    /// Whether it comes in segments, each of them at once.
    private(set) var isSegmented = false
    /// Whether an HTTP server has all of it, and sends it as fast as it is taken.
    var isFilmOnServer: Bool {
        if case .http = origin { duration != nil && snapshots == nil } else { false }
    }
    /// Whether the decoder, joined in the middle of a group of pictures, makes up what it was not sent, and hands over what comes of
    /// that. Others wait for a key frame by themselves.
    var isMadeUpUntilKeyframe: Bool { parameters.pointee.codec_id == AV_CODEC_ID_HEVC }
    /// Bare bitstreams have none; FFmpeg makes some up for them from the frame rate.
    var hasLabels: Bool {
        let format = context!.pointee.iformat.pointee
        let bareBitstreams = ["h264", "hevc", "m4v", "mjpeg", "mpegvideo", "obu", "jpeg_pipe", "png_pipe", "webp_pipe"]
        return format.flags & AVFMT_NOTIMESTAMPS == 0 && !bareBitstreams.contains(String(cString: format.name))
    }
    /// How long a source may take to tie its labels to a clock; `nil` where it has no need to.
    var reportPatience: Duration? {
        if case .rtsp = origin { configuration.reportPatience } else { nil }
    }
    /// When label 0 was by the camera's clock, once a sender report has told it.
    var wallClockOrigin: Date? {
        let microseconds = context!.pointee.start_time_realtime
        return microseconds == sl_no_pts ? nil : Date(timeIntervalSince1970: Double(microseconds) / 1e6)
    }
    /// About when the current packet was taken, by the latest sender report. FFmpeg's parser may say it of the next.
    var reportedTime: Date? {
        guard case .rtsp = origin, let reference = sl_producer_reference(packet) else { return nil }
        return Date(timeIntervalSince1970: Double(reference.pointee.wallclock) / 1e6)
    }
    var frameRate: AVRational? {
        guard snapshots == nil else { return nil }  // FFmpeg makes one up
        let rate = av_guess_frame_rate(context, stream, nil)
        return rate.num > 0 && rate.den > 0 ? rate : nil
    }
    var timeToAnswer: Duration? { if case .file = origin { nil } else { callGuard.timeToAnswer } }
    /// Packets of which those after them tell that they did not come.
    var packetsLost: Int {
        if case .datagrams(let input) = origin { input.packetsLost } else { callGuard.packetsLost }
    }
    /// In seconds; `nil` when unknown.
    var duration: Double? {
        let duration = context!.pointee.duration
        return duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
    }
    var frameCount: Int? {
        let limit = 1e15  // beyond, a container talks nonsense
        let told = stream.pointee.nb_frames
        if told > 0, Double(told) < limit { return Int(told) }
        guard let duration, let frameRate else { return nil }
        let frames = duration * av_q2d(frameRate)
        return frames < limit ? Int(frames.rounded()) : nil
    }
    /// Width to height of a pixel, by container or codec; a zero when neither tells.
    func sampleAspectRatio(of frame: UnsafeMutablePointer<AVFrame>?) -> AVRational {
        av_guess_sample_aspect_ratio(context, stream, frame)
    }
    var orientation: Orientation {
        sl_display_matrix(stream).map { Orientation(displayMatrix: $0) } ?? .identity
    }

    // MARK: Pictures that are asked for

    private var showsPictures: Bool { Self.pictures.contains(String(cString: context!.pointee.iformat.pointee.name)) }
    /// Behind one picture there may be filling, or a smaller one, which FFmpeg takes for the next.
    private var hasOnePicture: Bool { snapshots != nil && (packets == 1 || packets > 1 && web.isPicture) }
    /// When there is something to read again; `nil` where something may come at any time.
    var due: ContinuousClock.Instant? { isPolling ? snapshots?.due : nil }
    /// When the current packet was asked for, where it was.
    var asked: ContinuousClock.Instant? { isPolling || packets == 1 ? snapshots?.asked : nil }

    private func read(_ snapshots: Snapshots) throws(MediaError) -> Outcome {
        interrupt.arm(configuration.readDeadline)
        guard let picture = try snapshots.next() else { return .end }
        av_packet_unref(packet)
        guard av_new_packet(packet, Int32(picture.count)) >= 0 else {
            throw .tooLarge(limit: configuration.largestBlock)
        }
        UnsafeMutableRawBufferPointer(start: packet.pointee.data, count: picture.count).copyBytes(from: picture)
        packet.pointee.flags |= AV_PKT_FLAG_KEY
        return .packet
    }

    // MARK: Reading

    /// Reads the next packet of the track, within the read deadline or the shorter time that `interrupt` is limited to.
    func read() throws(MediaError) -> Outcome {
        if let snapshots, isPolling { return try read(snapshots) }
        if isStalled { throw .stalled(after: interrupt.time) }
        // Armed once: packets of other tracks alone are silence.
        interrupt.arm(
            isSegmented ? max(configuration.readDeadline, Self.segmentPatience) : configuration.readDeadline)
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(context, packet)
            if status >= 0 {
                guard packet.pointee.stream_index == streamIndex else {
                    if interrupt.isCancelled { return .end }
                    if interrupt.isOverdue { throw .stalled(after: interrupt.time) }
                    continue
                }
                isStalled = readingHasEnded
                packets += 1
                return .packet
            }
            // FFmpeg takes the end for a broken connection where nobody has told the length.
            if hasOnePicture, !interrupt.shouldStop, !isSilence(status) {
                isPolling = true
                web.close(for: context)
                return .later
            }
            if interrupt.isCancelled || status == sl_error_end_of_file { return .end }
            if callGuard.hasBegunAnew { throw .closedByServer }
            if interrupt.isOverdue || status == sl_error_exit { throw .stalled(after: interrupt.time) }
            if status == sl_error_again {
                if case .device = origin { interrupt.wait(until: .now + Self.look) }
                continue
            }
            if status == sl_error_timed_out {
                // Over UDP FFmpeg gives a sign of life from time to time; a connection that timed out is good for nothing.
                if case .rtsp = origin { continue }
                throw .stalled(after: interrupt.time)
            }
            // A damaged file goes on after the damage; a broken connection does not.
            if case .file = origin { return .damaged }
            throw .interrupted(FFmpegStatus(rawValue: status))
        }
    }

    /// Whether the deadline ended what FFmpeg was reading. A file is there, however long the process was kept from it.
    private var readingHasEnded: Bool {
        switch origin {
        case .file: false
        case .http, .rtmp: context?.pointee.pb.map { isSilence($0.pointee.error) } ?? false
        case .rtsp, .device, .datagrams: interrupt.isOverdue
        }
    }

    private func isSilence(_ status: Int32) -> Bool { [sl_error_exit, sl_error_timed_out].contains(status) }

    /// The packet that `read` found; valid until the next `read`.
    var currentPacket: UnsafeMutablePointer<AVPacket> { packet }
}
