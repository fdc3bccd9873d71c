public import Scene

/// A source's coded video as it is passed on: fragmented MP4 (ISO/IEC 14496-12 §8.8) of one track, nothing of it decoded.
public enum VideoPiece: Hashable, Sendable {
    /// Comes before the fragments that are to be understood by it: what came before is over.
    case head(VideoHead)
    case fragment(VideoFragment)

    public var bytes: [UInt8] {
        switch self {
        case .head(let head): head.bytes
        case .fragment(let fragment): fragment.bytes
        }
    }
}

/// What a player has to know before the first fragment.
public struct VideoHead: Hashable, Sendable {
    /// In the words of RFC 6381, such as `avc1.64001f`.
    public let codec: String
    /// The file's beginning: `ftyp` and `moov`.
    public let bytes: [UInt8]
    /// Where the fragments' time begins, on the clock of `FrameTime.label`.
    public let origin: MediaTime

    public init(codec: String, bytes: [UInt8], origin: MediaTime) {
        (self.codec, self.bytes, self.origin) = (codec, bytes, origin)
    }

    /// When the frame of `time` is shown, in seconds on the fragments' time; `nil` where it has no label.
    public func seconds(of time: FrameTime) -> Double? {
        time.label.map { Double($0.nanoseconds) / 1e9 - Double(origin.nanoseconds) / 1e9 }
    }
}

/// One packet: a `moof` and its `mdat`.
public struct VideoFragment: Hashable, Sendable {
    /// No packet that is passed on has more bytes.
    public static let largest = 8 << 20
    public let bytes: [UInt8]
    /// Whether a player may begin with it.
    public let isKeyframe: Bool
    /// When it is decoded, since the head's `origin`.
    public let time: MediaTime

    public init(bytes: [UInt8], isKeyframe: Bool, time: MediaTime) {
        (self.bytes, self.isKeyframe, self.time) = (bytes, isKeyframe, time)
    }
}
