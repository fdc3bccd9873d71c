import Foundation

/// The address by which clients reach the server from outside: scheme, host, maybe a port and the beginning of the paths that a
/// proxy serves it under. Without a slash at its end.
public struct PublicURL: Hashable, Sendable {
    public let text: String
    static let wanted = "an address such as https://sightline.example.org, without user, query and fragment"

    /// `nil` when `text` is no such address.
    public init?(_ text: String) {
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.user == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        self.text = String(text.reversed().drop { $0 == "/" }.reversed())
    }
}
