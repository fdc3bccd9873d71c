public import Foundation
import JSON
import Postgres
public import Records
public import Sealing

/// Which database the operator wants, and what opens it.
public struct DatabaseConfiguration: Sendable {
    /// `sqlite`, or `postgres://user@host:port/database` without a password.
    public var place = "sqlite"
    /// A file whose first line is the password.
    public var passwordFile: URL?
    /// Comes before the file.
    public var password: Secret?
    /// A file with the key that secrets are sealed under; `nil`: beside the data directory.
    public var keyFile: URL?
    /// Comes before the file.
    public var key: Secret?

    public init() {}

    public static let settings: [Setting<DatabaseConfiguration>] = [
        Setting(key: "database", kind: .text) { (text, configuration) throws(SettingsError) in
            try check(text)
            configuration.place = text
        } show: {
            .string(PostgresAddress.shown($0.place))
        },
        Setting("database_password_file", \.passwordFile),
        Setting("database_password", \.password),
        Setting("key_file", \.keyFile),
        Setting("key", \.key),
    ]

    /// What is opened; reads the password's file where it is needed.
    public func choice() throws(SettingsError) -> DatabaseChoice {
        if place == "sqlite" { return .sqlite }
        var password = password?.value
        if password == nil, let passwordFile { password = try Self.firstLine(of: passwordFile) }
        return .postgres(url: place, password: password)
    }

    /// Where the key comes from that secrets are sealed under; `nil`: beside the data directory.
    public func keys() throws(SettingsError) -> KeySource? {
        guard let key else { return keyFile.map(KeySource.file) }
        guard let known = SealingKey(key.value) else {
            throw SettingsError(key: "key", found: "something else", wanted: "64 hexadecimal digits")
        }
        return .given(known)
    }

    private static func firstLine(of file: URL) throws(SettingsError) -> String {
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let line = text.split(whereSeparator: \.isNewline).first
        else {
            throw SettingsError(
                key: "database_password_file", found: file.path,
                wanted: "a readable file whose first line is the password")
        }
        return String(line)
    }
}

// MARK: Addresses

extension DatabaseConfiguration {
    /// What is refused may hold a password in the wrong place, so no more of it is quoted than libpq complains of.
    private static func check(_ place: String) throws(SettingsError) {
        if place == "sqlite" { return }
        do throws(PostgresAddress.Refusal) {
            _ = try PostgresAddress(url: place, password: nil)
        } catch {
            throw SettingsError(key: "database", found: found(place, error), wanted: wanted(error))
        }
    }
    private static func found(_ place: String, _ refusal: PostgresAddress.Refusal) -> String {
        switch refusal {
        case .otherScheme: place.allSatisfy(\.isLetter) ? place : "something else"
        case .holdsPassword: "an address with a password in it"
        case .unreadable(let reason): "an address that cannot be read (\(reason))"
        }
    }
    private static func wanted(_ refusal: PostgresAddress.Refusal) -> String {
        switch refusal {
        case .otherScheme, .unreadable: "sqlite, or an address such as postgres://user@host/database"
        case .holdsPassword:
            "the address without it, and the password in the environment variable SIGHTLINE_DATABASE_PASSWORD "
                + "or in the file that 'database_password_file' names"
        }
    }
}
