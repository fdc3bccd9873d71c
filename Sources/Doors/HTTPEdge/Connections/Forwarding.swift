import Addresses
import HTTPTypes

/// Who a client is and by what address it reached us, as far as proxies on the way may be believed.
///
/// The way is read from its end: the peer of the connection first, then what a trusted one says of whom it speaks for, and so on
/// until the first that is not trusted, who is the client; what that one says of others is his own invention. Sources: RFC 7239
/// (`Forwarded`), and the older `X-Forwarded-For`, `-Proto`, `-Host`. A proxy that knows one of the two passes the other on as the
/// client wrote it: so where both are there and do not name the same client, the peer is taken for the client.
struct Forwarding: Equatable {
    private(set) var client: NetworkAddress?
    /// `http` or `https`.
    private(set) var scheme: String?
    /// With its port, if it has one.
    private(set) var host: String?

    /// One proxy's word.
    private struct Hop {
        var client: NetworkAddress?
        var scheme, host: String?
    }

    /// - Parameter peer: `nil` where the connection has no address of the internet's.
    init(peer: NetworkAddress?, headers: HTTPFields, trusted: [NetworkRange]) {
        client = peer
        guard let peer, Self.isTrusted(peer, trusted) else { return }
        let ways = [Self.standard(headers), Self.older(headers)].compactMap(\.self).map {
            Self.walk($0, from: peer, trusted)
        }
        guard let way = ways.first, ways.allSatisfy({ $0.client == way.client }) else { return }
        self = way
    }

    private init(walking client: NetworkAddress) { self.client = client }
    private static func walk(_ hops: [Hop], from peer: NetworkAddress, _ trusted: [NetworkRange]) -> Forwarding {
        var way = Forwarding(walking: peer)
        for hop in hops.reversed() {
            if let scheme = hop.scheme { way.scheme = scheme }
            if let host = hop.host { way.host = host }
            guard let client = hop.client else { break }
            way.client = client
            guard isTrusted(client, trusted) else { break }
        }
        return way
    }
    private static func isTrusted(_ address: NetworkAddress, _ trusted: [NetworkRange]) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    // MARK: Reading

    /// `nil` where the field is not there.
    private static func standard(_ headers: HTTPFields) -> [Hop]? {
        let values = headers[values: HTTPField.Name("Forwarded")!]
        guard !values.isEmpty else { return nil }
        return split(values.joined(separator: ","), at: ",").map { element in
            var hop = Hop()
            for pair in split(element, at: ";") {
                guard let equals = pair.firstIndex(of: "=") else { continue }
                let value = unquoted(pair[pair.index(after: equals)...])
                switch trimmed(pair[..<equals]).lowercased() {
                case "for": hop.client = address(value)
                case "proto": hop.scheme = scheme(value)
                case "host": hop.host = host(value)
                default: break
                }
            }
            return hop
        }
    }

    private static func older(_ headers: HTTPFields) -> [Hop]? {
        func list(_ name: String) -> [String] {
            headers[values: HTTPField.Name(name)!].flatMap { $0.split(separator: ",") }.map { trimmed($0) }
        }
        let clients = list("X-Forwarded-For")
        let (schemes, hosts) = (list("X-Forwarded-Proto"), list("X-Forwarded-Host"))
        guard !clients.isEmpty || !schemes.isEmpty || !hosts.isEmpty else { return nil }
        // Many proxies replace these two, and append to the first only: then the one value is of the whole way.
        func value(_ list: [String], at index: Int) -> String? {
            list.count == clients.count ? list[index] : list.last
        }
        guard !clients.isEmpty else {
            return [Hop(client: nil, scheme: schemes.last.flatMap(scheme), host: hosts.last.flatMap(host))]
        }
        return clients.indices.map { index in
            Hop(
                client: address(clients[index]), scheme: value(schemes, at: index).flatMap(scheme),
                host: value(hosts, at: index).flatMap(host))
        }
    }

    /// An address that may have a port: `192.0.2.1:80`, `[2001:db8::1]:80`. `nil` for hidden names such as `unknown`.
    private static func address(_ text: String) -> NetworkAddress? {
        if text.first == "[" {
            return text.dropFirst().firstIndex(of: "]").flatMap {
                NetworkAddress(text[text.index(after: text.startIndex)..<$0])
            }
        }
        if let address = NetworkAddress(text) { return address }
        return text.firstIndex(of: ":").flatMap { NetworkAddress(text[..<$0]) }
    }
    private static func scheme(_ text: String) -> String? {
        let scheme = text.lowercased()
        return ["http", "https"].contains(scheme) ? scheme : nil
    }
    private static func host(_ text: String) -> String? {
        let isHost = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isHost && (1...255).contains(text.utf8.count) ? text : nil
    }

    /// The parts between `separator`s that stand outside quotes.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
        var isQuoted = false, isEscaped = false
        return Substring(text).split(omittingEmptySubsequences: true) { character in
            defer { isEscaped = isQuoted && character == "\\" && !isEscaped }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }
    private static func unquoted(_ text: Substring) -> String {
        let text = trimmed(text)
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var isEscaped = false
        return String(
            text.dropFirst().dropLast().filter { character in
                isEscaped = character == "\\" && !isEscaped
                return !isEscaped
            })
    }
    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
