import HTTPTypes

/// Which page a request comes from, as a browser says it in `Origin` (Fetch, RFC 6454) and `Sec-Fetch-Site` (Fetch Metadata), which no
/// page can write itself.
public enum PageOrigin: Hashable, Sendable {
    /// One that was had from here, by the very host that the request asks.
    case own
    /// Another one, also one whose origin is hidden or cannot be read.
    case foreign
    /// Nothing is said: a program asks, or a browser for what needs no word of a page.
    case unsaid

    /// - Parameters:
    ///   - authority: host and port as the client names them.
    ///   - baseURL: what the address begins with by which clients reach us.
    init(_ headers: HTTPFields, authority: String?, baseURL: String) {
        let origins = headers[values: .origin], sites = headers[values: .fetchSite]
        if !sites.allSatisfy({ ["same-origin", "none"].contains($0) })
            || !origins.allSatisfy({ Self.isOwn($0, authority, baseURL) })
        {
            self = .foreign
        } else {
            self = origins.isEmpty ? .unsaid : .own
        }
    }

    /// By the host alone where it is the one asked: behind a proxy that is not trusted nobody knows the scheme by which clients come.
    private static func isOwn(_ origin: String, _ authority: String?, _ baseURL: String) -> Bool {
        guard let page = WebOrigin(origin), let scheme = page.text.split(separator: ":").first else { return false }
        let base = baseURL.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        return [base.joined(separator: "/"), "\(scheme)://\(authority ?? "")"].contains { WebOrigin($0) == page }
    }
}

extension HTTPField.Name {
    static let fetchSite = Self("Sec-Fetch-Site")!
}
