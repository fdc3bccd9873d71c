/// Finds secrets that stand behind their names, `name=value`: in queries, fragments, matrix parameters (`/a;token=x/b`), paths
/// (`/user=admin_password=x`), connection strings and the like. What was encoded is found as it is read.
enum NamedValues {
    /// Their places, in order. Each letter is looked at a bounded number of times.
    static func secrets(in letters: some Letters, as kind: Redaction.Kind) -> [Range<Int>] {
        var found: [Range<Int>] = []
        let query = letters.firstIndex { "?#".utf8.contains($0) } ?? letters.endIndex
        var position = 0
        while let sign = letters[position...].firstIndex(of: UInt8(ascii: "=")) {
            position = sign + 1
            let name = name(in: letters, before: sign)
            let strength = SecretName.strength(ofParameter: letters[name])
            guard strength != .none else { continue }
            let value = value(in: letters, after: sign, name: name, isInQuery: query < name.lowerBound, as: kind)
            guard !value.isEmpty, strength.hides(letters[value]) else { continue }
            found.append(value)
            position = value.upperBound
        }
        return found
    }

    /// Perhaps with blanks and quotes behind it.
    private static func name(in letters: some Letters, before sign: Int) -> Range<Int> {
        var end = sign
        while end > 0, letters[end - 1].isBlank || letters[end - 1].isQuote { end -= 1 }
        var start = end
        while start > 0, letters[start - 1].isPartOfName { start -= 1 }
        return start..<end
    }

    private static func value(
        in letters: some Letters, after sign: Int, name: Range<Int>, isInQuery: Bool, as kind: Redaction.Kind
    ) -> Range<Int> {
        var start = sign + 1
        if name.upperBound < sign { while start < letters.endIndex, letters[start].isBlank { start += 1 } }
        let isMatrix = !isInQuery && name.lowerBound > 0 && letters[name.lowerBound - 1] == UInt8(ascii: ";")
        let level = letters.level(at: sign)
        var end = start
        if !kind.isWhole, start < letters.endIndex, letters[start].isQuote {
            start += 1
            let closing = letters[start...].firstIndex(of: letters[start - 1]) ?? letters.endIndex
            if endsText(at: closing, in: letters) { return start..<closing }
            end = closing
        }
        scan: while end < letters.endIndex {
            guard letters.level(at: end) <= level else {
                end += 1
                continue
            }
            switch letters[end] {
            case UInt8(ascii: "&"), UInt8(ascii: "#"): break scan
            // A query may hold all of these, as signatures do; a path ends there.
            case UInt8(ascii: ";") where !isInQuery && beginsNamedValue(letters[(end + 1)...]): break scan
            case UInt8(ascii: "?") where !isInQuery && beginsNamedValue(letters[(end + 1)...]): break scan
            case UInt8(ascii: "/") where isMatrix: break scan
            case let byte where !kind.isWhole && (byte.isBlank || byte == UInt8(ascii: ">")): break scan
            case let byte where !kind.isWhole && byte.isQuote && endsText(at: end, in: letters): break scan
            default: end += 1
            }
        }
        return start..<end
    }

    /// Whether a quote ends what it began: a secret may hold one, too.
    private static func endsText(at quote: Int, in letters: some Letters) -> Bool {
        let next = quote + 1
        return next >= letters.endIndex || letters[next].isBlank || ",.;:)]}>&".utf8.contains(letters[next])
    }
    /// Whether `name=` stands here, or nothing at all: then a `;` before it parts two values, and belongs to none.
    private static func beginsNamedValue(_ letters: Slice<some Letters>) -> Bool {
        let rest = letters.drop(while: \.isPartOfName)
        return letters.isEmpty || (rest.startIndex > letters.startIndex && rest.first == UInt8(ascii: "="))
    }
}

extension UInt8 {
    /// Of the name in front of a `=`; with `%`, since not all that is encoded is decoded.
    fileprivate var isPartOfName: Bool { isLetter || isDigit || self >= 0x80 || "_-.%[]$~+".utf8.contains(self) }
}
