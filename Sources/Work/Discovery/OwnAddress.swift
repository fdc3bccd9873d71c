import Addresses
import Foundation
import Records

/// Addresses that a device gives out, as far as they lead to itself.
enum OwnAddress {
    private static let lengthLimit = 1024

    /// Where it can be asked over HTTP; `nil` when that is elsewhere.
    static func service(_ text: String, of device: String) -> String? {
        parts(text, ["http", "https"], of: device).flatMap { parts in
            var parts = parts
            (parts.user, parts.password, parts.fragment) = (nil, nil, nil)
            return parts.string
        }
    }
    /// Of a stream or a snapshot, for whoever reads it: without credentials.
    static func shown(_ text: String, _ schemes: Set<String>, of device: String) -> String? {
        parts(text, schemes, of: device).flatMap { parts in
            var parts = parts
            (parts.user, parts.password) = (nil, nil)
            return parts.string.flatMap { Redaction.redacted($0).shownWhole }
        }
    }
    /// Of an address that leads elsewhere nothing else is told: there may be a password.
    static func host(of text: some StringProtocol) -> String {
        URLComponents(string: String(text.prefix(lengthLimit)))?.host?.shownPlain ?? "?"
    }
    private static func parts(_ text: String, _ schemes: Set<String>, of device: String) -> URLComponents? {
        guard text.utf8.count <= lengthLimit, let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), schemes.contains(scheme), let host = parts.host,
            let address = NetworkAddress(literal: host), address.text == device
        else { return nil }
        return parts
    }
}

extension String {
    fileprivate var shownWhole: String? {
        unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7f } ? self : nil
    }
}
