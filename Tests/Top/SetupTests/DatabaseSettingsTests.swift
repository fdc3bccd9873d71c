import Foundation
import JSON
import Pipeline
import Records
import Store
import Testing

@testable import Setup

/// Which database is used, and that nobody sees its password.
struct DatabaseSettingsTests {
    private static let canary = "canary-8041"
    private static let address = "postgres://sightline@db.local:5432/events?sslmode=require"

    @Test func theEmbeddedDatabaseIsTheDefault() throws {
        #expect(try SettingsTests.settings().database.choice() == .sqlite)
        #expect(try SettingsTests.settings(environment: ["SIGHTLINE_DATABASE": "sqlite"]).database.choice() == .sqlite)
    }

    @Test func aServerIsReachedWithThePasswordOfTheEnvironment() throws {
        let settings = try SettingsTests.settings(
            environment: ["SIGHTLINE_DATABASE_PASSWORD": Self.canary], file: #"{"database": "\#(Self.address)"}"#)
        #expect(try settings.database.choice() == .postgres(url: Self.address, password: Self.canary))
    }

    @Test(arguments: ["canary-8041", "canary-8041\n", "canary-8041\r\nsecond line\n"])
    func aServerIsReachedWithTheFirstLineOfTheFile(contents: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try Data(contents.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var environment = ["SIGHTLINE_DATABASE": Self.address, "SIGHTLINE_DATABASE_PASSWORD_FILE": file.path]
        let settings = try SettingsTests.settings(environment: environment)
        #expect(try settings.database.choice() == .postgres(url: Self.address, password: Self.canary))
        environment["SIGHTLINE_DATABASE_PASSWORD"] = ""
        #expect(
            try SettingsTests.settings(environment: environment).database.choice()
                == .postgres(url: Self.address, password: Self.canary))
        environment["SIGHTLINE_DATABASE_PASSWORD"] = "other"
        #expect(
            try SettingsTests.settings(environment: environment).database.choice()
                == .postgres(url: Self.address, password: "other"))
    }

    @Test func aFileThatHoldsNoPasswordIsRefused() throws {
        let settings = try SettingsTests.settings(environment: [
            "SIGHTLINE_DATABASE": Self.address, "SIGHTLINE_DATABASE_PASSWORD_FILE": "/nowhere",
        ])
        let error = SettingsError(
            key: "database_password_file", found: "/nowhere", wanted: "a readable file whose first line is the password"
        )
        #expect(throws: error) { try settings.database.choice() }
    }

    @Test(arguments: [
        "postgres://sightline:canary-8041@db.local/events", "postgresql://:canary-8041@db.local",
        "postgres://sightline:canary-8041?x@db.local/events", "postgres://sightline:canary/8041@db.local/events",
        "postgres://db.local/events?password=canary-8041", "postgres://db.local/events?a=b&%70assword=canary-8041",
        "postgres://db.local/events?sslpassword=canary-8041",
    ])
    func aPasswordInTheAddressIsRefusedWithThePlaceWhereItGoes(address: String) {
        #expect { try SettingsTests.settings(environment: ["SIGHTLINE_DATABASE": address]) } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("Setting 'database'") && !text.contains("canary") && !text.contains("8041")
                && text.contains("SIGHTLINE_DATABASE_PASSWORD") && text.contains("database_password_file")
        }
    }

    @Test(arguments: [
        ("mysql", "mysql"), ("mysql://me:canary@host", "something else"), ("host=a password=canary", "something else"),
        (
            "postgres://db.local/events?colour=canary",
            "an address that cannot be read (invalid URI query parameter: \"colour\")"
        ),
    ])
    func whatIsNoDatabaseIsRefusedAndNotQuoted(text: String, found: String) {
        let error = SettingsError(
            key: "database", found: found, wanted: "sqlite, or an address such as postgres://user@host/database")
        #expect(throws: error) { try SettingsTests.settings(environment: ["SIGHTLINE_DATABASE": text]) }
    }

    @Test func aPasswordInTheSettingsFileIsRefused() {
        #expect { try SettingsTests.settings(file: #"{"database_password": "canary-8041"}"#) } throws: { error in
            "\(error)".hasPrefix("Setting 'database_password'") && !"\(error)".contains("canary")
        }
    }

    @Test func thePasswordIsNeverShown() throws {
        let settings = try SettingsTests.settings(environment: [
            "SIGHTLINE_DATABASE": Self.address, "SIGHTLINE_DATABASE_PASSWORD": Self.canary,
        ])
        let shown = settings.shown(tracking: settings.tracker.configuration)
        #expect(shown["SIGHTLINE"]?["DATABASE"] == "postgres://sightline@db.local:5432/events")
        #expect(shown["SIGHTLINE"]?["DATABASE_PASSWORD"] == "***")
        var printed = "\(shown) \(settings) \(settings.given)"
        dump(settings, to: &printed)
        #expect(!printed.contains(Self.canary))
    }
}
