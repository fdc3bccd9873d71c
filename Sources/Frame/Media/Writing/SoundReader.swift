import CFFmpeg
public import Foundation

/// Reads the sound of a file in this process; nothing of it is decoded. One thread reads.
public final class SoundReader: SoundSource {
    /// Larger packets are taken for damage, in bytes.
    public static let largestPacket = 16 << 20

    private let file: FileHandle
    private let data: FileInput
    private var input: UnsafeMutablePointer<AVFormatContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private let index: Int32
    public let track: SoundTrack

    /// - Parameter name: of the file, whose ending says something of what it holds.
    /// - Returns: `nil` when the file has no sound.
    /// - Throws: `MediaError` when it cannot be read.
    public init?(_ file: FileHandle, name: String, configuration: MediaConfiguration) throws(MediaError) {
        let interrupt = Interrupt()
        interrupt.arm(.seconds(1_000_000))
        (self.file, data) = (file, FileInput(file.fileDescriptor, interrupt: interrupt))
        guard let context = avformat_alloc_context() else { fatalError("avformat_alloc_context: out of memory") }
        context.pointee.pb = data.context
        packet = av_packet_alloc()
        // No protocol at all, as for pictures: a container that names another file finds none.
        var options = FFmpegOptions([
            "protocol_whitelist": "", "format_whitelist": configuration.containers.joined(separator: ","),
            "max_streams": "\(configuration.maximumTracks + 1)",
        ])
        input = context
        var opened: UnsafeMutablePointer<AVFormatContext>? = context
        var status = options.withPointer { avformat_open_input(&opened, "file:" + name, nil, $0) }
        input = opened
        if status >= 0 { status = avformat_find_stream_info(input, nil) }
        guard status >= 0, let input = opened else {
            (index, track) = (-1, SoundTrack())
            throw .cannotOpen(FFmpegStatus(rawValue: status))
        }
        index = av_find_best_stream(input, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0)
        guard index >= 0, let sound = input.pointee.streams[Int(index)] else {
            track = SoundTrack()
            return nil
        }
        let pictures = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        var origin: Int64 = 0
        if pictures >= 0, let video = input.pointee.streams[Int(pictures)], video.pointee.start_time != sl_no_pts {
            origin = av_rescale_q(video.pointee.start_time, video.pointee.time_base, sound.pointee.time_base)
        }
        track = SoundTrack(sound, origin: origin)
        for other in 0..<Int32(input.pointee.nb_streams) where other != index {
            input.pointee.streams[Int(other)]!.pointee.discard = AVDISCARD_ALL
        }
    }
    deinit {
        av_packet_free(&packet)
        avformat_close_input(&input)
    }

    public func next() -> SoundPacket? {
        guard let packet else { return nil }
        while true {
            av_packet_unref(packet)
            guard av_read_frame(input, packet) >= 0 else { return nil }
            guard packet.pointee.stream_index == index, (0...Int32(Self.largestPacket)).contains(packet.pointee.size)
            else { continue }
            func time(_ value: Int64) -> Int64? { value == sl_no_pts ? nil : value }
            return SoundPacket(
                pts: time(packet.pointee.pts), dts: time(packet.pointee.dts), duration: packet.pointee.duration,
                flags: packet.pointee.flags,
                bytes: Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))))
        }
    }
}

extension SoundTrack {
    /// None.
    fileprivate init() {
        self.init(
            codec: "", codecID: 0, format: 0, profile: 0, level: 0, sampleRate: 0, blockAlign: 0, frameSize: 0,
            initialPadding: 0, trailingPadding: 0, seekPreroll: 0, bitsPerCodedSample: 0, bitsPerRawSample: 0,
            bitRate: 0, channels: 0, channelMask: 0, head: Data(), numerator: 1, denominator: 1, origin: 0)
    }
    fileprivate init(_ stream: UnsafeMutablePointer<AVStream>, origin: Int64) {
        let coded = stream.pointee.codecpar.pointee, layout = coded.ch_layout
        self.init(
            codec: String(cString: avcodec_get_name(coded.codec_id)), codecID: coded.codec_id.rawValue,
            format: coded.format, profile: coded.profile, level: coded.level, sampleRate: coded.sample_rate,
            blockAlign: coded.block_align, frameSize: coded.frame_size, initialPadding: coded.initial_padding,
            trailingPadding: coded.trailing_padding, seekPreroll: coded.seek_preroll,
            bitsPerCodedSample: coded.bits_per_coded_sample, bitsPerRawSample: coded.bits_per_raw_sample,
            bitRate: coded.bit_rate, channels: layout.nb_channels,
            channelMask: layout.order == AV_CHANNEL_ORDER_NATIVE ? layout.u.mask : 0,
            head: Data(UnsafeBufferPointer(start: coded.extradata, count: Int(coded.extradata_size))),
            numerator: stream.pointee.time_base.num, denominator: stream.pointee.time_base.den, origin: origin)
    }
}
