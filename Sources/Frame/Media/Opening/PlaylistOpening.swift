import CFFmpeg
import Glibc

/// How FFmpeg opens what a playlist names.
///
/// It hands most of what the list was opened with on to that, but not that certificates are to be verified. And it passes over a segment of
/// a live list that is not there yet: so that is asked for again, for about as long as it would have lasted, and who reads is no later for
/// that.
enum PlaylistOpening {
    private typealias Open =
        @convention(c) (
            UnsafeMutablePointer<AVFormatContext>?, UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>?,
            UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<OpaquePointer?>?
        ) -> Int32

    /// As FFmpeg opens by itself.
    private static let open: Open? = {
        let context = avformat_alloc_context()
        defer { avformat_free_context(context) }
        return context?.pointee.io_open
    }()
    private static let pause: UInt32 = 250_000  // µs
    private static let tries = 9

    /// Holds whatever `context`, to which a call guard is attached, opens from now on to the rules of that.
    static func install(in context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.io_open = { context, input, address, flags, options in
            guard let context, let callGuard = CallGuard.of(context.pointee) else { return -EINVAL }
            let extra = callGuard.verifiesCertificates ? ["tls_verify": "1"] : [:]
            var status = PlaylistOpening.plain(context, input, address, flags, options, adding: extra)
            for _ in 1..<PlaylistOpening.tries where status == sl_error_http_not_found && callGuard.waitsForSegments {
                guard !callGuard.shouldStop else { return sl_error_exit }
                usleep(PlaylistOpening.pause)
                status = PlaylistOpening.plain(context, input, address, flags, options, adding: extra)
            }
            if status < 0 { callGuard.missed(segment: status) }
            return status
        }
    }

    /// FFmpeg takes entries out of the options that it has understood, so each try has its own.
    private static func plain(
        _ context: UnsafeMutablePointer<AVFormatContext>?,
        _ input: UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>?, _ address: UnsafePointer<CChar>?,
        _ flags: Int32, _ options: UnsafeMutablePointer<OpaquePointer?>?, adding extra: [String: String]
    ) -> Int32 {
        var own: OpaquePointer?
        defer { av_dict_free(&own) }
        if let options { av_dict_copy(&own, options.pointee, 0) }
        for (name, value) in extra { av_dict_set(&own, name, value, 0) }
        return withUnsafeMutablePointer(to: &own) { open?(context, input, address, flags, $0) ?? -ENOSYS }
    }
}
