import CFFmpeg
import Glibc

/// The codecs whose packets are passed on as they are.
enum PassedCodec: Hashable {
    case h264, h265

    init?(_ id: AVCodecID) {
        switch id {
        case AV_CODEC_ID_H264: self = .h264
        case AV_CODEC_ID_HEVC: self = .h265
        default: return nil
        }
    }

    /// Of a NAL unit, by its first byte. Sources: ITU-T H.264 §7.3.1; H.265 §7.3.1.2.
    func kind(_ head: UInt8) -> UInt8 { self == .h264 ? head & 31 : head >> 1 & 63 }
    /// Parameter sets of whole sequences and of pictures: a decoder needs one of each. Sources: H.264 table 7-1; H.265 table 7-1.
    var parameterKinds: Set<UInt8> { self == .h264 ? [7, 8] : [32, 33, 34] }
}

/// Coded pictures as a byte stream has them, each NAL unit behind a start code.
/// Source: ITU-T H.264 annex B, H.265 annex B.
enum ByteStream {
    private static let startCode: [UInt8] = [0, 0, 1]
    /// Of a unit that stands behind its length.
    static let lengthSize = 4

    /// Whether bytes are such a stream, not units that each follow their length, or a record of parameters (ISO/IEC 14496-15).
    static func begins(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.starts(with: startCode) || bytes.starts(with: [0] + startCode)
    }

    /// Where the units are, without start codes.
    static func units(of bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        guard let base = bytes.baseAddress else { return [] }
        var units: [Range<Int>] = [], begin: Int?, position = 0
        func close(at end: Int) {
            guard let start = begin else { return }
            var end = end
            while end > start, bytes[end - 1] == 0 { end -= 1 }
            if end > start { units.append(start..<end) }
        }
        while position < bytes.count, let found = memchr(base + position, 1, bytes.count - position) {
            let place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            position = place + 1
            guard place >= 2, bytes[place - 1] == 0, bytes[place - 2] == 0 else { continue }
            close(at: place - 2)
            begin = position
        }
        close(at: bytes.count)
        return units
    }
}

/// What a decoder is told before the first picture.
struct ParameterSets: Hashable {
    /// Without start codes, none twice, in order of their kinds.
    private(set) var units: [[UInt8]] = []
    private var kinds: Set<UInt8> = []
    private let codec: PassedCodec

    init(_ codec: PassedCodec) { self.codec = codec }
    /// Those of a byte stream.
    init(_ codec: PassedCodec, in bytes: UnsafeBufferPointer<UInt8>) {
        self.init(codec)
        for unit in ByteStream.units(of: bytes) where codec.parameterKinds.contains(codec.kind(bytes[unit.lowerBound]))
        {
            add(UnsafeBufferPointer(rebasing: bytes[unit]))
        }
        units.sort { one, other in
            let (kind, otherKind) = (codec.kind(one[0]), codec.kind(other[0]))
            return kind == otherKind ? one.lexicographicallyPrecedes(other) : kind < otherKind
        }
    }
    private mutating func add(_ unit: UnsafeBufferPointer<UInt8>) {
        kinds.insert(codec.kind(unit[0]))
        if !contains(unit) { units.append(Array(unit)) }
    }

    /// Whether there is one of each kind.
    var isWhole: Bool { kinds == codec.parameterKinds }
    func contains(_ unit: UnsafeBufferPointer<UInt8>) -> Bool { units.contains { $0.elementsEqual(unit) } }
    /// As a byte stream.
    var bytes: [UInt8] { units.flatMap { [0, 0, 0, 1] + $0 } }
}
