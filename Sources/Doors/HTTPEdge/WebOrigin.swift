import Foundation
import HTTPTypes

/// The origin of a web page, as browsers write it into `Origin`: scheme, host and a port that is not the scheme's own.
public struct WebOrigin: Hashable, Sendable {
    public let text: String
    static let wanted = "origins such as https://console.example.org, without a path"
    private static let ports = ["http": 80, "https": 443]

    /// What an operator writes: letters in any case, with the scheme's own port or a slash at the end. `nil` when it is none.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), let host = parts.encodedHost?.lowercased(), !host.isEmpty,
            ["", "/"].contains(parts.percentEncodedPath), parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil, (parts.port ?? 1).isPort, !host.contains("*")
        else { return nil }
        let port = parts.port == Self.ports[scheme] ? nil : parts.port
        self.text = "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "")
    }
}

extension Int {
    fileprivate var isPort: Bool { (1...65535).contains(self) }
}

extension ListenerConfiguration {
    /// What answers say to pages of other origins (CORS).
    ///
    /// Without `corsOrigins` the literal `*` of the contract. With them all is named, as `*` does not cover `Authorization`; that credentials
    /// may come of themselves is never said, so a cookie is of no use to a page.
    /// - Parameters:
    ///   - origin: the request's, if it was read.
    ///   - methods: those of the resource, in an answer to `OPTIONS`.
    func addCrossOrigin(to headers: inout HTTPFields, for origin: String?, methods: String? = nil) {
        let isAny = corsOrigins.isEmpty
        if !isAny { headers[.vary] = headers[.vary].map { "\($0), Origin" } ?? "Origin" }
        guard isAny || corsOrigins.contains(where: { $0.text == origin }) else { return }
        headers[.accessControlAllowOrigin] = isAny ? "*" : origin
        guard let methods else { return }
        headers[.accessControlAllowHeaders] = isAny ? "*" : Self.crossOriginHeaders
        headers[.accessControlAllowMethods] = isAny ? "*" : methods
        headers[.accessControlMaxAge] = "86400"
    }
    private static let crossOriginHeaders = "Authorization, Content-Type, Luna-Request-Id, Luna-Account-Id"
}
