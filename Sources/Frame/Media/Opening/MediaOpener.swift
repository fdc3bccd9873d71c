import CFFmpeg
public import Frames
public import Records
public import Scene

/// Opens files, HTTP(S), RTSP(S), RTMP(S) and SRT sources, and MPEG-TS that comes to a port, through FFmpeg.
///
/// What a client writes is data: its scheme picks the demuxers and protocols FFmpeg may use, files must lie below the
/// media roots, and every address a connection is made to is checked first.
/// - HTTP(S): all connections, those after a redirect too, pass a `CheckingProxy`.
/// - RTSP(S): the name is resolved once and replaced by the checked address; a redirect ends the opening before anything is
///   looked up or connected to. Packets come over the same connection, except from servers that the operator named.
/// - What a playlist (HLS) over HTTP(S) names is opened over HTTP(S) through the same proxy, and no other way.
/// - RTMP(S): as RTSP, with one connection.
/// - SRT: a thread that connects to the checked address, or listens at it where the operator allows that, and hands packets over.
/// - UDP and RTP: a socket that was bound to an address which was checked.
/// - Other containers that open files or addresses (concat, SDP …) are not among the allowed ones, nor are playlists in files.
public struct MediaOpener: FrameSourceOpener {
    private let configuration: MediaConfiguration
    /// Of all sources that were opened or should have been.
    public let limits = SourceLimitCounts()
    package let transports = RTSPTransports()

    public init(_ configuration: MediaConfiguration = MediaConfiguration()) {
        self.configuration = configuration
        FFmpegLog.prepare()
        av_max_alloc(configuration.largestBlock)
    }

    public func open(
        _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
    ) async throws -> any FrameSource {
        precondition(rates.count <= ConsumerSet.capacity, "more rates than a consumer set holds")
        var configuration = configuration
        if let patience { configuration.answerDeadline = patience }
        let source = MediaSource(
            request, rates: rates, configuration: configuration, limits: limits, transports: transports)
        try await withTaskCancellationHandler {
            try await source.waitUntilOpen()
        } onCancel: {
            source.cancel()
        }
        return source
    }
}
