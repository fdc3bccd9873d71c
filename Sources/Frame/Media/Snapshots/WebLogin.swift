import CFFmpeg
import Foundation

/// Who asks a web server: told as RFC 7617 has it (Basic), or as RFC 7616 does (Digest, with MD5 as FFmpeg has it), whichever is wanted.
struct WebLogin {
    private let user, password: String
    /// What the server wants to know, and how often it was told.
    private var challenge: WebChallenge?
    private var count: UInt32 = 0

    init(user: String, password: String) { (self.user, self.password) = (user, password) }

    /// Hears what a server wants that answers 401.
    /// - Parameter challenges: its fields `WWW-Authenticate`.
    /// - Returns: whether that can be told.
    mutating func hear(_ challenges: [String]) -> Bool {
        let all = challenges.flatMap(WebChallenge.all)
        // Within quotes nothing may stand that ends a line.
        let isPlain = !user.utf8.contains { $0 < 0x20 || $0 == 0x7f }
        let digest = all.first { isPlain && $0.isDigestWithMD5 }
        (challenge, count) = (digest ?? all.first { $0.scheme == "basic" }, 0)
        return challenge != nil
    }

    /// The field `Authorization` of a GET; `nil` as long as nobody wants to know.
    /// - Parameters:
    ///   - target: as it stands in the request.
    ///   - nonce: of ours.
    mutating func authorization(for target: String, nonce: String = Self.nonce()) -> String? {
        guard let challenge else { return nil }
        guard challenge.scheme == "digest" else {
            return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        }
        count &+= 1
        let realm = challenge["realm"] ?? "", serverNonce = challenge["nonce"] ?? ""
        let times = String(format: "%08x", count)
        var secret = Self.hash(user, realm, password)
        if challenge.isSession { secret = Self.hash(secret, serverNonce, nonce) }
        let request = Self.hash("GET", target)
        let response =
            challenge["qop"] == nil
            ? Self.hash(secret, serverNonce, request)
            : Self.hash(secret, serverNonce, times, nonce, "auth", request)
        var parts = [
            ("username", user), ("realm", realm), ("nonce", serverNonce), ("uri", target), ("response", response),
        ].map { "\($0)=\(Self.quoted($1))" }
        if let algorithm = challenge["algorithm"] { parts.append("algorithm=\(algorithm)") }
        if let opaque = challenge["opaque"] { parts.append("opaque=\(Self.quoted(opaque))") }
        if challenge["qop"] != nil { parts.append("qop=auth, nc=\(times), cnonce=\(Self.quoted(nonce))") }
        return "Digest " + parts.joined(separator: ", ")
    }

    private static func nonce() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    private static func hash(_ parts: String...) -> String {
        let text = Array(parts.joined(separator: ":").utf8)
        var hash = [UInt8](repeating: 0, count: 16)
        av_md5_sum(&hash, text, text.count)
        return hash.map { String(format: "%02x", $0) }.joined()
    }
}

/// One of the ways in which a server lets itself be told who asks.
private struct WebChallenge {
    /// In lower case, as are the names of `values`.
    let scheme: String
    private var values: [String: String] = [:]
    subscript(name: String) -> String? { values[name] }

    var isSession: Bool { self["algorithm"]?.lowercased() == "md5-sess" }
    var isDigestWithMD5: Bool {
        let offers = self["qop"]?.lowercased().split { $0 == "," || $0 == " " }
        return scheme == "digest" && self["nonce"] != nil && offers?.contains("auth") != false
            && ["md5", "md5-sess"].contains(self["algorithm"]?.lowercased() ?? "md5")
    }

    private init(_ scheme: Substring) { self.scheme = scheme.lowercased() }

    /// Reads a field `WWW-Authenticate`: commas part the values of a way, and the ways.
    static func all(in field: String) -> [WebChallenge] {
        var rest = field[...], found: [WebChallenge] = []
        while !rest.isEmpty {
            let word = rest.prefix { !" \t,=\"".contains($0) }
            rest = rest.dropFirst(max(word.count, 1))
            guard !word.isEmpty else { continue }
            let value = rest.drop { $0 == " " }
            guard value.first == "=", !found.isEmpty else {
                found.append(WebChallenge(word))
                continue
            }
            rest = value.dropFirst().drop { $0 == " " }
            found[found.count - 1].values[word.lowercased()] = takeValue(&rest)
        }
        return found
    }

    private static func takeValue(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && $0 != " " }
            rest = rest.dropFirst(value.count)
            return String(value)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            value.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return value
    }
}
