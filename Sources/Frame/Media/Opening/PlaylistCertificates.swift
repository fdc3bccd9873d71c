import CFFmpeg
import Glibc

/// FFmpeg hands most of what a playlist was opened with on to what it opens for it, but not that certificates are to be verified.
enum PlaylistCertificates {
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

    /// Whatever `context` opens from now on is opened only from a server whose certificate is good.
    static func demand(in context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.io_open = { context, input, address, flags, options in
            var own: OpaquePointer?
            defer { av_dict_free(&own) }
            return withUnsafeMutablePointer(to: &own) { own in
                let all = options ?? own
                av_dict_set(all, "tls_verify", "1", 0)
                return PlaylistCertificates.open?(context, input, address, flags, all) ?? -ENOSYS
            }
        }
    }
}
