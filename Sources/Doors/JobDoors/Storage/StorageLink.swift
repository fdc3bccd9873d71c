import Foundation
import HTTPEdge
import Identity
import Records

/// A link to bytes that needs no other credentials: what may be done with them and until when is signed with it
/// (`docs/contract/jobs.md` §7).
struct StorageLink: Hashable, Sendable {
    /// What its holder may do, as it stands in the link.
    struct Rights: OptionSet, Hashable, Sendable {
        let rawValue: Int
        static let read = Rights(rawValue: 1)
        static let write = Rights(rawValue: 2)
        var text: String { (contains(.read) ? "r" : "") + (contains(.write) ? "w" : "") }
        init(rawValue: Int) { self.rawValue = rawValue }
        init?(_ text: Substring) {
            self = []
            for letter in text {
                switch letter {
                case "r": insert(.read)
                case "w": insert(.write)
                default: return nil
                }
            }
        }
    }
    /// Percent-encoded.
    let path: String
    let rights: Rights
    let expiry: Date

    /// Whole seconds.
    init(_ path: String, _ rights: Rights, until expiry: Date) {
        (self.path, self.rights) = (path, rights)
        self.expiry = Date(timeIntervalSince1970: expiry.timeIntervalSince1970.rounded(.down))
    }

    /// What is signed.
    private var text: String { "\(path)?se=\(expiry.rfc3339.prefix(19))Z&sr=b&sp=\(rights.text)" }

    /// - Returns: path and query.
    func signed(by identity: Identity, for account: UUID) async throws -> String {
        "\(text)&sig=\(try await identity.linkSigner.signature(of: account, to: text))"
    }

    /// A link as it came.
    /// - Parameter target: path and query; what a client has added behind changes nothing.
    /// - Returns: the link and whose it is; `nil` when it was not signed here.
    static func open(_ target: String, by identity: Identity) async throws -> (link: StorageLink, account: UUID)? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        var values: [Substring: Substring] = [:]
        for pair in target[mark...].dropFirst().split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, values[parts[0]] == nil { values[parts[0]] = parts[1] }
        }
        guard let time = values["se"].flatMap({ Date(rfc3339: $0.replacing("%3A", with: ":")) }),
            let rights = values["sp"].flatMap(Rights.init), let signature = values["sig"]
        else { return nil }
        let link = StorageLink(String(target[..<mark]), rights, until: time)
        guard let account = try await identity.linkSigner.account(of: String(signature), to: link.text) else {
            return nil
        }
        return (link, account)
    }
}
