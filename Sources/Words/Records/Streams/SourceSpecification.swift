/// Where a stream's pictures come from: `data` on the wire.
public struct SourceSpecification: Hashable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable {
        /// Live: a slow consumer loses the oldest frames.
        case stream
        /// Lossless, as fast as it can be processed.
        case file = "videofile"
    }
    public enum TimestampSource: String, Codable, Sendable, CaseIterable {
        case auto, pts, server
        case frameRate = "frame_rate"
    }
    public var kind: Kind
    /// A URL or a path. May hold a password: show it only through `Redaction`.
    public var reference: String
    /// Who asks, where the reference is an address that does not say it.
    public var authorization: SourceAuthorization?
    /// Whether to fetch the reference by HTTP GET before processing it.
    public var isDownloadable: Bool
    public var timestampSource: TimestampSource
    /// Clockwise rotation of the picture in degrees before anything sees it: 0, 90, 180 or 270.
    public var rotation: Int
    /// Added to every `pts`, in seconds; at least 0.
    public var startTime: Double
    /// Bytes of a download at most, where that is less than the settings allow.
    public var maximumBytes: Int?
    /// Whether it ends with a failure where it is damaged, instead of going on behind the damage.
    public var endsAtDamage = false
    /// Whether a live list of segments was read there before: one that has an end is what is left of it.
    public var continuesLiveList = false
    /// Whether it is told what tracks it has and how its packets come, sound and data included: for a short look, since a camera is asked to
    /// send all of that.
    public var isSurveyed = false

    public init(
        kind: Kind, reference: String, isDownloadable: Bool = false, timestampSource: TimestampSource = .auto,
        rotation: Int = 0, startTime: Double = 0
    ) {
        (self.kind, self.reference, self.isDownloadable) = (kind, reference, isDownloadable)
        (self.timestampSource, self.rotation, self.startTime) = (timestampSource, rotation, startTime)
    }
}
