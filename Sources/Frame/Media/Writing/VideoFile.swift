import CFFmpeg

/// The file that packets of a video are written to, with the sound of another. One thread writes. Dropped before `finish()`, it leaves a
/// file without an index, which no player opens.
final class VideoFile {
    private var output: UnsafeMutablePointer<AVFormatContext>?
    private var soundCopy: SoundCopy?
    private(set) var sound = VideoWriter.Sound.none

    /// Opens the file, with a track for pictures.
    /// - Parameter source: the sound that is copied, of a file whose pictures begin with the first frame.
    /// - Throws: `MediaError.cannotWriteVideo`.
    init(path: String, _ container: VideoWriter.Container, sound source: (any SoundSource)?) throws(MediaError) {
        FFmpegLog.prepare()
        try checkWriting(avformat_alloc_output_context2(&output, nil, container.rawValue, path))
        // The same frames make the same file: no ids by chance.
        output!.pointee.flags |= AVFMT_FLAG_BITEXACT
        guard avformat_new_stream(output, nil) != nil else { throw .cannotWriteVideo("it has no track") }
        if let source, let output {
            let copy = SoundCopy(source)
            if copy.addTrack(to: output) {
                (soundCopy, sound) = (copy, .kept(codec: copy.codec))
            } else {
                sound = .left(codec: copy.codec)
            }
        }
        try checkWriting(avio_open(&output!.pointee.pb, "file:" + path, AVIO_FLAG_WRITE))
    }
    deinit {
        guard let output else { return }
        avio_closep(&output.pointee.pb)
        avformat_free_context(output)
    }

    /// Whether what all packets have in common stands at its head.
    static func hasGlobalHeader(_ container: VideoWriter.Container) -> Bool {
        guard let format = av_guess_format(container.rawValue, nil, nil) else { return false }
        return format.pointee.flags & AVFMT_GLOBALHEADER != 0
    }

    /// Begins it, for what `encoder` says that it makes.
    func begin(_ encoder: UnsafeMutablePointer<AVCodecContext>) throws(MediaError) {
        guard let stream = output!.pointee.streams[0] else { return }
        try checkWriting(avcodec_parameters_from_context(stream.pointee.codecpar, encoder))
        stream.pointee.time_base = encoder.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.pointee.framerate
        try checkWriting(avformat_write_header(output, nil))
    }

    /// Writes a packet in units of the clock, and what sounds until then.
    /// - Throws: `MediaError`, and what reading the sound throws.
    func write(_ packet: UnsafeMutablePointer<AVPacket>) throws {
        guard let output, let stream = output.pointee.streams[0] else { return }
        av_packet_rescale_ts(packet, VideoClock.timeBase, stream.pointee.time_base)
        packet.pointee.stream_index = 0
        let seconds = Double(packet.pointee.pts) * av_q2d(stream.pointee.time_base)
        try checkWriting(av_interleaved_write_frame(output, packet))
        if let soundCopy { try checkWriting(try soundCopy.copy(into: output, until: seconds)) }
    }
    /// Writes the rest of the sound, and the index.
    /// - Throws: `MediaError`, and what reading the sound throws.
    func finish() throws {
        guard let output else { return }
        if let soundCopy { try checkWriting(try soundCopy.copy(into: output, until: .infinity)) }
        try checkWriting(av_write_trailer(output))
        try checkWriting(avio_closep(&output.pointee.pb))
    }
}
