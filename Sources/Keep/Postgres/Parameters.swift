import Foundation
import SQL

/// Arguments as libpq takes them. Types are left to the server, which knows them from the columns: numbers go as text, for their
/// width is the server's to choose; texts, bytes and ids go as they are.
struct Parameters {
    /// All arguments one behind the other, each followed by a zero.
    private var bytes: [UInt8] = []
    /// Where each begins; `nil` for NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    /// 0: text; 1: binary.
    private var formats: [Int32] = []

    init(_ arguments: [any Bindable]) {
        for argument in arguments {
            switch argument.sql {
            case .null: add(nil, format: 0)
            case .integer(let value): add("\(value)".utf8, format: 0)
            case .real(let value): add(Self.text(value).utf8, format: 0)
            case .text(let value): add(StorableText.encoded(value), format: 1)
            case .blob(let value): add(value, format: 1)
            case .id(let value): withUnsafeBytes(of: value.uuid) { add($0, format: 1) }
            }
        }
    }
    private mutating func add(_ value: (some Collection<UInt8>)?, format: Int32) {
        starts.append(value == nil ? nil : bytes.count)
        lengths.append(Int32(value?.count ?? 0))
        formats.append(format)
        if let value { bytes.append(contentsOf: value) }
        bytes.append(0)
    }
    private mutating func add(_ value: [UInt8]?, format: Int32) { add(value.map { $0[...] }, format: format) }

    /// The shortest text that is read back as the same number.
    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
    }

    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) throws -> R
    ) rethrows -> R {
        try bytes.withUnsafeBytes { memory in
            let base = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            var values: [UnsafePointer<CChar>?] = []
            for start in starts {
                if let start, let base { values.append(base + start) } else { values.append(nil) }
            }
            return try body(values, lengths, formats)
        }
    }
}

/// Text as PostgreSQL can hold it: it refuses U+0000, which clients may write. That is escaped, and so is the escape character, so
/// that equal texts stay equal and different ones different.
enum StorableText {
    /// The last character of the private planes, F4 8F BF BD in UTF-8.
    private static let escape: [UInt8] = [0xF4, 0x8F, 0xBF, 0xBD]

    static func encoded(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 == 0 || $0 == 0xF4 }) else { return bytes }
        var encoded: [UInt8] = []
        var rest = bytes[...]
        while let first = rest.first {
            if first == 0 {
                encoded += escape + [UInt8(ascii: "0")]
                rest = rest.dropFirst()
            } else if rest.starts(with: escape) {
                encoded += escape + [UInt8(ascii: "1")]
                rest = rest.dropFirst(escape.count)
            } else {
                encoded.append(first)
                rest = rest.dropFirst()
            }
        }
        return encoded
    }

    static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.contains(0xF4) else { return String(decoding: bytes, as: UTF8.self) }
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let first = rest.first {
            if rest.starts(with: escape), rest.count > escape.count {
                decoded += rest.dropFirst(escape.count).first == UInt8(ascii: "0") ? [0] : escape
                rest = rest.dropFirst(escape.count + 1)
            } else {
                decoded.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

/// Statements are written with `?`; PostgreSQL wants `$1`, `$2` …
enum Placeholders {
    /// What stands in quotes or behind `--` stays.
    static func numbered(_ sql: String) -> String {
        var result = ""
        var number = 0
        var quote: Character?
        var isComment = false
        var previous: Character?
        for character in sql {
            if isComment {
                isComment = character != "\n"
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "-", previous == "-" {
                isComment = true
            } else if character == "?" {
                number += 1
                result += "$\(number)"
                previous = character
                continue
            }
            result.append(character)
            previous = character
        }
        return result
    }
}
