import Foundation

extension JSONValue {
    /// Reads one document in MessagePack as strictly as one in JSON: nothing behind it, keys that are texts and none of them twice, texts in
    /// UTF-8, numbers that are finite. Bytes become a text in Base64, as JSON has them; of the extensions there is none that JSON has.
    ///
    /// Source: the MessagePack specification, as of its version of 2017.
    public init(messagePack bytes: [UInt8]) throws(MessagePackError) {
        var parser = MessagePackParser(bytes)
        self = try parser.document()
    }
}

/// Why bytes were refused as MessagePack.
public enum MessagePackError: Error, Hashable, Sendable {
    /// The document ends in the middle of something.
    case unexpectedEnd
    /// Something stands behind the document.
    case moreThanOne
    /// A byte that begins nothing, or an extension.
    case unknownKind(UInt8)
    case nestedTooDeeply, notUTF8
    case badKey, duplicateKey(String)
    case notFinite
}

struct MessagePackParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(MessagePackError) -> JSONValue {
        let value = try value()
        guard position == bytes.count else { throw .moreThanOne }
        return value
    }

    private mutating func value() throws(MessagePackError) -> JSONValue {
        let kind = UInt8(try unsigned(1))
        switch kind {
        case 0x00...0x7f: return .integer(Int64(kind))
        case 0x80...0x8f: return try object(Int(kind & 0x0f))
        case 0x90...0x9f: return try array(Int(kind & 0x0f))
        case 0xa0...0xbf: return .string(try text(Int(kind & 0x1f)))
        case 0xc0: return .null
        case 0xc2, 0xc3: return .bool(kind == 0xc3)
        case 0xc4...0xc6: return .string(Data(try take(try count(1 << Int(kind - 0xc4)))).base64EncodedString())
        case 0xca: return try number(Double(Float(bitPattern: UInt32(try unsigned(4)))))
        case 0xcb: return try number(Double(bitPattern: try unsigned(8)))
        case 0xcc...0xcf:
            let whole = try unsigned(1 << Int(kind - 0xcc))
            return Int64(exactly: whole).map { .integer($0) } ?? .number(Double(whole))
        case 0xd0...0xd3:
            let size = 1 << Int(kind - 0xd0), shift = Int64(64 - 8 * size)
            return .integer((Int64(bitPattern: try unsigned(size)) << shift) >> shift)
        case 0xd9...0xdb: return .string(try text(try count(1 << Int(kind - 0xd9))))
        case 0xdc, 0xdd: return try array(try count(2 << Int(kind - 0xdc)))
        case 0xde, 0xdf: return try object(try count(2 << Int(kind - 0xde)))
        case 0xe0...0xff: return .integer(Int64(Int8(bitPattern: kind)))
        default: throw .unknownKind(kind)
        }
    }

    // MARK: Arrays and objects

    private mutating func array(_ count: Int) throws(MessagePackError) -> JSONValue {
        try enter()
        var items: [JSONValue] = []
        for _ in 0..<count { items.append(try value()) }
        depth -= 1
        return .array(items)
    }
    private mutating func object(_ count: Int) throws(MessagePackError) -> JSONValue {
        try enter()
        var members: [String: JSONValue] = [:]
        for _ in 0..<count {
            guard let key = try key() else { throw .badKey }
            guard members.updateValue(try value(), forKey: key) == nil else { throw .duplicateKey(key) }
        }
        depth -= 1
        return .object(members)
    }
    /// `nil` when it is no text. Bytes are none.
    private mutating func key() throws(MessagePackError) -> String? {
        guard position < bytes.count else { throw .unexpectedEnd }
        switch bytes[position] {
        case 0xa0...0xbf, 0xd9...0xdb: return try value().string
        default: return nil
        }
    }
    private mutating func enter() throws(MessagePackError) {
        guard depth < JSONValue.nestingLimit else { throw .nestedTooDeeply }
        depth += 1
    }

    // MARK: Bytes

    private mutating func take(_ count: Int) throws(MessagePackError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw .unexpectedEnd }
        defer { position += count }
        return bytes[position..<position + count]
    }
    /// Big-endian, of at most eight bytes.
    private mutating func unsigned(_ count: Int) throws(MessagePackError) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }
    private mutating func count(_ size: Int) throws(MessagePackError) -> Int { Int(try unsigned(size)) }
    private mutating func text(_ count: Int) throws(MessagePackError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else { throw .notUTF8 }
        return text
    }
    private func number(_ number: Double) throws(MessagePackError) -> JSONValue {
        guard number.isFinite else { throw .notFinite }
        return .number(number)
    }
}
