import Foundation

/// Pictures as an H.264 encoder leaves them, without a container.
public struct H264Film: Sendable {
    /// Access units in order of decoding, each a list of NAL units without start codes.
    public let pictures: [[[UInt8]]]
    public let sequenceParameters: [UInt8]
    public let pictureParameters: [UInt8]

    /// - Parameter annexB: a byte stream with start codes, one slice a picture and no access unit delimiters.
    /// - Returns: `nil` when parameter sets or pictures are missing.
    public init?(annexB: [UInt8]) {
        var pictures: [[[UInt8]]] = [], waiting: [[UInt8]] = []
        var sequence: [UInt8]?, parameters: [UInt8]?
        for unit in Self.units(of: annexB) {
            waiting.append(unit)
            switch unit[0] & 31 {
            case 7: sequence = sequence ?? unit
            case 8: parameters = parameters ?? unit
            case 1, 5:
                pictures.append(waiting)
                waiting = []
            default: break
            }
        }
        guard let sequence, let parameters, !pictures.isEmpty else { return nil }
        (self.pictures, sequenceParameters, pictureParameters) = (pictures, sequence, parameters)
    }

    /// Source: ITU-T H.264 annex B.
    private static func units(of bytes: [UInt8]) -> [[UInt8]] {
        var starts: [Int] = []
        var index = 0
        while index + 3 <= bytes.count {
            if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                starts.append(index + 3)
                index += 3
            } else {
                index += 1
            }
        }
        return starts.indices.compactMap { position in
            var end = position + 1 < starts.count ? starts[position + 1] - 3 : bytes.count
            while end > starts[position], bytes[end - 1] == 0 { end -= 1 }
            return end > starts[position] ? Array(bytes[starts[position]..<end]) : nil
        }
    }
}

/// Makes RTP packets and sender reports of one stream of pictures.
/// Sources: RFC 3550 §5.1, §6.4.1; RFC 6184 §5.6, §5.8.
struct Packetizer {
    private static let payloadLimit = 1400
    private static let synchronizationSource: UInt32 = 0x5157_4c47
    /// Seconds from 1900, where NTP begins, to 1970.
    private static let secondsBefore1970 = 2_208_988_800.0

    private var sequence: UInt16
    private var packets: UInt32 = 0, octets: UInt32 = 0

    init(firstSequence: UInt16) { sequence = firstSequence }

    mutating func packets(of picture: [[UInt8]], timestamp: UInt32) -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for unit in picture {
            guard unit.count > Self.payloadLimit else {
                payloads.append(unit)
                continue
            }
            // FU-A: the unit's head is spread over an indicator and a header.
            let body = unit.dropFirst()
            var start = body.startIndex
            while start < body.endIndex {
                let end = min(start + Self.payloadLimit, body.endIndex)
                let marks: UInt8 = (start == body.startIndex ? 0x80 : 0) | (end == body.endIndex ? 0x40 : 0)
                payloads.append([unit[0] & 0xe0 | 28, marks | unit[0] & 31] + body[start..<end])
                start = end
            }
        }
        return payloads.enumerated().map { index, payload in
            defer { sequence &+= 1 }
            packets &+= 1
            octets &+= UInt32(payload.count)
            let mark: UInt8 = index == payloads.count - 1 ? 0x80 : 0
            return [0x80, mark | 96] + Self.bytes(sequence) + Self.bytes(timestamp)
                + Self.bytes(Self.synchronizationSource) + payload
        }
    }

    /// A sender report: the picture of `timestamp` was taken at `time`.
    func report(timestamp: UInt32, time: Date) -> [UInt8] {
        let seconds = time.timeIntervalSince1970 + Self.secondsBefore1970
        let whole = seconds.rounded(.down)
        return [0x80, 200, 0, 6] + Self.bytes(Self.synchronizationSource) + Self.bytes(UInt32(whole))
            + Self.bytes(UInt32((seconds - whole) * 4_294_967_296)) + Self.bytes(timestamp) + Self.bytes(packets)
            + Self.bytes(octets)
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
