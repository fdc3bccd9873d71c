public import Records
public import Scene

/// Where frames come from. Implementations: `Media`, and synthetic video in tests.
public protocol FrameSource: AnyObject, Sendable {
    /// The next frame that a consumer wants; `nil` at the end. One caller at a time.
    /// - Throws: a `SourceFailure`.
    func next() async throws -> Frame?
    /// Makes a pending and every later `next()` end soon, also while the source blocks in the network.
    func cancel()
    /// Ends the source with a failure that tells its `silence` when it waits longer than that for the next packet. Its own
    /// deadline for reading bounds it from above. What never waits for a network has no need to do anything.
    func limitSilence(to patience: Duration)
    /// Hands over the coded video as it is read, from the next key frame on, in order; `nil`: nothing more. Of what is no live source, or has
    /// no codec that is passed on, nothing ever comes.
    /// - Parameter watcher: never called before this returns, nor by two threads at once.
    func passVideo(to watcher: (@Sendable (VideoPiece) -> Void)?)
    /// Counts so far. Cheap; may be called from anywhere.
    var statistics: SourceStatistics { get }
    /// What is known of the source once it is open.
    var properties: SourceProperties { get }
}

extension FrameSource {
    public func limitSilence(to patience: Duration) {}
    public func passVideo(to watcher: (@Sendable (VideoPiece) -> Void)?) {}
}

/// Opens sources. Blocking work happens off the cooperative pool.
public protocol FrameSourceOpener: Sendable {
    /// - Parameters:
    ///   - rates: one per analytic, in the stream's order; at most `ConsumerSet.capacity`. Frames nobody wants
    ///     are not delivered.
    ///   - patience: with a server that has not said within that time what it has, the opening fails. `nil`: it has as long as opening
    ///     may take.
    /// - Throws: a `SourceFailure`; `CancellationError` when the calling task was cancelled.
    func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
        -> any FrameSource
}
extension FrameSourceOpener {
    public func open(_ request: SourceSpecification, rates: [Rate]) async throws -> any FrameSource {
        try await open(request, rates: rates, answerWithin: nil)
    }
}

public struct SourceProperties: Hashable, Codable, Sendable {
    /// `whole` has an end, `live` goes on.
    public enum SegmentList: String, Codable, Sendable { case whole, live }
    /// Of its pictures as a player shows them: with square pixels, after rotation.
    public var size: PixelSize
    /// Frames per second as the container says; `nil` when it does not.
    public var frameRate: Double?
    /// Length in seconds; `nil` for live sources and when unknown.
    public var duration: Double?
    /// Frames as the container says, or estimated from length and rate.
    public var frameCount: Int?
    /// The codec's name in FFmpeg's spelling, such as `h264`.
    public var codec: String
    /// How long its server took to say what it has; `nil` for what has no server.
    public var timeToAnswer: Duration?
    /// How an RTSP camera carries its packets: `tcp`, `udp` or `http`; `nil` where that is not known.
    public var transport: String?
    /// Whether it comes in segments of several seconds, between which it is silent; `nil` where it does not.
    public var segments: SegmentList?
    /// Of a source that is surveyed; more is known of it from moment to moment.
    public var facts: SourceFacts?
    public init(size: PixelSize, frameRate: Double?, duration: Double?, frameCount: Int?, codec: String) {
        (self.size, self.frameRate, self.duration, self.frameCount) = (size, frameRate, duration, frameCount)
        self.codec = codec
    }
}

/// Counters of one source, since it was opened.
public struct SourceStatistics: Hashable, Sendable {
    public var framesDecoded = 0
    /// Handed to the pipeline.
    public var framesDelivered = 0
    /// Wanted, but forgotten because the pipeline was slower than a live source.
    public var framesDropped = 0
    /// Decoded, and waiting for the pipeline at this moment.
    public var framesWaiting = 0
    /// Packets or frames that the demuxer or decoder called damaged.
    public var packetsCorrupt = 0
    /// Packets that got lost on their way over UDP, as those after them tell.
    public var packetsLost = 0
    /// Changes of picture size or pixel format in mid-stream.
    public var formatChanges = 0
    /// Memory of the pictures that are held at this moment, and of those that are kept for the next.
    public var pictureBytes = 0
    /// Packets of the video track that came over the network.
    public var packetsRead = 0
    /// How long the source has been waiting for the next packet from the network; `nil` while it does not wait.
    public var silence: Duration?
    /// How long it may wait before the source ends; `nil` for what never waits for a network.
    public var patience: Duration?
    public init() {}

    /// Adds what `other` has counted. What is so at the moment only stays as it is here: frames that wait, memory, silence.
    ///
    /// Sums wrap around: numbers of another process may be any, and must not end this one.
    public mutating func add(countsOf other: Self) {
        framesDecoded &+= other.framesDecoded
        framesDelivered &+= other.framesDelivered
        framesDropped &+= other.framesDropped
        packetsCorrupt &+= other.packetsCorrupt
        packetsLost &+= other.packetsLost
        formatChanges &+= other.formatChanges
        packetsRead &+= other.packetsRead
    }
}

/// Why a source stopped delivering frames, as far as the pipeline cares.
public protocol SourceFailure: Error, CustomStringConvertible {
    /// Whether waiting and opening again may help.
    var isTransient: Bool { get }
    /// For how long nothing had come from the network, where that is what ended the source.
    var silence: Duration? { get }
    /// Whether the source made the process end that decoded it.
    var endedDecoder: Bool { get }
    /// Whether this program or its machine is why, so that nothing is known against the source.
    var isOwnFault: Bool { get }
    /// Whether what came could not be decoded as it ought to, behind a beginning that could.
    var isDamage: Bool { get }
}
extension SourceFailure {
    public var silence: Duration? { nil }
    public var endedDecoder: Bool { false }
    public var isOwnFault: Bool { false }
    public var isDamage: Bool { endedDecoder }
}
