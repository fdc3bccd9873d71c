public import Scene

/// The analytics of one stream that asked for a frame, by the position of their rates when the source was opened.
public struct ConsumerSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// - Parameter index: `0..<64`.
    public init(index: Int) { rawValue = 1 << UInt64(index) }
    /// The most analytics one stream may have.
    public static let capacity = 64
}

/// A decoded picture with its time, shared by all who look at it without copying pixels.
public struct Frame: Sendable {
    public let time: FrameTime
    public let consumers: ConsumerSet
    public let picture: any Picture
    public var size: PixelSize { picture.size }
    public init(time: FrameTime, consumers: ConsumerSet, picture: any Picture) {
        (self.time, self.consumers, self.picture) = (time, consumers, picture)
    }
}

/// A decoded picture whose memory its decoder owns; it lives as long as the last reader holds it. Never written to.
public protocol Picture: AnyObject, Sendable {
    /// As a player shows it: with square pixels, after rotation.
    var size: PixelSize { get }
    /// Scales `region` into packed 8-bit pixels, three bytes each.
    /// - Parameters:
    ///   - region: in pixels of this picture, as it is shown; inside it.
    ///   - target: where the top-left pixel goes and how far apart rows are.
    /// - Throws: a `SourceFailure` when the pixel format cannot be converted.
    func draw(_ region: PixelRect, to target: PixelTarget) throws
    /// What its samples mean, if they are 8-bit planes of 4:2:0 that show the picture as it is; `nil` otherwise: it can only be drawn.
    var planarForm: PlanarForm? { get }
    /// Copies these planes, in which nothing is scaled and nothing rounded.
    /// - Parameter target: of this picture's size.
    func copyPlanes(to target: PlanarTarget) throws
    /// A picture of its own, which outlives this one; its pixels are copied, and encoded when somebody asks for them.
    /// - Parameters:
    ///   - region: inside this picture, as it is shown; `nil`: all of it.
    ///   - retouched: called once, before it returns, with the pixels that are kept; what it makes of them is the picture. What shows
    ///     `region` is as large as the policy wants it.
    /// - Throws: a `SourceFailure` when the pixel format cannot be converted.
    func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) throws -> Snapshot
    /// The aligned face, `FaceWarp.side` pixels a side, as a picture of its own likewise.
    /// - Parameter shown: what is drawn: this picture, or one that covers it.
    func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot
    /// A few samples of its brightness, read in microseconds; `nil` where that is not possible.
    var luma: LumaGrid? { get }
}

extension Picture {
    public func snapshot(_ policy: SnapshotPolicy, of region: PixelRect? = nil) throws -> Snapshot {
        try snapshot(policy, of: region, retouched: nil)
    }
    public func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp) throws -> Snapshot {
        try snapshot(policy, aligned: warp, of: self)
    }
    public var luma: LumaGrid? { nil }
}

/// A rectangle of writable packed pixels inside a larger tensor.
public struct PixelTarget {
    public enum Order: String, Sendable { case bgr, rgb }
    public let base: UnsafeMutablePointer<UInt8>
    public let bytesPerRow: Int
    public let size: PixelSize
    public let order: Order
    public init(base: UnsafeMutablePointer<UInt8>, bytesPerRow: Int, size: PixelSize, order: Order) {
        (self.base, self.bytesPerRow, self.size, self.order) = (base, bytesPerRow, size, order)
    }
}
