import Foundation

/// The checksum that storage protocols ask for (RFC 1321). It protects nothing.
public struct MD5: Sendable {
    private var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
    private var rest: [UInt8] = []
    private var count: UInt64 = 0
    public init() {}
    /// Of all of `bytes`.
    public init(of bytes: some Collection<UInt8>) { add(bytes) }

    public mutating func add(_ bytes: some Collection<UInt8>) {
        count &+= UInt64(bytes.count)
        rest += bytes
        let whole = rest.count / 64 * 64
        guard whole > 0 else { return }
        rest.withUnsafeBufferPointer {
            for start in stride(from: 0, to: whole, by: 64) { take($0.baseAddress! + start) }
        }
        rest.removeFirst(whole)
    }
    /// 16 bytes.
    public var digest: [UInt8] {
        var last = self
        let bits = last.count &* 8
        last.add([0x80] + [UInt8](repeating: 0, count: (119 - last.rest.count) % 64))
        last.add((0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
        return [last.state.0, last.state.1, last.state.2, last.state.3].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
    }
    public var base64: String { Data(digest).base64EncodedString() }
    /// 32 hexadecimal digits.
    public var text: String { digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    private mutating func take(_ block: UnsafePointer<UInt8>) {
        var (a, b, c, d) = state
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { words in
            for index in 0..<16 {
                let byte = block + 4 * index
                words[index] =
                    UInt32(byte[0]) | UInt32(byte[1]) << 8 | UInt32(byte[2]) << 16 | UInt32(byte[3]) << 24
            }
            Self.constants.withUnsafeBufferPointer { constants in
                for round in 0..<64 {
                    let mixed: UInt32, index: Int
                    switch round >> 4 {
                    case 0: (mixed, index) = ((b & c) | (~b & d), round)
                    case 1: (mixed, index) = ((d & b) | (~d & c), (5 * round + 1) & 15)
                    case 2: (mixed, index) = (b ^ c ^ d, (3 * round + 5) & 15)
                    default: (mixed, index) = (c ^ (b | ~d), (7 * round) & 15)
                    }
                    let sum = a &+ mixed &+ constants[round] &+ words[index]
                    let turn = Self.turns[(round >> 4) * 4 + (round & 3)]
                    (a, d, c, b) = (d, c, b, b &+ (sum << turn | sum >> (32 - turn)))
                }
            }
        }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
    }
    private static let turns: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    private static let constants = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }
}
