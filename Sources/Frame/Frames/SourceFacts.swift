public import Scene

/// What a source says of itself, and what was seen of it so far, where it is looked at closely: `SourceSpecification.isSurveyed`.
public struct SourceFacts: Hashable, Codable, Sendable {
    /// Letters that are told of a name, and tracks of a kind.
    package static let longestName = 64, mostTracks = 200

    /// By what its packets come. `tls` is RTSP or RTMP within TLS, `device` a camera of this machine.
    public enum Transport: String, Codable, Sendable, CaseIterable {
        case file, device, http, https, tcp, tls, udp, rtp, srt
    }
    /// A track of sound, which is never decoded here.
    public struct Sound: Hashable, Codable, Sendable {
        /// In FFmpeg's spelling, such as `aac`.
        public var codec: String
        /// Samples a second, and channels; `nil` when not told.
        public var sampleRate, channels: Int?
        public var language: String?
        public init(codec: String, sampleRate: Int?, channels: Int?, language: String?) {
            (self.codec, self.sampleRate, self.channels, self.language) = (codec, sampleRate, channels, language)
        }
    }
    /// A track that is neither sound nor the video that is looked at.
    public struct OtherTrack: Hashable, Codable, Sendable {
        public enum Kind: String, Codable, Sendable, CaseIterable { case video, data, subtitle, attachment, unknown }
        public var kind: Kind
        /// `nil` when nobody knows it.
        public var codec: String?
        public init(_ kind: Kind, codec: String?) { (self.kind, self.codec) = (kind, codec) }
    }

    /// In FFmpeg's spelling, such as `mov,mp4,m4a,3gp,3g2,mj2` or `rtsp`.
    public var container: String
    public var transport: Transport
    /// Of the codec, such as `High`; `nil` when not told.
    public var profile: String?
    /// As the pictures are coded: before proportions and rotation.
    public var storedSize: PixelSize
    /// Width to height of a pixel as told, such as `16:15`; `nil` when not told.
    public var pixelProportions: String?
    /// How the container says that its pictures are to be turned: clockwise, in degrees, after mirroring from left to right.
    public var rotation: Int
    public var isMirrored: Bool
    public var sounds: [Sound] = []
    public var others: [OtherTrack] = []
    public var seen = Sightings()

    public init(
        container: String, transport: Transport, profile: String?, storedSize: PixelSize, pixelProportions: String?,
        rotation: Int, isMirrored: Bool
    ) {
        (self.container, self.transport, self.profile) = (container, transport, profile)
        (self.storedSize, self.pixelProportions) = (storedSize, pixelProportions)
        (self.rotation, self.isMirrored) = (rotation, isMirrored)
    }

    /// What the packets of the video track showed.
    public struct Sightings: Hashable, Codable, Sendable {
        /// What time stamps mean.
        public enum Stamps: String, Codable, Sendable, CaseIterable {
            /// There are none.
            case none
            /// They count from anywhere.
            case relative
            /// A sender report (RTCP) ties them to the camera's clock.
            case cameraClock = "camera_clock"
        }
        public var packets = 0
        /// Frames a second, by the time stamps; by when packets came where a live source has none.
        public var frameRate: Double?
        /// Bits a second.
        public var bitRate: Double?
        public var keyframes = 0
        /// The longest way from one key frame to the next, in frames and in seconds; `nil` before there were two.
        public var keyframeDistance: Int?, keyframeSeconds: Double?
        public var stamps = Stamps.none
        /// Packets without a time stamp, and steps of these backwards or by more than ten seconds.
        public var missingStamps = 0, jumps = 0
        /// By how many seconds the time stamps of a live source got ahead of the server's clock; negative: fell behind.
        public var drift: Double?
        /// By how many seconds the camera's clock is ahead of the server's, what comes being late included.
        public var clockOffset: Double?
        /// Processor time that reading and decoding took so far, in seconds.
        public var processorTime: Double = 0
        public init() {}
    }
}
