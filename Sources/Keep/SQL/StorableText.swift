import Foundation

/// Text as databases can hold it: PostgreSQL refuses U+0000, which clients may write, and in SQLite whoever reads such a text as C does
/// sees its beginning alone.
///
/// The four characters from U+0000 to U+0003 are written as three of the other three: `1` and then a number in `2` and `3`. So
/// different texts stay different, keep their order, and one is part of the other exactly when it was; all else stays as it is.
public enum StorableText {
    private static let mark: UInt8 = 1, zero: UInt8 = 2, one: UInt8 = 3
    private static let firstPlain: UInt8 = 4

    /// Appends `text` in UTF-8.
    public static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { characters in
            guard characters.contains(where: { $0 < firstPlain }) else {
                bytes += characters
                return
            }
            for character in characters {
                if character < firstPlain {
                    bytes += [mark, character & 2 == 0 ? zero : one, character & 1 == 0 ? zero : one]
                } else {
                    bytes.append(character)
                }
            }
        }
    }

    /// `text` as it is stored.
    public static func encoded(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < firstPlain }) else { return text }
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
    public static func decoded(_ stored: String) -> String {
        guard stored.utf8.contains(mark) else { return stored }
        return Array(stored.utf8).withUnsafeBytes { decoded($0) }
    }
    public static func decoded(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let start = bytes.baseAddress, memchr(start, Int32(mark), bytes.count) != nil else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if index + 2 < bytes.count, bytes[index] == mark, let high = bit(bytes[index + 1]),
                let low = bit(bytes[index + 2])
            {
                decoded.append(high << 1 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
    private static func bit(_ byte: UInt8) -> UInt8? { byte == zero ? 0 : byte == one ? 1 : nil }
}
