/// Finds secrets that stand behind their names, `name=value`: in queries, fragments, matrix parameters (`/a;token=x/b`), paths
/// (`/user=admin_password=x`), connection strings and the like.
enum NamedValues {
    /// Their places, in order.
    static func secrets(in bytes: UnsafeBufferPointer<UInt8>, as kind: Redaction.Kind) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0
        while let sign = bytes[position...].firstIndex(of: UInt8(ascii: "=")) {
            let name = self.name(in: bytes, before: sign)
            position = sign + 1
            guard !name.isEmpty else { continue }
            let value = self.value(in: bytes, after: sign, name: name, as: kind)
            guard !value.isEmpty else { continue }
            let isSecret = SecretName.isSecret(decoding: bytes[name]) || holdsEncodedAddress(bytes[value])
            guard isSecret else { continue }
            found.append(value)
            position = value.upperBound
        }
        return found
    }

    private static func name(in bytes: UnsafeBufferPointer<UInt8>, before sign: Int) -> Range<Int> {
        var start = sign
        while start > 0, bytes[start - 1].isPartOfName { start -= 1 }
        return start..<sign
    }

    private static func value(
        in bytes: UnsafeBufferPointer<UInt8>, after sign: Int, name: Range<Int>, as kind: Redaction.Kind
    ) -> Range<Int> {
        let start = sign + 1
        if let quote = bytes[start...].first, quote.isQuote {
            let end = bytes[(start + 1)...].firstIndex(of: quote) ?? bytes.count
            return start + 1..<max(start + 1, end)
        }
        let before = name.lowerBound > 0 ? bytes[name.lowerBound - 1] : 0
        let isInQuery = bytes[..<name.lowerBound].contains(UInt8(ascii: "?"))
        var end = start
        scan: while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "&"), UInt8(ascii: "#"): break scan
            case UInt8(ascii: ";") where beginsNamedValue(bytes[(end + 1)...]): break scan
            // A query may hold both, as signatures do; a path ends there.
            case UInt8(ascii: "/") where before == UInt8(ascii: ";") && !isInQuery: break scan
            case UInt8(ascii: "?") where !isInQuery: break scan
            case let byte where kind != .address && (byte.isBlank || byte.isQuote || byte == UInt8(ascii: ">")):
                break scan
            default: end += 1
            }
        }
        return start..<end
    }

    /// Whether `name=` stands here, or nothing at all: then a `;` before it parts two values, and belongs to none.
    private static func beginsNamedValue(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let rest = bytes.drop(while: \.isPartOfName)
        return bytes.isEmpty || (rest.count < bytes.count && rest.first == UInt8(ascii: "="))
    }

    /// Whether a value is an address in an address (`?from=rtsp%3A%2F%2Fu%3Asecret%40host`) that holds a secret itself.
    private static func holdsEncodedAddress(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard value.contains(UInt8(ascii: "%")) else { return false }
        let decoded = value.percentDecoded
        // Each turn takes a `%` away, so this ends.
        return decoded.count < value.count
            && !Redaction.secrets(in: String(decoding: decoded, as: UTF8.self), as: .address).isEmpty
    }
}

extension UInt8 {
    /// Of the name in front of a `=`; with `%`, since names may be percent-encoded.
    fileprivate var isPartOfName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: "_-.%[]$~+".utf8.contains(self)
        }
    }
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
    /// 0...15.
    fileprivate var hexadecimal: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Collection<UInt8> where Index == Int {
    /// Each `%41` as the byte that it means; a `%` that means none stays.
    var percentDecoded: [UInt8] {
        var decoded: [UInt8] = []
        var index = startIndex
        while index < endIndex {
            if self[index] == UInt8(ascii: "%"), index + 2 < endIndex, let high = self[index + 1].hexadecimal,
                let low = self[index + 2].hexadecimal
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(self[index])
                index += 1
            }
        }
        return decoded
    }
}
