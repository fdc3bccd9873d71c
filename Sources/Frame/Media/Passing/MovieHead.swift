import CFFmpeg

/// The beginning of a fragmented MP4 with one track of video: what FFmpeg's muxer writes before the first picture.
struct MovieHead {
    /// Ticks of a second, in which the fragments count.
    static let timescale: Int32 = 90_000
    static let timeBase = AVRational(num: 1, den: timescale)

    let bytes: [UInt8]
    /// As RFC 6381 §3.4 and ISO/IEC 14496-15 annex E have it.
    let codec: String

    /// - Parameter extradata: parameter sets as a byte stream, or as a record of ISO/IEC 14496-15.
    /// - Returns: `nil` when they are none that the codec can have.
    init?(_ parameters: UnsafePointer<AVCodecParameters>, extradata: [UInt8]) {
        guard let codec = PassedCodec(parameters.pointee.codec_id),
            let bytes = Self.write(parameters, extradata: extradata), let name = Self.name(codec, in: bytes)
        else { return nil }
        (self.bytes, self.codec) = (bytes, name)
    }

    private static func write(
        _ parameters: UnsafePointer<AVCodecParameters>, extradata: [UInt8]
    ) -> [UInt8]? {
        var output: UnsafeMutablePointer<AVFormatContext>?
        guard avformat_alloc_output_context2(&output, nil, "mp4", nil) >= 0, let output else { return nil }
        var buffer: UnsafeMutablePointer<UInt8>?
        defer {
            if output.pointee.pb != nil { avio_close_dyn_buf(output.pointee.pb, &buffer) }
            av_free(buffer)
            output.pointee.pb = nil
            avformat_free_context(output)
        }
        // The same parameters make the same bytes: no name of the program, no time of day.
        output.pointee.flags |= AVFMT_FLAG_BITEXACT
        guard let stream = avformat_new_stream(output, nil), let coded = stream.pointee.codecpar,
            avcodec_parameters_copy(coded, parameters) >= 0, replaceExtradata(of: coded, with: extradata)
        else { return nil }
        // `hvc1` says that all parameter sets are in the head; browsers know `avc1` and `hvc1`.
        coded.pointee.codec_tag = parameters.pointee.codec_id == AV_CODEC_ID_HEVC ? fourCC("hvc1") : fourCC("avc1")
        stream.pointee.time_base = timeBase
        var options = FFmpegOptions([
            "movflags": "empty_moov+default_base_moof+frag_custom", "video_track_timescale": "\(timescale)",
        ])
        guard avio_open_dyn_buf(&output.pointee.pb) >= 0,
            options.withPointer({ avformat_write_header(output, $0) }) >= 0
        else { return nil }
        let count = avio_close_dyn_buf(output.pointee.pb, &buffer)
        output.pointee.pb = nil
        return buffer.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) }
    }
    private static func replaceExtradata(of coded: UnsafeMutablePointer<AVCodecParameters>, with bytes: [UInt8]) -> Bool
    {
        av_freep(&coded.pointee.extradata)
        coded.pointee.extradata_size = 0
        let room = bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let head = av_mallocz(room)?.assumingMemoryBound(to: UInt8.self) else { return false }
        head.update(from: bytes, count: bytes.count)
        (coded.pointee.extradata, coded.pointee.extradata_size) = (head, Int32(bytes.count))
        return true
    }
    private static func fourCC(_ letters: String) -> UInt32 {
        letters.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: The codec's name

    private static func name(_ codec: PassedCodec, in bytes: [UInt8]) -> String? {
        switch codec {
        case .h264:
            // Version, profile, compatibility, level.
            guard let record = record("avcC", in: bytes, count: 4) else { return nil }
            return "avc1." + record.dropFirst().map { ($0 < 16 ? "0" : "") + hex($0).lowercased() }.joined()
        case .h265:
            guard let record = record("hvcC", in: bytes, count: 13) else { return nil }
            let space = ["", "A", "B", "C"][Int(record[1] >> 6)], tier = record[1] & 0x20 == 0 ? "L" : "H"
            // Bit 31 of the flags is that of profile 0, so they are read from the end.
            var flags: UInt32 = 0
            for byte in record[2..<6].reversed() {
                for bit in 0..<8 { flags = flags << 1 | UInt32(byte >> UInt8(bit) & 1) }
            }
            var name = "hvc1.\(space)\(record[1] & 31).\(hex(flags)).\(tier)\(record[12])"
            let constraints = record[6..<12].reversed().drop { $0 == 0 }.reversed()
            for byte in constraints { name += ".\(hex(byte))" }
            return name
        }
    }
    private static func hex(_ number: some BinaryInteger) -> String { String(number, radix: 16, uppercase: true) }
    /// The first bytes of what stands in the box of that name.
    private static func record(_ name: String, in bytes: [UInt8], count: Int) -> [UInt8]? {
        let name = Array(name.utf8)
        for place in bytes.indices.dropLast(name.count + count) where bytes[place] == name[0] {
            if bytes[place..<place + name.count].elementsEqual(name) {
                return Array(bytes[place + name.count..<place + name.count + count])
            }
        }
        return nil
    }
}
