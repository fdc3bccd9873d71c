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

    /// Whatever `context` opens from now on is opened only from a server whose certificate is good.
    static func demandCertificates(in context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.io_open = { context, input, address, flags, options in
            PlaylistOpening.verified(context, input, address, flags, options)
        }
    }
    /// Whatever `context` opens from now on may come a little late.
    static func waitForSegments(in context: UnsafeMutablePointer<AVFormatContext>, verifies: Bool) {
        if verifies {
            context.pointee.io_open = { context, input, address, flags, options in
                PlaylistOpening.patiently(context) {
                    PlaylistOpening.verified(context, input, address, flags, options)
                }
            }
        } else {
            context.pointee.io_open = { context, input, address, flags, options in
                PlaylistOpening.patiently(context) {
                    PlaylistOpening.plain(context, input, address, flags, options)
                }
            }
        }
    }

    private static func patiently(_ context: UnsafeMutablePointer<AVFormatContext>?, _ open: () -> Int32) -> Int32 {
        var status = open()
        for _ in 1..<tries where status == sl_error_http_not_found {
            let callback = context?.pointee.interrupt_callback
            guard callback?.callback?(callback?.opaque) != 1 else { return sl_error_exit }
            usleep(pause)
            status = open()
        }
        return status
    }

    /// FFmpeg takes entries out of the options that it has understood, so each try has its own.
    private static func plain(
        _ context: UnsafeMutablePointer<AVFormatContext>?,
        _ input: UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>?, _ address: UnsafePointer<CChar>?,
        _ flags: Int32, _ options: UnsafeMutablePointer<OpaquePointer?>?, adding extra: [String: String] = [:]
    ) -> Int32 {
        var own: OpaquePointer?
        defer { av_dict_free(&own) }
        if let options { av_dict_copy(&own, options.pointee, 0) }
        for (name, value) in extra { av_dict_set(&own, name, value, 0) }
        return withUnsafeMutablePointer(to: &own) { open?(context, input, address, flags, $0) ?? -ENOSYS }
    }
    private static func verified(
        _ context: UnsafeMutablePointer<AVFormatContext>?,
        _ input: UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>?, _ address: UnsafePointer<CChar>?,
        _ flags: Int32, _ options: UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32 { plain(context, input, address, flags, options, adding: ["tls_verify": "1"]) }
}
