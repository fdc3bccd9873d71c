import CFFmpeg
import Foundation

/// The sound of a file, copied packet by packet beside the pictures of another; nothing of it is decoded. One thread writes.
final class SoundCopy {
    private let file: FileHandle
    private let data: FileInput
    private var input: UnsafeMutablePointer<AVFormatContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private let track: Int32
    private var target: UnsafeMutablePointer<AVStream>?
    /// Whether `packet` waits to be written.
    private var isWaiting = false
    private var hasEnded = false
    /// Where the pictures begin, in the sound's own units.
    private let origin: Int64

    /// In FFmpeg's spelling.
    let codec: String

    /// - Returns: `nil` when the file has no sound.
    /// - Throws: `MediaError` when it cannot be read.
    init?(of path: String, configuration: MediaConfiguration) throws(MediaError) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .noSuchFile }
        let interrupt = Interrupt()
        interrupt.arm(.seconds(1_000_000))
        (self.file, data) = (file, FileInput(file.fileDescriptor, interrupt: interrupt))
        guard let context = avformat_alloc_context() else { fatalError("avformat_alloc_context: out of memory") }
        context.pointee.pb = data.context
        input = context
        packet = av_packet_alloc()
        // No protocol at all, as for pictures: a container that names another file finds none.
        var options = FFmpegOptions([
            "protocol_whitelist": "", "format_whitelist": configuration.containers.joined(separator: ","),
            "max_streams": "\(configuration.maximumTracks + 1)",
        ])
        var context2 = input
        var status = options.withPointer {
            avformat_open_input(&context2, "file:" + URL(filePath: path).lastPathComponent, nil, $0)
        }
        input = context2
        if status >= 0 { status = avformat_find_stream_info(input, nil) }
        guard status >= 0, let input else {
            (track, origin, codec) = (-1, 0, "")
            throw .cannotOpen(FFmpegStatus(rawValue: status))
        }
        track = av_find_best_stream(input, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0)
        guard track >= 0, let sound = input.pointee.streams[Int(track)] else {
            (origin, codec) = (0, "")
            return nil
        }
        codec = String(cString: avcodec_get_name(sound.pointee.codecpar.pointee.codec_id))
        let pictures = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        if pictures >= 0, let video = input.pointee.streams[Int(pictures)], video.pointee.start_time != sl_no_pts {
            origin = av_rescale_q(video.pointee.start_time, video.pointee.time_base, sound.pointee.time_base)
        } else {
            origin = 0
        }
        for other in 0..<Int32(input.pointee.nb_streams) where other != track {
            input.pointee.streams[Int(other)]!.pointee.discard = AVDISCARD_ALL
        }
    }
    deinit {
        av_packet_free(&packet)
        avformat_close_input(&input)
    }

    /// Adds a track for it to a file whose header is not written yet. Returns false when such files cannot hold it.
    func addTrack(to output: UnsafeMutablePointer<AVFormatContext>) -> Bool {
        guard let sound = input?.pointee.streams[Int(track)],
            avformat_query_codec(
                output.pointee.oformat, sound.pointee.codecpar.pointee.codec_id, FF_COMPLIANCE_NORMAL) == 1,
            let target = avformat_new_stream(output, nil),
            avcodec_parameters_copy(target.pointee.codecpar, sound.pointee.codecpar) >= 0
        else { return false }
        target.pointee.codecpar.pointee.codec_tag = 0
        target.pointee.time_base = sound.pointee.time_base
        self.target = target
        return true
    }

    /// Writes what sounds until `seconds` after the first picture.
    /// - Returns: FFmpeg's status.
    func copy(into output: UnsafeMutablePointer<AVFormatContext>, until seconds: Double) -> Int32 {
        guard let target, let packet, let sound = input?.pointee.streams[Int(track)] else { return 0 }
        let unit = av_q2d(sound.pointee.time_base)
        while let next = nextPacket() {
            let time = next.pointee.dts == sl_no_pts ? next.pointee.pts : next.pointee.dts
            if time != sl_no_pts, Double(time - origin) * unit > seconds { return 0 }
            isWaiting = false
            if packet.pointee.pts != sl_no_pts { packet.pointee.pts -= origin }
            if packet.pointee.dts != sl_no_pts { packet.pointee.dts -= origin }
            av_packet_rescale_ts(packet, sound.pointee.time_base, target.pointee.time_base)
            (packet.pointee.stream_index, packet.pointee.pos) = (target.pointee.index, -1)
            let status = av_interleaved_write_frame(output, packet)
            if status < 0 { return status }
        }
        return 0
    }

    private func nextPacket() -> UnsafeMutablePointer<AVPacket>? {
        guard let packet, !hasEnded else { return nil }
        while !isWaiting {
            av_packet_unref(packet)
            // What is damaged is left out; a file that ends early ends.
            guard av_read_frame(input, packet) >= 0 else {
                hasEnded = true
                return nil
            }
            isWaiting = packet.pointee.stream_index == track
        }
        return packet
    }
}
