/// Finds secrets in the paths of addresses that stand behind a segment with their name: `http://h/token/VALUE/live`.
enum PathSegments {
    /// Their places, in order. Paths of files have none: a folder may be called `secret`.
    static func secrets(in letters: some Letters, as kind: Redaction.Kind) -> [Range<Int>] {
        guard let path = path(in: letters, as: kind) else { return [] }
        var found: [Range<Int>] = []
        var name = path..<path
        var start = path
        while start < letters.endIndex {
            let end = letters.end(from: start, level: .max) { byte in
                "/?#&;".utf8.contains(byte) || (!kind.isWhole && (byte.isBlank || byte.isQuote))
            }
            if start < end, SecretName.strength(ofSegment: letters[name]).hides(letters[start..<end]) {
                found.append(start..<end)
            }
            name = end < letters.endIndex && letters[end] == UInt8(ascii: "/") ? start..<end : end..<end
            start = end + 1
        }
        return found
    }

    /// Where the path of the first address begins; its host, perhaps without a scheme, stands before that.
    private static func path(in letters: some Letters, as kind: Redaction.Kind) -> Int? {
        if kind == .path { return letters.firstIndex(of: UInt8(ascii: "/")).map { $0 + 1 } }
        let host: Int
        if let slashes = letters.firstDoubleSlash {
            host = letters[slashes...].firstIndex { $0 != UInt8(ascii: "/") } ?? letters.endIndex
        } else if kind.isWhole {
            host = 0
        } else {
            return nil
        }
        guard let slash = letters[host...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
        guard host > 0 || letters[..<slash].contains(where: { ".:".utf8.contains($0) }) else { return nil }
        return slash + 1
    }
}
