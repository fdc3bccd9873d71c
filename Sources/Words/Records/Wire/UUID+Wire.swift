public import Foundation
public import JSON

extension UUID {
    /// Lower case, as the public API writes ids.
    public var wire: String {
        String(unsafeUninitializedCapacity: Self.wireLength) { text in
            write(to: text)
            return Self.wireLength
        }
    }
    fileprivate static let wireLength = 36
    fileprivate func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        var position = 0
        withUnsafeBytes(of: uuid) { bytes in
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                text[position] = Self.digit(byte >> 4)
                text[position + 1] = Self.digit(byte & 15)
                position += 2
            }
        }
    }
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// An id as the public API writes it: lower case, with hyphens.
    public init?(wire text: String) {
        guard text.utf8.count == 36,
            !text.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        self.init(uuidString: text)
    }
}

extension JSONWriter {
    /// As `UUID.wire`.
    public mutating func id(_ id: UUID) { plainString(UUID.wireLength) { id.write(to: $0) } }
}

extension UUID {
    /// 32 hexadecimal digits.
    public var bare: String { uuidString.lowercased().replacing("-", with: "") }
    /// Of such; hyphens may be between them.
    public init?(bare text: String) {
        let digits = text.replacing("-", with: "")
        guard digits.utf8.count == 32, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        var parts: [Substring] = [], rest = Substring(digits)
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        self.init(uuidString: parts.joined(separator: "-"))
    }
}
