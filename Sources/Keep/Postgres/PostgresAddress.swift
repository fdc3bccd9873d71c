import CPQ
import Foundation
import Records
import SQL

/// Where a PostgreSQL database is, and how it is spoken of without its password.
struct PostgresAddress: Sendable {
    /// `postgres://user@host:port/database?…`, without a password.
    let url: String
    let password: String?

    /// - Parameter url: `postgres://…` or `postgresql://…`.
    /// - Throws: `badAddress` for what libpq does not understand, or a password in the address, which others could see.
    init(url: String, password: String?) throws(OpeningError) {
        guard ["postgres://", "postgresql://"].contains(where: url.hasPrefix) else {
            throw .badAddress(reason: "wanted is postgres://user@host:port/database")
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            let reason = message.map { String(cString: $0).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
            throw .badAddress(reason: Redaction.redacted(reason))
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if strcmp(keyword, "password") == 0, option.pointee.val != nil {
                throw .badAddress(
                    reason: "it holds a password; wanted in SIGHTLINE_DATABASE_PASSWORD or 'database_password_file'")
            }
            option += 1
        }
        (self.url, self.password) = (url, password)
    }

    /// For messages: without the options that follow a `?`.
    var place: String { Redaction.redacted(String(url.prefix { $0 != "?" })) }

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
