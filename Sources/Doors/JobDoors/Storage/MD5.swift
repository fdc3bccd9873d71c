import Foundation

/// What tells whether bytes came as they were sent; nothing that anybody relies on to be safe (RFC 1321).
struct MD5: Sendable {
    private static let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    /// `floor(2^32 · |sin(i + 1)|)`
    private static let sines: [UInt32] = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }

    let bytes: [UInt8]
    /// 32 hexadecimal digits.
    var text: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    init(of message: [UInt8]) {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        // The end of the message, filled up, with its length in bits.
        let whole = message.count / 64 * 64
        var end = Array(message[whole...]) + [0x80]
        end += [UInt8](repeating: 0, count: (120 - end.count % 64) % 64)
        withUnsafeBytes(of: (UInt64(message.count) &* 8).littleEndian) { end += $0 }
        message.withUnsafeBytes { memory in
            for start in stride(from: 0, to: whole, by: 64) {
                Self.add(UnsafeRawBufferPointer(rebasing: memory[start..<start + 64]), to: &state)
            }
        }
        end.withUnsafeBytes { memory in
            for start in stride(from: 0, to: memory.count, by: 64) {
                Self.add(UnsafeRawBufferPointer(rebasing: memory[start..<start + 64]), to: &state)
            }
        }
        bytes = state.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    private static func add(_ block: UnsafeRawBufferPointer, to state: inout [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let mixed: UInt32
            let word: Int
            switch step / 16 {
            case 0: (mixed, word) = (b & c | ~b & d, step)
            case 1: (mixed, word) = (d & b | ~d & c, (5 * step + 1) % 16)
            case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
            default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
            }
            let value = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
            let sum = a &+ mixed &+ sines[step] &+ value, shift = shifts[step / 16][step % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }
}
