import CFFmpeg
import Scene

/// Which track is read, and why none is.
extension Demuxer {
    /// Of the variants of one film that is taken which has so many pixels at least, and no more than it must: models look at fewer.
    private static let enoughPixels = 1280 * 720

    /// Each track costs up to a megabyte and a half while FFmpeg looks at it, so too many are refused before.
    func checkTracks() throws(MediaError) {
        guard let context, context.pointee.nb_streams <= configuration.maximumTracks else {
            throw .tooManyTracks(limit: configuration.maximumTracks)
        }
    }

    /// Finds the video to be read, and its decoder.
    func findTrack() throws(MediaError) {
        guard let opened = context else { throw .notVideo }
        let perStream = (0..<Int(opened.pointee.nb_streams)).map { _ -> OpaquePointer? in
            var options: OpaquePointer?
            av_dict_set(&options, "max_pixels", "\(configuration.maximumPixels)", 0)
            return options
        }
        var options = perStream
        let status = options.withUnsafeMutableBufferPointer {
            avformat_find_stream_info(opened, $0.isEmpty ? nil : $0.baseAddress)
        }
        for index in options.indices { av_dict_free(&options[index]) }
        guard status >= 0 else { throw failure(opening: status) }
        try checkTracks()
        if interrupt.shouldStop { throw failure(opening: sl_error_exit) }

        var decoder: UnsafePointer<AVCodec>?
        let index = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, variant(opened), -1, &decoder, 0)
        guard index >= 0, let decoder else { throw withoutDecoder(opened) }
        streamIndex = index
        self.decoder = decoder
        guard stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 else { throw .noVideoTrack }
        guard configuration.decoders.contains(String(cString: decoder.pointee.name)) else {
            throw .unsupportedCodec(codecName)
        }
        let (width, height) = (Int(parameters.pointee.width), Int(parameters.pointee.height))
        guard width * height <= configuration.maximumPixels else {
            throw .tooManyPixels(PixelSize(width: width, height: height), limit: configuration.maximumPixels)
        }
        let perSecond = stream.pointee.avg_frame_rate
        guard perSecond.num <= 0 || perSecond.den <= 0 || av_q2d(perSecond) <= Double(configuration.maximumFrameRate)
        else {
            throw .tooManyFrames(perSecond: Int(av_q2d(perSecond)), limit: configuration.maximumFrameRate)
        }
        for other in 0..<Int(opened.pointee.nb_streams) where Int32(other) != index {
            opened.pointee.streams[other]!.pointee.discard = AVDISCARD_ALL
        }
    }

    /// The track to take of a film that a playlist has in several sizes; -1: whichever is best.
    private func variant(_ context: UnsafeMutablePointer<AVFormatContext>) -> Int32 {
        guard isSegmented else { return -1 }
        let sizes = (0..<Int(context.pointee.nb_streams)).compactMap { index -> (index: Int32, pixels: Int)? in
            let parameters = context.pointee.streams[index]!.pointee.codecpar!.pointee
            let pixels = Int(parameters.width) * Int(parameters.height)
            guard parameters.codec_type == AVMEDIA_TYPE_VIDEO, pixels > 0,
                avcodec_find_decoder(parameters.codec_id) != nil
            else { return nil }
            return (Int32(index), pixels)
        }
        let enough = sizes.filter { $0.pixels >= Self.enoughPixels }.min { $0.pixels < $1.pixels }
        return (enough ?? sizes.max { $0.pixels < $1.pixels })?.index ?? -1
    }

    /// Why no track can be decoded.
    private func withoutDecoder(_ context: UnsafeMutablePointer<AVFormatContext>) -> MediaError {
        for index in 0..<Int(context.pointee.nb_streams) {
            let parameters = context.pointee.streams[index]!.pointee.codecpar!.pointee
            guard parameters.codec_type == AVMEDIA_TYPE_VIDEO else { continue }
            guard parameters.codec_id == AV_CODEC_ID_NONE else {
                return .unsupportedCodec(String(cString: avcodec_get_name(parameters.codec_id)))
            }
            var tag = parameters.codec_tag.littleEndian
            let letters = withUnsafeBytes(of: &tag) { $0.filter { (0x21...0x7e).contains($0) } }
            return .unsupportedCodec(letters.isEmpty ? "an unknown codec" : String(decoding: letters, as: UTF8.self))
        }
        return .noVideoTrack
    }

    /// Why there is nothing to read, by FFmpeg's status.
    func failure(opening status: Int32) -> MediaError {
        if status == sl_error_no_memory {
            return callGuard.hasAllTracks
                ? .tooManyTracks(limit: configuration.maximumTracks) : .tooLarge(limit: configuration.largestBlock)
        }
        if callGuard.isUnanswered { return .openTimedOut(after: configuration.answerDeadline ?? .zero) }
        if interrupt.isOverdue { return missingSegments ?? .openTimedOut(after: configuration.openDeadline) }
        // The list of formats refuses with "invalid data" or, for what it does not name, "invalid argument".
        let isContent = status == sl_error_invalid_data || status == -EINVAL
        switch origin {
        case .file(let input): return input.startsLikeMP4 ? .indexMissing : .notVideo
        case .device: return MediaError(opening: status)
        case .http, .rtmp, .datagrams:
            return isContent ? missingSegments ?? .notVideo : MediaError(opening: status)
        case .rtsp where status == -EPROTONOSUPPORT: return .transportRefused
        // What FFmpeg says when a further connection is not allowed; it says so of nothing else once it is connected.
        case .rtsp: return status == -EINVAL && callGuard.isConnecting ? .redirected : MediaError(opening: status)
        }
    }

    /// What became of a list that was opened and is nothing without its segments; a live one has others in a moment.
    private var missingSegments: MediaError? {
        guard case .http = origin, context == nil else { return nil }
        return callGuard.missedSegment.map { .segmentsMissing($0) }
    }
}
