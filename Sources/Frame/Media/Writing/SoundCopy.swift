import CFFmpeg
import Foundation

/// Writes the sound of a file, packet by packet, beside the pictures of another. One thread writes.
///
/// What it is given may be what a stranger made up: labels that no number holds, or that go back, leave their packet out.
final class SoundCopy {
    /// What a track says more of itself is made up.
    private static let largestHead = 1 << 20
    private let source: any SoundSource
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var target: UnsafeMutablePointer<AVStream>?
    private var next: SoundPacket?
    private var hasEnded = false
    /// Of the latest that was written, in the target's unit.
    private var latest: Int64?

    /// In FFmpeg's spelling.
    var codec: String { source.track.codec }

    init(_ source: any SoundSource) {
        self.source = source
        packet = av_packet_alloc()
    }
    deinit { av_packet_free(&packet) }

    /// Adds a track for it to a file whose header is not written yet. Returns false when such files cannot hold it.
    func addTrack(to output: UnsafeMutablePointer<AVFormatContext>) -> Bool {
        let track = source.track, id = AVCodecID(rawValue: track.codecID)
        guard avcodec_get_type(id) == AVMEDIA_TYPE_AUDIO, track.numerator > 0, track.denominator > 0,
            track.head.count <= Self.largestHead,
            avformat_query_codec(output.pointee.oformat, id, FF_COMPLIANCE_NORMAL) == 1,
            let target = avformat_new_stream(output, nil), let coded = target.pointee.codecpar
        else { return false }
        (coded.pointee.codec_type, coded.pointee.codec_id) = (AVMEDIA_TYPE_AUDIO, id)
        (coded.pointee.format, coded.pointee.profile, coded.pointee.level) = (track.format, track.profile, track.level)
        (coded.pointee.sample_rate, coded.pointee.bit_rate) = (track.sampleRate, track.bitRate)
        (coded.pointee.block_align, coded.pointee.frame_size) = (track.blockAlign, track.frameSize)
        (coded.pointee.initial_padding, coded.pointee.trailing_padding) = (track.initialPadding, track.trailingPadding)
        coded.pointee.seek_preroll = track.seekPreroll
        coded.pointee.bits_per_coded_sample = track.bitsPerCodedSample
        coded.pointee.bits_per_raw_sample = track.bitsPerRawSample
        if track.channelMask == 0 || av_channel_layout_from_mask(&coded.pointee.ch_layout, track.channelMask) < 0 {
            (coded.pointee.ch_layout.order, coded.pointee.ch_layout.nb_channels) =
                (AV_CHANNEL_ORDER_UNSPEC, max(0, track.channels))
        }
        if !track.head.isEmpty {
            let room = track.head.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)
            guard let head = av_mallocz(room)?.assumingMemoryBound(to: UInt8.self) else { return false }
            track.head.copyBytes(to: head, count: track.head.count)
            (coded.pointee.extradata, coded.pointee.extradata_size) = (head, Int32(track.head.count))
        }
        target.pointee.time_base = AVRational(num: track.numerator, den: track.denominator)
        self.target = target
        return true
    }

    /// Writes what sounds until `seconds` after the first picture.
    /// - Returns: FFmpeg's status.
    /// - Throws: what ended the process that read the sound.
    func copy(into output: UnsafeMutablePointer<AVFormatContext>, until seconds: Double) throws -> Int32 {
        guard let target, let packet else { return 0 }
        let unit = AVRational(num: source.track.numerator, den: source.track.denominator)
        while let sound = try upcoming() {
            guard let pts = relative(sound.pts), let dts = relative(sound.dts) else {
                next = nil
                continue
            }
            if let time = dts ?? pts, Double(time) * av_q2d(unit) > seconds { return 0 }
            next = nil
            let status = av_new_packet(packet, Int32(sound.bytes.count))
            guard status >= 0 else { return status }
            defer { av_packet_unref(packet) }
            sound.bytes.withUnsafeBufferPointer {
                if let base = $0.baseAddress { packet.pointee.data.update(from: base, count: $0.count) }
            }
            (packet.pointee.pts, packet.pointee.dts) = (pts ?? sl_no_pts, dts ?? sl_no_pts)
            (packet.pointee.duration, packet.pointee.flags) = (max(0, sound.duration), sound.flags)
            av_packet_rescale_ts(packet, unit, target.pointee.time_base)
            if packet.pointee.dts != sl_no_pts {
                if let latest, packet.pointee.dts <= latest { continue }
                latest = packet.pointee.dts
            }
            (packet.pointee.stream_index, packet.pointee.pos) = (target.pointee.index, -1)
            let written = av_interleaved_write_frame(output, packet)
            if written < 0 { return written }
        }
        return 0
    }

    /// After the first picture; `nil` for a label that no number holds. The inner `nil`: there is none.
    private func relative(_ time: Int64?) -> Int64?? {
        guard let time else { return .some(nil) }
        let (difference, isTooLarge) = time.subtractingReportingOverflow(source.track.origin)
        return isTooLarge || difference == sl_no_pts ? nil : .some(difference)
    }
    private func upcoming() throws -> SoundPacket? {
        if next == nil, !hasEnded {
            next = try source.next()
            hasEnded = next == nil
        }
        return next
    }
}
