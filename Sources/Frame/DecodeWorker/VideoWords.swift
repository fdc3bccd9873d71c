import Frames
import Scene

/// How coded video that is passed on stands in messages: numbers of eight bytes, the lowest first, then bytes.
enum VideoWords {
    private static let longestCodec = 64
    /// Bytes before those of a fragment in its first message: how many there are, when it is decoded, and whether it is a key frame.
    static let fragmentHead = 24
    /// Its own boxes and lengths of units, beyond the packet's bytes.
    static let spareRoom = 1 << 20
    /// Nothing lasts longer than so many nanoseconds, two hundred years.
    private static let longest: Int64 = 1 << 62

    static func bytes(_ numbers: Int64...) -> [UInt8] {
        numbers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    }
    fileprivate static func number(_ index: Int, in bytes: ArraySlice<UInt8>) -> Int64 {
        bytes.dropFirst(8 * index).prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    static func bytes(_ head: VideoHead) -> [UInt8] {
        let codec = Array(head.codec.utf8)
        return bytes(head.origin.nanoseconds, Int64(codec.count)) + codec + head.bytes
    }
    /// - Returns: `nil` for what cannot be one.
    static func head(_ bytes: ArraySlice<UInt8>) -> VideoHead? {
        guard bytes.count >= 16 else { return nil }
        let origin = number(0, in: bytes), count = number(1, in: bytes)
        guard (-longest..<longest).contains(origin), (1...Int64(longestCodec)).contains(count) else { return nil }
        let codec = bytes.dropFirst(16).prefix(Int(count))
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.".utf8)
        guard codec.count == Int(count), codec.allSatisfy(letters.contains) else { return nil }
        return VideoHead(
            codec: String(decoding: codec, as: UTF8.self), bytes: Array(bytes.dropFirst(16 + Int(count))),
            origin: MediaTime(nanoseconds: origin))
    }
    static func bytes(_ fragment: VideoFragment) -> [UInt8] {
        bytes(Int64(fragment.bytes.count), fragment.time.nanoseconds, fragment.isKeyframe ? 1 : 0) + fragment.bytes
    }

    /// Puts a fragment together from messages.
    struct Assembly {
        private var bytes: [UInt8] = []
        private var count = 0
        private var time = MediaTime.zero
        private var isKeyframe = false

        /// Takes the first message of a fragment. Returns false for what cannot be one.
        mutating func begin(_ message: ArraySlice<UInt8>) -> Bool {
            guard count == bytes.count, message.count > fragmentHead else { return false }
            let (size, time) = (number(0, in: message), number(1, in: message))
            guard (1...Int64(VideoFragment.largest + spareRoom)).contains(size), (0..<longest).contains(time) else {
                return false
            }
            (count, self.time) = (Int(size), MediaTime(nanoseconds: time))
            isKeyframe = number(2, in: message) != 0
            bytes = []
            bytes.reserveCapacity(count)
            return add(message.dropFirst(fragmentHead))
        }
        /// Takes a further one. Returns false where none is to follow.
        mutating func add(_ message: ArraySlice<UInt8>) -> Bool {
            guard !message.isEmpty, bytes.count + message.count <= count else { return false }
            bytes += message
            return true
        }
        /// The fragment, once, when all of it has come.
        mutating func take() -> VideoFragment? {
            guard count > 0, bytes.count == count else { return nil }
            defer { (bytes, count) = ([], 0) }
            return VideoFragment(bytes: bytes, isKeyframe: isKeyframe, time: time)
        }
    }
}
