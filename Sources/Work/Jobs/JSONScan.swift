import JSON

/// Looks through JSON before it is read, which may take thirty times its bytes of memory.
public struct JSONScan: Sendable {
    private let bytes: ArraySlice<UInt8>
    public init(_ bytes: some Collection<UInt8>) { self.init(slice: ArraySlice(bytes)) }
    private init(slice: ArraySlice<UInt8>) { bytes = slice }

    /// How many values are in it at most, all of arrays and objects counted.
    public var mostValues: Int {
        var count = 1
        forEachMark { byte, _ in
            // What an array or object begins with is its first value, or there is none.
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"): count += 1
            default: break
            }
            return true
        }
        return count
    }

    /// Reads a document that is an array, item by item, so that one of them is in memory at once.
    /// - Parameters:
    ///   - limit: of the values in an item.
    ///   - take: says whether to go on.
    /// - Returns: false when it is no such document, as far as it was looked at.
    func readItems(valueLimit limit: Int, _ take: (JSONValue) -> Bool) -> Bool {
        let document = bytes.trimmed
        guard document.first == UInt8(ascii: "["), document.last == UInt8(ascii: "]"), document.count > 1 else {
            return false
        }
        let inner = JSONScan(slice: document.dropFirst().dropLast())
        guard !inner.bytes.trimmed.isEmpty else { return true }
        var depth = 0, start = inner.bytes.startIndex, isGood = true, isWanted = true
        func end(at place: Int) {
            let item = inner.bytes[start..<place]
            start = place + 1
            guard JSONScan(slice: item).mostValues <= limit, let value = try? JSONValue(parsing: Array(item)) else {
                isGood = false
                return
            }
            isWanted = take(value)
        }
        inner.forEachMark { byte, place in
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0: end(at: place)
            default: break
            }
            return isGood && isWanted
        }
        if isGood, isWanted { end(at: inner.bytes.endIndex) }
        return isGood
    }

    /// Of what is in no string, until `see` says that it is enough.
    private func forEachMark(_ see: (_ byte: UInt8, _ place: Int) -> Bool) {
        bytes.withUnsafeBufferPointer { buffer in
            var place = 0
            while place < buffer.count {
                if buffer[place] == UInt8(ascii: "\"") {
                    place += 1
                    while place < buffer.count, buffer[place] != UInt8(ascii: "\"") {
                        place += buffer[place] == UInt8(ascii: "\\") ? 2 : 1
                    }
                } else if !see(buffer[place], bytes.startIndex + place) {
                    return
                }
                place += 1
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without the blanks of JSON around it.
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x0a, 0x0d, 0x09].contains(byte) }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return []
        }
        return self[first...last]
    }
}
