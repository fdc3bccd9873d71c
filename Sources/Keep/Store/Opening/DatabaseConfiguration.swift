public import Foundation
import JSON
public import Records

/// Which database the operator wants, and what opens it.
public struct DatabaseConfiguration: Sendable {
    /// `sqlite`, or `postgres://user@host:port/database` without a password.
    public var place = "sqlite"
    /// A file whose first line is the password.
    public var passwordFile: URL?
    /// Comes before the file.
    public var password: Secret?

    public init() {}

    public static let settings: [Setting<DatabaseConfiguration>] = [
        Setting(key: "database", kind: .text) { (text, configuration) throws(SettingsError) in
            try check(text)
            configuration.place = text
        } show: {
            .string(shown($0.place))
        },
        Setting("database_password_file", \.passwordFile),
        Setting("database_password", \.password),
    ]

    /// What is opened; reads the password's file where it is needed.
    public func choice() throws(SettingsError) -> DatabaseChoice {
        if place == "sqlite" { return .sqlite }
        var password = password?.value
        if password == nil, let passwordFile { password = try Self.firstLine(of: passwordFile) }
        return .postgres(url: place, password: password)
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
    /// What is refused may be a password in the wrong place, so nothing of it is quoted.
    private static func check(_ place: String) throws(SettingsError) {
        if place == "sqlite" { return }
        guard let scheme = ["postgres://", "postgresql://"].first(where: place.hasPrefix) else {
            throw SettingsError(
                key: "database", found: place.allSatisfy(\.isLetter) ? place : "something else",
                wanted: "sqlite, or an address such as postgres://user@host/database")
        }
        guard !holdsPassword(place.dropFirst(scheme.count)), Redaction.redacted(place) == place else {
            throw SettingsError(
                key: "database", found: "an address with a password in it",
                wanted:
                    "the address without it, and the password in the environment variable SIGHTLINE_DATABASE_PASSWORD "
                    + "or in the file that 'database_password_file' names")
        }
    }

    /// As libpq reads it: user information ends at the first `@` before a `/`; options follow a `?`.
    private static func holdsPassword(_ address: Substring) -> Bool {
        let authority = address.prefix { $0 != "/" }
        if let end = authority.firstIndex(of: "@"), authority[..<end].contains(":") { return true }
        let options = address.split(separator: "?", maxSplits: 1).dropFirst().joined()
        return options.split(separator: "&").contains { option in
            let name = option.prefix { $0 != "=" }
            return (name.removingPercentEncoding ?? String(name)).lowercased().hasSuffix("password")
        }
    }

    /// Without options, whose values are nobody's business.
    private static func shown(_ place: String) -> String { Redaction.redacted(String(place.prefix { $0 != "?" })) }
}
