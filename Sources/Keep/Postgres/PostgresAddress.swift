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

    /// A new connection, which may be a broken one. Blocks for some seconds at most.
    func connect() -> OpaquePointer? {
        var options: [(String, String)] = [
            ("dbname", url), ("client_encoding", "UTF8"), ("application_name", "sightline"), ("connect_timeout", "5"),
            // A network that has gone silent is noticed within half a minute.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
            (
                "options",
                "-c synchronous_commit=on -c standard_conforming_strings=on -c idle_in_transaction_session_timeout=0"
            ),
        ]
        if let password { options.append(("password", password)) }
        let keys = options.map { strdup($0.0) }, values = options.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let keyPointers = keys.map { UnsafePointer<CChar>($0) } + [nil]
        let valuePointers = values.map { UnsafePointer<CChar>($0) } + [nil]
        return PQconnectdbParams(keyPointers, valuePointers, 1)
    }
}
