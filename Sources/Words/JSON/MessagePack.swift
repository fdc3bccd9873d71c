import Foundation

extension JSONValue {
    /// The document as MessagePack, keys in order: what a reader makes of it is what it would make of `bytes`.
    ///
    /// Each number is written in the shortest of its forms, whole ones as integers, as JSON writes them without a point; one that
    /// JSON cannot write becomes nil. Source: the MessagePack specification, as of its version of 2017.
    public var messagePack: [UInt8] { messagePack(bytesIn: []) }

    /// The same, but members of these names, which hold bytes in Base64 as JSON has them, are written as bytes.
    public func messagePack(bytesIn names: Set<String>) -> [UInt8] {
        var writer = MessagePackWriter(bytesIn: names)
        writer.write(self)
        return writer.bytes
    }
}

/// Documents in MessagePack that are put together from parts in it, so that nobody needs all of them as values at once.
public enum MessagePack {
    public static func array(of items: [[UInt8]]) -> [UInt8] {
        var writer = MessagePackWriter(bytesIn: [])
        writer.beginArray(items.count)
        for item in items { writer.append(item) }
        return writer.bytes
    }
    /// - Parameter members: in the order in which they are to stand.
    public static func object(of members: [(name: String, value: [UInt8])]) -> [UInt8] {
        var writer = MessagePackWriter(bytesIn: [])
        writer.beginObject(members.count)
        for (name, value) in members {
            writer.write(.string(name))
            writer.append(value)
        }
        return writer.bytes
    }
}

private struct MessagePackWriter {
    private(set) var bytes: [UInt8] = []
    private let names: Set<String>
    init(bytesIn names: Set<String>) { self.names = names }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes.append(0xc0)
        case .bool(let flag): bytes.append(flag ? 0xc3 : 0xc2)
        case .integer(let number): write(number)
        case .number(let number): write(number)
        case .string(let text): write(text)
        case .array(let items):
            beginArray(items.count)
            for item in items { write(item) }
        case .object(let members):
            beginObject(members.count)
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                write(name)
                if names.contains(name), let data = value.string.flatMap({ Data(base64Encoded: $0) }) {
                    begin(data.count, short: 0, upTo: -1, forms: [0xc4, 0xc5, 0xc6])
                    bytes += data
                } else {
                    write(value)
                }
            }
        }
    }

    private mutating func write(_ number: Int64) {
        switch number {
        case 0...0x7f, -32..<0: bytes.append(UInt8(truncatingIfNeeded: number))
        case 0...0xff: append(0xcc, UInt8(number))
        case 0...0xffff: append(0xcd, UInt16(number))
        case 0...0xffff_ffff: append(0xce, UInt32(number))
        case 0...: append(0xcf, UInt64(number))
        case -0x80..<0: append(0xd0, Int8(number))
        case -0x8000..<0: append(0xd1, Int16(number))
        case -0x8000_0000..<0: append(0xd2, Int32(number))
        default: append(0xd3, number)
        }
    }
    private mutating func write(_ number: Double) {
        if let whole = Int64(exactly: number) {
            write(whole)
        } else if number.isFinite {
            append(0xcb, number.bitPattern)
        } else {
            bytes.append(0xc0)
        }
    }
    private mutating func write(_ text: String) {
        begin(text.utf8.count, short: 0xa0, upTo: 31, forms: [0xd9, 0xda, 0xdb])
        bytes += text.utf8
    }

    mutating func beginArray(_ count: Int) { begin(count, short: 0x90, upTo: 15, forms: [nil, 0xdc, 0xdd]) }
    mutating func beginObject(_ count: Int) { begin(count, short: 0x80, upTo: 15, forms: [nil, 0xde, 0xdf]) }
    mutating func append(_ written: [UInt8]) { bytes += written }

    /// - Parameters:
    ///   - short: the byte that a count up to `limit` is part of.
    ///   - forms: the bytes in front of a count in one byte, two and four; `nil` where there is no such form.
    private mutating func begin(_ count: Int, short: UInt8, upTo limit: Int, forms: [UInt8?]) {
        if count <= limit {
            bytes.append(short | UInt8(count))
        } else if count <= 0xff, let form = forms[0] {
            append(form, UInt8(count))
        } else if count <= 0xffff, let form = forms[1] {
            append(form, UInt16(count))
        } else if let form = forms[2] {
            append(form, UInt32(count))
        }
    }
    private mutating func append(_ form: UInt8, _ number: some FixedWidthInteger) {
        bytes.append(form)
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }
}
