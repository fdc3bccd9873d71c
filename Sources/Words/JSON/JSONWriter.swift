/// Writes a value as JSON in one line, keys in order.
public struct JSONWriter: Sendable {
    public internal(set) var bytes: [UInt8] = []
    public init() {}
    /// - Parameter count: bytes that the document will probably have.
    public init(reserving count: Int) { bytes.reserveCapacity(count) }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let flag): write(flag ? "true" : "false")
        case .integer(let number): write(number.description)
        case .number(let number): write(number)
        case .string(let text): write(quoted: text)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(item)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(quoted: member.key)
                bytes.append(UInt8(ascii: ":"))
                write(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// The shortest text that reads as the same number; `3` for 3.0.
    mutating func write(_ number: Double) {
        guard number.isFinite else { return write("null") }
        let text = (number == 0 ? 0 : number).description  // the two zeros are equal, so they are written alike
        write(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    mutating func write(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { characters in
            if characters.contains(where: Self.needsEscape) {
                for byte in characters { write(escaping: byte) }
            } else {
                bytes.append(contentsOf: characters)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
    private mutating func write(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0x08: write(#"\b"#)
        case 0x09: write(#"\t"#)
        case 0x0a: write(#"\n"#)
        case 0x0c: write(#"\f"#)
        case 0x0d: write(#"\r"#)
        case ..<0x20:
            write(#"\u00"#)
            bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            bytes.append(Array("0123456789abcdef".utf8)[Int(byte & 0x0f)])
        default: bytes.append(byte)
        }
    }
}
