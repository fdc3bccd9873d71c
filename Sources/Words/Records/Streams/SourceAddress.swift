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
