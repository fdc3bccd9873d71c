/// The beginning of an address as it was written, however little of it a parser accepts.
public struct SourceAddress {
    /// In lower case: `rtsp`.
    public let scheme: String
    /// From behind `://` up to the path, the query or the fragment.
    private let authority: Substring
    private let rest: Substring

    /// `nil` of a path.
    public init?(_ text: String) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme.first?.isLetter == true,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        authority = text[separator.upperBound...].prefix { !Self.ends.contains($0) }
        rest = text[authority.endIndex...]
    }
    private static let ends: [Character] = ["/", "?", "#"]
    private static let encodings: [Character: String] = ["/": "%2F", "?": "%3F", "#": "%23"]

    /// The same, with what user and password may not have as it is written percent-encoded; what is encoded stays so. A parser that
    /// does so by itself takes each `%` for a letter as soon as there is one that has to be encoded.
    public var withEncodedUser: String {
        guard let at = authority.lastIndex(of: "@") else { return "\(scheme)://\(authority)\(rest)" }
        let bytes = Array(authority[..<at].utf8)
        var user = ""
        for (index, byte) in bytes.enumerated() {
            let isEscape = byte == UInt8(ascii: "%") && bytes.dropFirst(index + 1).prefix(2).count(where: \.isHex) == 2
            let isPlain = byte < 0x80 && (byte.isLetterOrDigit || Self.plain.contains(byte))
            user += isEscape || isPlain ? String(UnicodeScalar(byte)) : "%" + byte.hex
        }
        return "\(scheme)://\(user)\(authority[at...])\(rest)"
    }
    /// RFC 3986 §3.2.1, beside letters and digits.
    private static let plain = Set("-._~!$&'()*+,;=:".utf8)

    /// Whether it says who asks.
    public var namesUser: Bool { authority.contains("@") || rawCharacter != nil }

    /// The character of a password that was not encoded and ends the address there: `#` in `rtsp://admin:a#b@10.0.0.5/1`. It is recognised by
    /// a port that is none, or by a host that seems to be a login before the one that is a number. An `@` ends nothing: the last one counts.
    public var rawCharacter: Character? {
        if rest.first == "#", rest.contains("@") { return "#" }  // a fragment behind a host says nothing to a camera
        guard !authority.contains("@"), authority.first != "[", let colon = authority.firstIndex(of: ":"),
            let at = rest.lastIndex(of: "@"), let end = rest.first
        else { return nil }
        let port = authority[colon...].dropFirst(), host = authority[..<colon]
        if !port.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            let isHost = host.contains(".") || host.lowercased() == "localhost"
            // What names a parameter, or holds another address, is no password.
            let between = rest[..<at].dropFirst()
            guard !isHost, !between.contains(where: { "?=&".contains($0) }), !between.contains("://"),
                Self.beginsWithNumber(rest[at...].dropFirst())
            else { return nil }
        }
        return end
    }
    private static func beginsWithNumber(_ host: Substring) -> Bool {
        host.first == "[" || host.prefix { "0123456789.".contains($0) }.count { $0 == "." } == 3
    }

    /// What is wrong with it, and how it is put right.
    public var complaint: String? {
        guard let raw = rawCharacter, let encoding = Self.encodings[raw] else { return nil }
        return "has a '\(raw)' in its password that ends the address; "
            + "write it as '\(encoding)', or give login and password in data.authorization"
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool { isDigit || (0x61...0x7a).contains(self | 0x20) }
    fileprivate var isHex: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
    /// Two digits.
    fileprivate var hex: String { (self < 16 ? "0" : "") + String(self, radix: 16, uppercase: true) }
}
