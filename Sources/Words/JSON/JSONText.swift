/// A JSON document as text that is handed on as it is, and read only when somebody asks what is in it: a page of a thousand
/// streams is put together from documents that nobody needs to understand.
public struct JSONText: Hashable, Sendable {
    /// In the form that `JSONValue.text` gives, so that equal documents are equal texts.
    public let text: String

    public init(_ value: JSONValue) { text = value.text }
    /// - Parameter text: as `JSONValue.text` wrote it, whenever that was.
    public init(written text: some StringProtocol) { self.text = String(text) }

    /// `null` for what is no JSON, which only a damaged database holds.
    public var value: JSONValue { (try? JSONValue(parsing: Array(text.utf8))) ?? .null }
}

extension JSONText {
    /// The pairs of `[["name", value], …]`, each value as it stands in the text; `nil` for what is nothing of the kind.
    ///
    /// Only looks where each ends, by brackets and quotation marks: that it is JSON was known when it was written.
    public var pairs: [(name: String, value: JSONText)]? {
        var text = text
        return text.withUTF8 { bytes in
            var pairs: [(name: String, value: JSONText)] = []
            let isArray = Self.forEachItem(of: bytes) { pair in
                var name: String?, count = 0
                let isPair = Self.forEachItem(of: pair) { item in
                    count += 1
                    if count == 1 { name = Self.string(item) }
                    guard count == 2, let name else { return count == 1 }
                    pairs.append((name, JSONText(written: String(decoding: item, as: UTF8.self))))
                    return true
                }
                return isPair && count == 2
            }
            return isArray ? pairs : nil
        }
    }

    /// Hands over each item of an array.
    /// - Parameter body: says whether to go on.
    /// - Returns: whether it is an array, of which all was handed over.
    private static func forEachItem(
        of bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        let end = bytes.count - 1
        guard end >= 1, bytes[0] == UInt8(ascii: "["), bytes[end] == UInt8(ascii: "]") else { return false }
        var start = 1, depth = 0, position = 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                while position < end, bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                guard body(UnsafeBufferPointer(rebasing: bytes[start..<position])) else { return false }
                start = position + 1
            default: break
            }
            position += 1
        }
        guard depth == 0, position == end else { return false }
        return start == end ? start == 1 : body(UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }
    private static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let inner = bytes.dropFirst().dropLast()
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), !inner.contains(UInt8(ascii: "\\")) else {
            return (try? JSONValue(parsing: Array(bytes)))?.string
        }
        return String(decoding: inner, as: UTF8.self)
    }
}
