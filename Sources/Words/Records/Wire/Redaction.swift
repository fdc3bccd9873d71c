import Foundation
public import JSON

/// The one place that makes a source or callback address, or a sentence that holds some, fit to be shown.
public enum Redaction {
    /// `text` with the password of each address in it replaced by `***`: `rtsp://admin:***@10.0.0.5/1`.
    ///
    /// Works on text, not on a parsed URL, so that an address no parser accepts is covered too. Where a password cannot be
    /// told from what follows it, rather too much is hidden than too little.
    public static func redacted(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }  // no address with a password lacks it
        var shown = "", rest = text[...]
        if !text.contains("://") {
            guard let password = bareCredentials(in: rest) else { return text }
            return rest[..<password.lowerBound] + "***" + rest[password.upperBound...]
        }
        while let separator = rest.range(of: "://") {
            shown += rest[..<separator.upperBound]
            rest = rest[separator.upperBound...]
            guard let password = password(in: rest) else { continue }
            shown += rest[..<password.lowerBound] + "***"
            rest = rest[password.upperBound...]
        }
        return shown + rest
    }

    /// The password in `address`, which begins behind `://`: what lies between the first `:` of the user information and the
    /// last `@` before the path, since cameras' passwords hold `@`. They hold `/`, `?` and `#` as well, which then seem to
    /// end the authority; it is recognised by a port that is none, and everything up to the last `@` of the text goes.
    private static func password(in address: Substring) -> Range<Substring.Index>? {
        let authority = address.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") {
            return authority[..<at].firstIndex(of: ":").map { address.index(after: $0)..<at }
        }
        guard !authority.hasPrefix("["), let colon = authority.firstIndex(of: ":"), let at = address.lastIndex(of: "@")
        else { return nil }
        let start = address.index(after: colon)
        let isPort = !authority[start...].isEmpty && authority[start...].allSatisfy(\.isNumber)
        return isPort ? nil : start..<at
    }

    /// The password of `admin:secret@10.0.0.5/1` and `rtsp:/admin:secret@host`, where the scheme was forgotten or misspelt.
    private static func bareCredentials(in text: Substring) -> Range<Substring.Index>? {
        guard let at = text.lastIndex(of: "@"), let colon = text[..<at].firstIndex(of: ":"),
            !text[..<colon].contains(where: { $0 == "/" || $0.isWhitespace })
        else { return nil }
        return text.index(after: colon)..<at
    }
}

extension JSONValue {
    /// The same document with every password replaced by `***`: those inside addresses and those of members called `password`.
    public var withoutPasswords: JSONValue {
        switch self {
        case .string(let text): .string(Redaction.redacted(text))
        case .array(let items): .array(items.map(\.withoutPasswords))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (key, key == "password" && value != .null ? "***" : value.withoutPasswords)
                    }))
        default: self
        }
    }
}
