import Foundation
import JSON

/// Reads MessagePack as JSON has it: bytes become Base64.
struct MessagePackReader {
    struct Unreadable: Error {}
    private var rest: Data
    private init(_ bytes: Data) { rest = bytes }

    static func value(of bytes: Data) throws -> JSONValue {
        var reader = MessagePackReader(bytes)
        let value = try reader.value()
        guard reader.rest.isEmpty else { throw Unreadable() }
        return value
    }

    private mutating func take(_ count: Int) throws -> Data {
        guard rest.count >= count else { throw Unreadable() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
    private mutating func unsigned(_ count: Int) throws -> UInt64 { try take(count).reduce(0) { $0 << 8 | UInt64($1) } }
    private mutating func length(_ count: Int) throws -> Int { Int(try unsigned(count)) }
    private mutating func signed(_ count: Int) throws -> JSONValue {
        let shift = UInt64(64 - 8 * count)
        return .integer(Int64(bitPattern: try unsigned(count) << shift) >> Int64(shift))
    }

    private mutating func value() throws -> JSONValue {
        let kind = try unsigned(1)
        switch kind {
        case 0..<0x80: return .integer(Int64(kind))
        case 0x80..<0x90: return try object(Int(kind & 0xf))
        case 0x90..<0xa0: return try array(Int(kind & 0xf))
        case 0xa0..<0xc0: return try text(Int(kind & 0x1f))
        case 0xc0: return .null
        case 0xc2, 0xc3: return .bool(kind == 0xc3)
        case 0xc4, 0xc5, 0xc6: return .string(try take(length(1 << Int(kind - 0xc4))).base64EncodedString())
        case 0xcb: return .number(Double(bitPattern: try unsigned(8)))
        case 0xcc...0xcf: return .integer(Int64(try unsigned(1 << Int(kind - 0xcc))))
        case 0xd0...0xd3: return try signed(1 << Int(kind - 0xd0))
        case 0xd9, 0xda, 0xdb: return try text(length(1 << Int(kind - 0xd9)))
        case 0xdc, 0xdd: return try array(length(2 << Int(kind - 0xdc)))
        case 0xde, 0xdf: return try object(length(2 << Int(kind - 0xde)))
        case 0xe0...: return .integer(Int64(Int8(truncatingIfNeeded: kind)))
        default: throw Unreadable()
        }
    }
    private mutating func text(_ count: Int) throws -> JSONValue {
        .string(String(decoding: try take(count), as: UTF8.self))
    }
    private mutating func array(_ count: Int) throws -> JSONValue {
        var items: [JSONValue] = []
        for _ in 0..<count { items.append(try value()) }
        return .array(items)
    }
    private mutating func object(_ count: Int) throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        for _ in 0..<count {
            guard let name = try value().string else { throw Unreadable() }
            members[name] = try value()
        }
        return .object(members)
    }
}
