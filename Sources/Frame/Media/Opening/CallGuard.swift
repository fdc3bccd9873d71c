import CFFmpeg

/// What FFmpeg asks back, and what it says, while it opens and reads one source. Belongs to the source's thread.
final class CallGuard {
    private let interrupt: Interrupt
    /// Being opened over RTSP. FFmpeg follows a server that sends it elsewhere, and asks nobody about the new address.
    /// But it asks us here while it connects to the first, whose protocols it has checked by then: from that moment on no
    /// further connection may be made, so that it looks up no name either.
    var context: UnsafeMutablePointer<AVFormatContext>?
    private(set) var isConnecting = false
    /// There are as many tracks as there may be, and FFmpeg had something to say: that it may add no more.
    ///
    /// What it returns then is that it has no memory, as it does of a block that is too large; and what could be counted has been
    /// freed by then.
    private(set) var hasAllTracks = false

    init(_ interrupt: Interrupt) { self.interrupt = interrupt }

    /// `context` may be used while this value lives.
    func attach(to context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.interrupt_callback.callback = Self.ask
    }
    private static let ask: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { opaque in
        Unmanaged<CallGuard>.fromOpaque(opaque!).takeUnretainedValue().shouldStop ? 1 : 0
    }

    private var shouldStop: Bool {
        if let context, !isConnecting {
            isConnecting = true
            av_freep(&context.pointee.protocol_whitelist)
            context.pointee.protocol_whitelist = av_strdup("rtp,udp")
        }
        return interrupt.shouldStop
    }

    /// FFmpeg says something.
    /// - Parameter speaker: what its log calls the context: anything that begins with its class.
    static func hear(_ speaker: UnsafeMutableRawPointer?) {
        guard let speaker, speaker.load(as: UnsafePointer<AVClass>?.self) == avformat_get_class() else { return }
        let context = speaker.assumingMemoryBound(to: AVFormatContext.self).pointee
        guard context.iformat != nil, context.nb_streams >= context.max_streams,
            let opaque = context.interrupt_callback.opaque
        else { return }
        Unmanaged<CallGuard>.fromOpaque(opaque).takeUnretainedValue().hasAllTracks = true
    }
}
