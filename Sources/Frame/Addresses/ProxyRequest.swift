/// The head of a request to a proxy: `GET http://host/path HTTP/1.1` or `CONNECT host:443 HTTP/1.1`.
struct ProxyRequest: Equatable {
    let host: String
    let port: UInt16
    /// Whether the bytes that follow are none of the proxy's business.
    let isTunnel: Bool
    /// The head for the server itself; empty for a tunnel.
    let forwarded: [UInt8]

    init?(head: [UInt8]) {
        guard let lineEnd = head.firstRange(of: Array("\r\n".utf8)) else { return nil }
        let parts = head[..<lineEnd.lowerBound].split(separator: UInt8(ascii: " "))
        guard parts.count == 3 else { return nil }
        let target = String(decoding: parts[1], as: UTF8.self)
        isTunnel = parts[0].elementsEqual("CONNECT".utf8)
        let authority: Substring
        if isTunnel {
            authority = target[...]
            forwarded = []
        } else {
            guard target.hasPrefix("http://") else { return nil }
            let rest = target.dropFirst("http://".count)
            authority = rest.prefix { $0 != "/" && $0 != "?" }
            var path = String(rest.dropFirst(authority.count))
            if !path.hasPrefix("/") { path = "/" + path }
            forwarded = parts[0] + Array(" \(path) ".utf8) + parts[2] + head[lineEnd.lowerBound...]
        }
        guard let (host, port) = Self.split(authority), let port = port ?? (isTunnel ? nil : 80) else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// `host:port`, `host`, `[v6]:port`.
    private static func split(_ authority: Substring) -> (String, UInt16?)? {
        let hostEnd: Substring.Index
        let host: Substring
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<hostEnd]
        }
        guard !host.isEmpty, !authority.contains("@") else { return nil }
        let rest = authority[hostEnd...]
        if rest.isEmpty { return (String(host), nil) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
        return (String(host), port)
    }
}
