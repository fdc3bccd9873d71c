/// Writes JSON in one line, keys in order: values as they are, or piece by piece (`JSONWriter+Members.swift`).
///
/// It keeps its bytes itself, since an array looks with each byte whether it is still its own.
public struct JSONWriter: ~Copyable {
    @usableFromInline private(set) var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline private(set) var capacity: Int
    /// A value stands at the end, so that another comes behind a comma.
    @usableFromInline var isBehindValue = false

    /// - Parameter capacity: bytes that the document will probably have.
    public init(reserving capacity: Int = 256) {
        (start, self.capacity) = (.allocate(capacity: max(capacity, 16)), max(capacity, 16))
    }
    deinit { start.deallocate() }

    /// Valid only while `body` runs.
    public borrowing func withBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
        try body(UnsafeBufferPointer(start: start, count: count))
    }
    public var bytes: [UInt8] { withBytes { Array($0) } }
    public var document: JSONText { JSONText(written: withBytes { String(decoding: $0, as: UTF8.self) }) }

    // MARK: Bytes

    /// Makes room for `more` bytes.
    @inlinable mutating func reserve(_ more: Int) { if capacity - count < more { grow(by: more) } }
    @usableFromInline mutating func grow(by more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
    /// One for which there is room.
    @inlinable mutating func put(_ byte: UInt8) {
        start[count] = byte
        count += 1
    }
    /// Some for which there is room.
    @inlinable mutating func put(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        (start + count).update(from: bytes, count: length)
        count += length
    }
    mutating func write(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        put(text.utf8Start, text.utf8CodeUnitCount)
    }
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { characters in
            guard let first = characters.baseAddress else { return }
            reserve(characters.count)
            put(first, characters.count)
        }
    }

    // MARK: Values

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .integer(let number): integer(number)
        case .number(let number): self.number(number)
        case .string(let text): string(text)
        case .array(let items): array(items) { $0.write($1) }
        case .object(let members):
            object { writer in
                for member in members.sorted(by: { $0.key < $1.key }) {
                    writer.string(member.key)
                    writer.colon()
                    writer.write(member.value)
                }
            }
        }
    }
    /// The shortest text that reads as the same number; `3` for 3.0.
    mutating func write(_ number: Double) {
        guard number.isFinite else { return write("null") }
        // Up to here whole numbers are written in all their digits; the two zeros are equal, so they are written alike.
        if number == number.rounded(), abs(number) < 1e15 { return write(whole: Int64(number)) }
        let text = number.description
        write(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }
    mutating func write(whole number: Int64) {
        let longest = 20
        reserve(longest)
        if number < 0 { put(UInt8(ascii: "-")) }
        var rest = number.magnitude, digits = 1, bound: UInt64 = 10
        while digits < 19, rest >= bound { (digits, bound) = (digits + 1, bound &* 10) }
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            start[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    // MARK: Strings

    mutating func write(quoted text: String) {
        var text = text
        text.withUTF8 { characters in
            reserve(characters.count + 2)
            put(UInt8(ascii: "\""))
            if characters.contains(where: Self.needsEscape) {
                for byte in characters { write(escaping: byte) }
                reserve(1)
            } else if let first = characters.baseAddress {
                put(first, characters.count)
            }
            put(UInt8(ascii: "\""))
        }
    }
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
    private mutating func write(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write(#"\""#)
        case UInt8(ascii: "\\"): write(#"\\"#)
        case 0x08: write(#"\b"#)
        case 0x09: write(#"\t"#)
        case 0x0a: write(#"\n"#)
        case 0x0c: write(#"\f"#)
        case 0x0d: write(#"\r"#)
        case ..<0x20:
            write(byte < 0x10 ? #"\u000"# : #"\u001"#)
            reserve(1)
            put(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") - 10 + byte & 15)
        default:
            reserve(1)
            put(byte)
        }
    }
}
