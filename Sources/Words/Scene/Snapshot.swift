import Synchronization

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

/// A picture of a frame, or of a part of one. It is encoded when its bytes are first asked for, since most pictures are replaced by
/// better ones before anybody wants them.
public struct Snapshot: Sendable {
    public let mediaType: SnapshotPolicy.MediaType
    /// How long it is stored; `nil`: as all of its kind are.
    public let lifetime: Lifetime?
    private let encoding: Encoding

    /// - Parameter encode: called once, from any thread, unless two ask at the same time.
    public init(
        mediaType: SnapshotPolicy.MediaType, lifetime: Lifetime? = nil, encode: @escaping @Sendable () throws -> [UInt8]
    ) {
        (self.mediaType, self.lifetime) = (mediaType, lifetime)
        encoding = Encoding(.waiting(encode))
    }
    public init(mediaType: SnapshotPolicy.MediaType, bytes: [UInt8], lifetime: Lifetime? = nil) {
        (self.mediaType, self.lifetime) = (mediaType, lifetime)
        encoding = Encoding(.done(.success(bytes)))
    }

    /// The file. The first time it costs a millisecond or so.
    public var bytes: [UInt8] {
        get throws { try encoding.bytes() }
    }

    private final class Encoding: Sendable {
        enum State: Sendable {
            case waiting(@Sendable () throws -> [UInt8])
            case done(Result<[UInt8], any Error>)
        }
        private let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }

        func bytes() throws -> [UInt8] {
            switch state.withLock({ $0 }) {
            case .done(let result): return try result.get()
            case .waiting(let encode):
                let result = Result { try encode() }
                state.withLock { $0 = .done(result) }
                return try result.get()
            }
        }
    }
}
