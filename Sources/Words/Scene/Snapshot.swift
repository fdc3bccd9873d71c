/// How a picture is kept with an event: `image_retain_policy` on the wire.
public struct SnapshotPolicy: Hashable, Sendable {
    public enum MediaType: String, Sendable { case jpeg = "JPEG", png = "PNG" }
    public var mediaType: MediaType
    /// `0...1`; without effect on PNG.
    public var quality: Double
    /// Neither side exceeds so many pixels; a smaller frame is never enlarged. 0: no limit.
    public var maximumSize: Int
    public init(mediaType: MediaType = .jpeg, quality: Double = 1, maximumSize: Int = 640) {
        (self.mediaType, self.quality, self.maximumSize) = (mediaType, quality, maximumSize)
    }
}

/// An encoded picture of a whole frame.
public struct Snapshot: Hashable, Sendable {
    public let mediaType: SnapshotPolicy.MediaType
    public let bytes: [UInt8]
    public init(mediaType: SnapshotPolicy.MediaType, bytes: [UInt8]) {
        (self.mediaType, self.bytes) = (mediaType, bytes)
    }
}
