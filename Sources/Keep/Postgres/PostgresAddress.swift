import CPQ
import Foundation
import Records

/// Where a PostgreSQL database is, and how it is spoken of without its password.
public struct PostgresAddress: Sendable {
    /// Why a text is no address to be used. No case carries a password.
    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// It begins neither with `postgres://` nor with `postgresql://`.
        case otherScheme
        /// Others could see it there.
        case holdsPassword
        /// The reason is libpq's own.
        case unreadable(reason: String)

        public var description: String {
            switch self {
            case .otherScheme: "wanted is postgres://user@host:port/database"
            case .holdsPassword:
                "it holds a password; wanted in SIGHTLINE_DATABASE_PASSWORD or 'database_password_file'"
            case .unreadable(let reason): reason
            }
        }
    }

    /// `postgres://user@host:port/database?…`, without a password.
    let url: String
    let password: String?
    /// How long a server may be silent when it owes an answer.
    var patience = Duration.seconds(15)

    public init(url: String, password: String?) throws(Refusal) {
        guard ["postgres://", "postgresql://"].contains(where: url.hasPrefix) else { throw .otherScheme }
        // A password with a '/' in it would be taken for the name of the database.
        guard Redaction.redacted(url, as: .connection) == url else { throw .holdsPassword }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            if Self.seemsToHoldPassword(url) { throw .holdsPassword }
            let reason = message.map { String(cString: $0).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
            throw .unreadable(reason: Redaction.redacted(reason))
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            // That of the client's key is called `sslpassword`.
            if String(cString: keyword).hasSuffix("password"), option.pointee.val != nil { throw .holdsPassword }
            option += 1
        }
        (self.url, self.password) = (url, password)
    }
    /// What libpq cannot read it quotes, so there a text that looks like a password is treated as one.
    private static func seemsToHoldPassword(_ url: String) -> Bool {
        let words = url.split { "?&=".contains($0) }.dropFirst()
        return url.contains(/:[^\/]*@/)
            || words.contains { ($0.removingPercentEncoding ?? String($0)).lowercased().hasSuffix("password") }
    }

    /// An address as it may be shown: without password, and without options, whose values are nobody's business.
    public static func shown(_ url: String) -> String {
        Redaction.redacted(String(url.prefix { $0 != "?" }), as: .connection)
    }
    /// For messages.
    var place: String { Self.shown(url) }

    /// `text`, which libpq or the server wrote, without the password and on one line.
    func redacted(_ text: String) -> String {
        var shown = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
        if let password, !password.isEmpty { shown = shown.replacing(password, with: "***") }
        return Redaction.redacted(shown)
    }

    /// What holds when the address says nothing of it.
    private static let defaults = [
        ("fallback_application_name", "sightline"),
        // Seconds for each host. A server that says nothing is one that is gone.
        ("connect_timeout", "5"),
        // A network that has gone silent is noticed within half a minute.
        ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "15000"),
        // Of several hosts the one that takes writes.
        ("target_session_attrs", "read-write"),
    ]

    /// A new connection, which may be a broken one. Blocks for some seconds at most for each host of the address.
    func connect() -> OpaquePointer? {
        // Of two values for an option the later one holds.
        var options = Self.defaults + [("dbname", url), ("client_encoding", "UTF8")]
        if let password { options.append(("password", password)) }
        let keys = options.map { strdup($0.0) }, values = options.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let keyPointers = keys.map { UnsafePointer<CChar>($0) } + [nil]
        let valuePointers = values.map { UnsafePointer<CChar>($0) } + [nil]
        return PQconnectdbParams(keyPointers, valuePointers, 1)
    }
}
