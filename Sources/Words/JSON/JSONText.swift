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
    /// The items of an array, each as it stands in the text; `nil` for what is no array.
    ///
    /// Only looks where each ends, by brackets and quotation marks: that it is JSON was known when it was written.
    public var items: [JSONText]? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count >= 2, bytes[0] == UInt8(ascii: "["), bytes[bytes.count - 1] == UInt8(ascii: "]") else {
                return nil
            }
            var items: [JSONText] = []
            var start = 1, depth = 0, position = 1
            func take(to end: Int) {
                if end > start { items.append(JSONText(written: String(decoding: bytes[start..<end], as: UTF8.self))) }
                start = end + 1
            }
            while position < bytes.count - 1 {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                    }
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: ",") where depth == 0: take(to: position)
                default: break
                }
                position += 1
            }
            guard depth == 0, position == bytes.count - 1 else { return nil }
            take(to: position)
            return items
        }
    }
}
