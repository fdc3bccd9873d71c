/// Finds the passwords in the user information of addresses, `rtsp://admin:secret@10.0.0.5/1`, and tokens that stand in place of a
/// user, `https://3f9c…@host/`.
struct UserInformation<Text: Letters> {
    private let letters: Text
    private let kind: Redaction.Kind
    private let lastAt: Int
    /// Where the word ends that was looked at last, and the last `@` in it: nothing is looked for twice.
    private var wordEnd = 0, lastAtOfWord: Int?

    /// Their places, in order. Each letter is looked at a bounded number of times.
    static func secrets(in letters: Text, as kind: Redaction.Kind) -> [Range<Int>] {
        guard let lastAt = letters.lastIndex(of: UInt8(ascii: "@")) else { return [] }
        var search = UserInformation(letters: letters, kind: kind, lastAt: lastAt)
        return search.secrets
    }
    private init(letters: Text, kind: Redaction.Kind, lastAt: Int) {
        (self.letters, self.kind, self.lastAt) = (letters, kind, lastAt)
    }

    private var secrets: [Range<Int>] {
        mutating get {
            var found: [Range<Int>] = []
            let first = separator(from: 0)
            if first == nil || kind.isWhole, kind != .prose, kind != .header,
                let password = bareCredentials(before: first)
            {
                found.append(password)
            }
            // The colon was forgotten, or is none.
            if first == nil, kind.isWhole, let slashes = letters.firstDoubleSlash {
                found += secrets(behind: slashes + 2, level: letters.level(at: slashes))
            }
            var next = first
            while let separator = next {
                var position = separator + 2
                let level = max(letters.level(at: separator), letters.level(at: separator + 1))
                let secrets = secrets(behind: position, level: level)
                found += secrets
                position = max(position, secrets.last?.upperBound ?? 0)
                next = self.separator(from: position)
            }
            return found
        }
    }

    /// Where the `//` of `://` stands first, or one that an address begins with.
    private func separator(from start: Int) -> Int? {
        var index = start
        while index + 1 < letters.endIndex {
            if letters[index] == UInt8(ascii: "/"), letters[index + 1] == UInt8(ascii: "/") {
                let before = index > 0 ? letters[index - 1] : UInt8(ascii: " ")
                if before == UInt8(ascii: ":") || before.isBlank || before.isQuote { return index }
            }
            index += 1
        }
        return nil
    }

    /// The secrets of the address whose authority begins at `start`, or behind more slashes there: what lies between the first `:`
    /// of the user information and the last `@` before the path, since cameras' passwords hold `@`. They hold `/`, `?` and `#`
    /// as well, which then seem to end the authority; it is recognised by a port that is none, or by a host that seems to be a
    /// login, and everything up to the last `@` of the text goes.
    private mutating func secrets(behind slashes: Int, level: Int) -> [Range<Int>] {
        var start = slashes
        while start < letters.endIndex, letters[start] == UInt8(ascii: "/") { start += 1 }
        guard start < lastAt else { return [] }
        let end = letters.end(from: start, level: level) { "/?#".utf8.contains($0) }
        let authority = letters[start..<end]
        let colon = authority.firstIndex(of: UInt8(ascii: ":"))
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            guard let colon, colon < at else {
                return start == slashes && isToken(start..<at) ? [start..<at] : []
            }
            return (colon + 1 == at && isToken(start..<colon) ? [start..<colon] : []) + [colon + 1..<at]
        }
        guard letters[start] != UInt8(ascii: "["), let colon, lastAt > end else { return [] }
        guard colon + 1 < end, letters[(colon + 1)..<end].allSatisfy(\.isDigit) else { return [colon + 1..<lastAt] }
        guard let at = lastAtOfWord(from: end), !isHost(start..<colon) || isHostNumeric(behind: at) else { return [] }
        return [colon + 1..<at]
    }

    /// Whether a user without a password is no name that people give, like `admin`, `Viewer` and `camera12`.
    private func isToken(_ user: Range<Int>) -> Bool {
        guard kind != .connection, !user.isEmpty else { return false }
        let digits = letters[user].reversed().prefix(while: \.isDigit).count
        let name = letters[user].dropLast(digits)
        return digits > 2 || name.count > 12 || !name.allSatisfy(\.isLetter)
            || !name.dropFirst().allSatisfy { $0 & 0x20 != 0 }
    }
    /// Whether what stands before a port is no login: one with a dot in it, or this machine.
    private func isHost(_ name: Range<Int>) -> Bool {
        letters[name].contains(UInt8(ascii: ".")) || letters[name].map { $0 | 0x20 } == Array("localhost".utf8)
    }
    private func isHostNumeric(behind at: Int) -> Bool {
        let host = letters[(at + 1)...].prefix(16)
        return host.first == UInt8(ascii: "[")
            || host.prefix { $0.isDigit || $0 == UInt8(ascii: ".") }.count { $0 == UInt8(ascii: ".") } == 3
    }

    /// The last `@` behind `position` that is in the same word.
    private mutating func lastAtOfWord(from position: Int) -> Int? {
        if kind.isWhole { return lastAt > position ? lastAt : nil }
        if position >= wordEnd {
            wordEnd = letters[position...].firstIndex(where: \.isBlank) ?? letters.endIndex
            lastAtOfWord = letters[position..<wordEnd].lastIndex(of: UInt8(ascii: "@"))
        }
        return lastAtOfWord.flatMap { $0 > position ? $0 : nil }
    }

    /// The password of `admin:secret@10.0.0.5/1` and `rtsp:/admin:secret@host`, where the scheme was forgotten or misspelt.
    private func bareCredentials(before separator: Int?) -> Range<Int>? {
        let text = letters[..<(separator ?? letters.endIndex)]
        guard let at = text.lastIndex(of: UInt8(ascii: "@")),
            let colon = text[..<at].firstIndex(of: UInt8(ascii: ":")),
            !text[..<colon].contains(where: { $0 == UInt8(ascii: "/") || $0.isBlank })
        else { return nil }
        return colon + 1..<at
    }
}
