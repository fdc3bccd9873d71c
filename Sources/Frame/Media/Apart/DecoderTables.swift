import CFFmpeg

/// What decoders compute when they are first used, for as long as the process lives.
package enum DecoderTables {
    /// Computes it for the decoders that sources may be decoded with, so that processes forked from this one share it.
    package static func warm() {
        FFmpegLog.prepare()
        // None of them is told what it is to decode, and they say so.
        let level = av_log_get_level()
        av_log_set_level(AV_LOG_QUIET)
        defer { av_log_set_level(level) }
        for name in MediaConfiguration().decoders {
            guard let codec = avcodec_find_decoder_by_name(name), let context = avcodec_alloc_context3(codec) else {
                continue
            }
            context.pointee.thread_count = 1
            (context.pointee.width, context.pointee.height) = (64, 64)
            _ = avcodec_open2(context, codec, nil)
            var done: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&done)
        }
    }
}
