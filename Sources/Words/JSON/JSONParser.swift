/// Reads one JSON document, strictly as RFC 8259 has it: UTF-8 without a byte order mark, no trailing commas, no comments,
/// nothing behind the document; and no key twice.
///
/// Written by hand because Foundation's parser takes trailing commas and duplicate keys without a word.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        if position < bytes.count { throw unexpected() }
        return value
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?: try number()
        case UInt8(ascii: "t"): try word("true", .bool(true))
        case UInt8(ascii: "f"): try word("false", .bool(false))
        case UInt8(ascii: "n"): try word("null", .null)
        default: throw unexpected()
        }
    }

    // MARK: Objects and arrays

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        guard depth < JSONValue.nestingLimit else { throw JSONSyntaxError(.nestedTooDeeply, at: position) }
        depth += 1
        position += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }
    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if skip("}") { return .object(members) }
        repeat {
            skipSpace()
            let start = position
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let key = try string()
            skipSpace()
            try expect(":")
            skipSpace()
            guard members.updateValue(try value(), forKey: key) == nil else {
                throw JSONSyntaxError(.duplicateKey(key), at: start)
            }
            skipSpace()
        } while skip(",")
        try expect("}")
        return .object(members)
    }
    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        var items: [JSONValue] = []
        if skip("]") { return .array(items) }
        repeat {
            skipSpace()
            items.append(try value())
            skipSpace()
        } while skip(",")
        try expect("]")
        return .array(items)
    }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        let text: String?
        if current == UInt8(ascii: "\"") {
            text = String(validating: bytes[start..<position], as: UTF8.self)
        } else {
            text = String(validating: try unescaped(from: start), as: UTF8.self)
        }
        guard let text else { throw JSONSyntaxError(.notUTF8, at: start) }
        position += 1
        return text
    }
    /// The rest of a string that is no run of plain bytes, up to its closing quote.
    private mutating func unescaped(from start: Int) throws(JSONSyntaxError) -> [UInt8] {
        var text = Array(bytes[start..<position])
        while let byte = current, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw JSONSyntaxError(.controlCharacter(byte), at: position) }
            position += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: UTF8.encode(try escape()).unsafelyUnwrapped)
            } else {
                text.append(byte)
            }
        }
        guard position < bytes.count else { throw unexpected() }
        return text
    }
    /// What follows a backslash.
    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let byte = current else { throw unexpected() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSONSyntaxError(.badEscape, at: position - 2)
        }
    }
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position - 2
        let first = try hexadecimal()
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first), skip("\\"), skip("u") {
            let second = try hexadecimal()
            guard UTF16.isTrailSurrogate(second) else { throw JSONSyntaxError(.badEscape, at: start) }
            code = 0x1_0000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONSyntaxError(.badEscape, at: start) }
        return scalar
    }
    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw unexpected() }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw JSONSyntaxError(.badEscape, at: position)
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }

    // MARK: Numbers and words

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        let isWhole = !isAny(of: ".", "e", "E")
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw JSONSyntaxError(.numberTooLarge, at: start) }
        return .number(number)
    }
    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw unexpected() }
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    }
    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
        return value
    }

    // MARK: Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    private func isAny(of characters: Unicode.Scalar...) -> Bool {
        characters.contains { current == UInt8(ascii: $0) }
    }
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
    private mutating func expect(_ character: Unicode.Scalar) throws(JSONSyntaxError) {
        guard skip(character) else { throw unexpected() }
    }
    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }
    /// For the place where the grammar allows something else.
    private func unexpected() -> JSONSyntaxError {
        JSONSyntaxError(current.map { .unexpectedByte($0) } ?? .unexpectedEnd, at: position)
    }
}
