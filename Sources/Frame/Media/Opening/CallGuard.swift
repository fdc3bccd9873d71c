import CFFmpeg
import Glibc

/// What FFmpeg asks back, and what it says, while it opens and reads one source. Belongs to the source's thread.
final class CallGuard {
    private let interrupt: Interrupt
    /// Being opened over RTSP. FFmpeg follows a server that sends it elsewhere, and asks nobody about the new address.
    /// But it asks us here while it connects to the first, whose protocols it has checked by then: from that moment on no
    /// further connection may be made, so that it looks up no name either.
    var context: UnsafeMutablePointer<AVFormatContext>?
    private(set) var isConnecting = false
    /// What is being opened, until it is or has failed.
    private var opened: UnsafeMutablePointer<AVFormatContext>?
    /// There are as many tracks as there may be, and FFmpeg had something to say: that it may add no more.
    ///
    /// What it returns then is that it has no memory, as it does of a block that is too large; and what could be counted has been
    /// freed by then.
    private(set) var hasAllTracks = false

    /// Packets within RTP that FFmpeg said it had missed; it counts them nowhere.
    private(set) var packetsLost = 0

    private let begin = ContinuousClock.now
    private let answerDeadline: Duration?
    /// How long the server took to say what it has, as far as FFmpeg has asked since.
    private(set) var timeToAnswer: Duration?
    /// It did not say so in time, and the opening was ended for that.
    private(set) var isUnanswered = false

    /// A live playlist counts its segments anew, as one does whose server was started again. FFmpeg would wait until it has come to where
    /// the old one was.
    private(set) var hasBegunAnew = false
    /// How FFmpeg says so.
    private static let newCount = "Media sequence changed unexpectedly"

    /// Whether a segment of a playlist that is not there yet is waited for, and whether servers must show certificates that are good.
    let waitsForSegments, verifiesCertificates: Bool
    /// Why the latest segment could not be opened that could not.
    private(set) var missedSegment: FFmpegStatus?

    init(
        _ interrupt: Interrupt, answerDeadline: Duration? = nil, waitsForSegments: Bool = false,
        verifiesCertificates: Bool = false
    ) {
        (self.interrupt, self.answerDeadline) = (interrupt, answerDeadline)
        (self.waitsForSegments, self.verifiesCertificates) = (waitsForSegments, verifiesCertificates)
    }
    func missed(segment status: Int32) { missedSegment = FFmpegStatus(rawValue: status) }

    /// `context` may be used while this value lives.
    func attach(to context: UnsafeMutablePointer<AVFormatContext>) {
        opened = context
        context.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.interrupt_callback.callback = Self.ask
    }
    /// That is attached to `context`.
    static func of(_ context: AVFormatContext) -> CallGuard? {
        context.interrupt_callback.opaque.map { Unmanaged<CallGuard>.fromOpaque($0).takeUnretainedValue() }
    }
    private static let ask: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { opaque in
        Unmanaged<CallGuard>.fromOpaque(opaque!).takeUnretainedValue().shouldStop ? 1 : 0
    }

    var shouldStop: Bool {
        if let context, !isConnecting {
            isConnecting = true
            av_freep(&context.pointee.protocol_whitelist)
            context.pointee.protocol_whitelist = av_strdup("rtp,udp")
        }
        if timeToAnswer == nil, let opened {
            let waited = ContinuousClock.now - begin
            if opened.pointee.nb_streams > 0 || opened.pointee.pb != nil {
                timeToAnswer = waited
            } else if let answerDeadline, waited > answerDeadline {
                isUnanswered = true
            }
        }
        return isUnanswered || hasBegunAnew || interrupt.shouldStop
    }

    /// What was being opened is open, or has been freed.
    func endOpening(_ isOpen: Bool) {
        (context, opened) = (nil, nil)
        if isOpen, timeToAnswer == nil { timeToAnswer = ContinuousClock.now - begin }
    }

    /// FFmpeg says something.
    /// - Parameters:
    ///   - speaker: what its log calls the context: anything that begins with its class.
    ///   - format: of its words.
    ///   - words: what it says; asked for where it matters.
    /// - Returns: whether it is counted here, and nobody need read it.
    static func hear(
        _ speaker: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>, words: () -> String
    ) -> Bool {
        guard let speaker, speaker.load(as: UnsafePointer<AVClass>?.self) == avformat_get_class() else { return false }
        let context = speaker.assumingMemoryBound(to: AVFormatContext.self).pointee
        guard context.iformat != nil, let callGuard = of(context) else { return false }
        if context.nb_streams >= context.max_streams { callGuard.hasAllTracks = true }
        if strncmp(format, newCount, newCount.utf8.count) == 0 { callGuard.hasBegunAnew = true }
        guard strcmp(format, missed) == 0 else { return false }
        // Of sequence numbers, which have 16 bits.
        callGuard.packetsLost += words().split(separator: " ").lazy.compactMap { Int($0) }.first.map { max(0, $0) } ?? 0
        return true
    }
    private static let missed = "RTP: missed %d packets\n"
}
