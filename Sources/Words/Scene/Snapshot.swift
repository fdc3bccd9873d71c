/// How a picture is kept with an event: `image_retain_policy` on the wire.
public struct SnapshotPolicy: Hashable, Sendable {
    public enum MediaType: String, Sendable {
        case jpeg = "JPEG", png = "PNG"

        /// As HTTP has it.
        public var contentType: String { self == .jpeg ? "image/jpeg" : "image/png" }
    }
    public var mediaType: MediaType
    /// `0...1`; without effect on PNG.
    public var quality: Double
    /// Neither side exceeds so many pixels; a smaller frame is never enlarged. 0: no limit.
    public var maximumSize: Int
    /// How long it is stored; `nil`: as all images are.
    public var lifetime: Lifetime?
    public init(
        mediaType: MediaType = .jpeg, quality: Double = 1, maximumSize: Int = 640, lifetime: Lifetime? = nil
    ) {
        (self.mediaType, self.quality, self.maximumSize) = (mediaType, quality, maximumSize)
        self.lifetime = lifetime
    }
}

/// An encoded picture of a whole frame.
public struct Snapshot: Hashable, Sendable {
    public let mediaType: SnapshotPolicy.MediaType
    public let bytes: [UInt8]
    /// How long it is stored; `nil`: as all images are.
    public let lifetime: Lifetime?
    public init(mediaType: SnapshotPolicy.MediaType, bytes: [UInt8], lifetime: Lifetime? = nil) {
        (self.mediaType, self.bytes, self.lifetime) = (mediaType, bytes, lifetime)
    }
}
