/// One coded picture as a fragment of an MP4.
/// Source: ISO/IEC 14496-12 §8.8.4 to §8.8.12, §8.16.3; W3C, "ISO BMFF Byte Stream Format", §3.
struct MovieFragment {
    /// Of the fragment among those behind one head, from 1.
    var number: UInt32
    /// In ticks of `MovieHead.timescale`: when it is decoded, how long it is shown, and how much later than it is decoded.
    var decodeTime: UInt64
    var duration: UInt32
    var delay: Int32
    var isKeyframe: Bool
    /// NAL units, each behind its length.
    var payload: [UInt8]

    private static let headCount = 112

    /// `moof` and `mdat`.
    var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(Self.headCount + payload.count)
        output.add(UInt32(Self.headCount - 8), "moof")
        output.add(16, "mfhd")
        output.add(UInt32(0), number)
        output.add(80, "traf")
        // The only track; places are counted from the `moof`.
        output.add(16, "tfhd")
        output.add(0x02_0000, UInt32(1))
        output.add(20, "tfdt")
        output.add(
            UInt32(1 << 24), UInt32(truncatingIfNeeded: decodeTime >> 32), UInt32(truncatingIfNeeded: decodeTime))
        // Version 1: delays may be negative. It tells of one sample, where its bytes begin, and all of it.
        output.add(36, "trun")
        output.add(UInt32(1 << 24 | 0xf01), UInt32(1), UInt32(Self.headCount))
        // Depends on no other; depends on others and is no place to begin at.
        let flags: UInt32 = isKeyframe ? 0x0200_0000 : 0x0101_0000
        output.add(duration, UInt32(payload.count), flags, UInt32(bitPattern: delay))
        output.add(UInt32(8 + payload.count), "mdat")
        output += payload
        return output
    }
}

extension [UInt8] {
    fileprivate mutating func add(_ numbers: UInt32...) {
        for number in numbers { Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) } }
    }
    fileprivate mutating func add(_ size: UInt32, _ name: String) {
        add(size)
        append(contentsOf: name.utf8)
    }
}
