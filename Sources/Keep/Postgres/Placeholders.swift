/// Statements are written with `?`; PostgreSQL wants `$1`, `$2` …
enum Placeholders {
    /// What stands in quotes or comments stays. Knows what SQLite knows, too: no dollar quotes, no escapes by a backslash.
    static func numbered(_ sql: String) -> String {
        var result: [UInt8] = []
        var number = 0
        var rest = Array(sql.utf8)[...]
        while let first = rest.first {
            let length =
                switch first {
                case UInt8(ascii: "'"), UInt8(ascii: "\""):
                    // A doubled quote ends one piece and begins the next.
                    (rest.dropFirst().firstIndex(of: first) ?? rest.endIndex - 1) + 1 - rest.startIndex
                case UInt8(ascii: "-") where rest.starts(with: "--".utf8):
                    (rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex) - rest.startIndex
                case UInt8(ascii: "/") where rest.starts(with: "/*".utf8): commentLength(rest)
                default: 1
                }
            if first == UInt8(ascii: "?") {
                number += 1
                result += "$\(number)".utf8
            } else {
                result += rest.prefix(length)
            }
            rest = rest.dropFirst(length)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func commentLength(_ text: ArraySlice<UInt8>) -> Int {
        var index = text.startIndex + 2
        while index < text.endIndex, !text[index...].starts(with: "*/".utf8) { index += 1 }
        return min(index + 2, text.endIndex) - text.startIndex
    }
}
