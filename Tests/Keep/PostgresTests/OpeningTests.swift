import Foundation
import KeepSupport
import SQL
import Testing

@testable import Postgres

/// Sentences that an operator reads.
struct OpeningTests {
    private static func expectRefusal(
        _ parts: String..., hidden: String? = nil, _ location: SourceLocation = #_sourceLocation,
        open: () throws -> ThingDatabase
    ) {
        #expect(sourceLocation: location) {
            try open()
        } throws: { error in
            let text = "\(error)"
            let isGood = error is OpeningError && parts.allSatisfy(text.contains) && !text.contains("\n")
            if !isGood { Issue.record("\(text)", sourceLocation: location) }
            return isGood && !(hidden.map(text.contains) ?? false)
        }
    }

    @Test func aSecondDaemonIsRefused() throws {
        let things = try ThingDatabase()
        Self.expectRefusal("The database postgres://sightline@/\(things.name) is in use by another Sightline process") {
            try ThingDatabase(url: things.url)
        }
        withExtendedLifetime(things) {}
    }
    @Test func aDaemonThatIsJustGoneIsWaitedFor() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        try things.database.close()
        let rival = try Rival(things, on: server, seconds: 1)
        _ = try ThingDatabase(url: things.url)
        await rival.end()
    }
    @Test func aServerThatIsNotThere() {
        Self.expectRefusal(
            "The database postgres://sightline@127.0.0.1:1/events cannot be reached: ", "refused", hidden: "canary"
        ) { try ThingDatabase(url: "postgres://sightline@127.0.0.1:1/events?sslmode=disable", password: "canary") }
        Self.expectRefusal("cannot be reached: ", "No such file") {
            try ThingDatabase(url: "postgres:///events?host=/nowhere")
        }
    }
    @Test func aDatabaseThatIsNotThere() throws {
        let url = try PostgresServer.shared.get().url(of: "absent")
        Self.expectRefusal("/absent cannot be reached: ", "database \"absent\" does not exist") {
            try ThingDatabase(url: url)
        }
    }
    @Test func aDatabaseOfAnotherEncoding() throws {
        let server = try PostgresServer.shared.get()
        try server.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc")
        Self.expectRefusal("/latin cannot be used: its encoding is not UTF8") {
            try ThingDatabase(url: server.url(of: "latin"))
        }
    }
    @Test func aRoleThatMayNotMakeTables() throws {
        let server = try PostgresServer.shared.get()
        let url = try server.newDatabase()
        try server.execute("CREATE ROLE guest LOGIN")
        Self.expectRefusal("cannot be used: permission denied for schema public") {
            try ThingDatabase(url: url.replacing("sightline@", with: "guest@"))
        }
    }
    @Test func aDatabaseOfANewerVersion() throws {
        let server = try PostgresServer.shared.get()
        let url = try server.newDatabase()
        let name = try ThingDatabase(url: url).name
        try server.execute("INSERT INTO migration VALUES ('9999')", in: name)
        Self.expectRefusal("/\(name) was written by a newer version of Sightline") { try ThingDatabase(url: url) }
    }
    @Test func theRightPasswordLetsInAndAWrongOneIsNotShown() async throws {
        let server = try PostgresServer(password: "tea's \\ready")
        let port = try #require(server.port)
        let url = "postgres://sightline@127.0.0.1:\(port)/sightline"
        let things = try ThingDatabase(url: url, password: "tea's \\ready")
        try await things.insert(1)
        #expect(try await things.numbers() == [1])
        Self.expectRefusal("\(url) cannot be reached: ", "password authentication failed", hidden: "canary") {
            try ThingDatabase(url: url, password: "canary")
        }
        Self.expectRefusal("\(url) cannot be reached: ", "no password supplied") { try ThingDatabase(url: url) }
    }

    @Test(
        arguments: [
            "postgres://sightline:canary@127.0.0.1/events", "postgres://sightline@127.0.0.1/events?password=canary",
            "postgres://sightline:can%61ry@/events", "postgres://sightline@127.0.0.1/events?sslpassword=canary",
            // What libpq cannot read and would quote.
            "postgres://sightline@127.0.0.1/events?password=can%ary", "postgres://sight#line:can%ary@127.0.0.1/events",
        ])
    func aPasswordInTheAddress(url: String) {
        Self.expectRefusal("SIGHTLINE_DATABASE_PASSWORD", hidden: "can") { try ThingDatabase(url: url) }
    }
    @Test(arguments: [
        "", "host=here", "mysql://canary@here/events", "postgres://here/events?colour=red", "postgres://[::1/x",
    ])
    func whatIsNoAddress(url: String) {
        Self.expectRefusal("The setting 'database' names no database: ", hidden: "canary") {
            try ThingDatabase(url: url, password: "canary")
        }
    }

    @Test func whateverTheServersDefaultsAreCommitsReachTheDisk() async throws {
        let server = try PostgresServer.shared.get()
        let url = try server.newDatabase()
        let name = url.split(separator: "?")[0].split(separator: "/").last!
        for setting in [
            "synchronous_commit = off", "default_transaction_isolation = serializable", "idle_session_timeout = '1s'",
            "standard_conforming_strings = off",
        ] { try server.execute("ALTER DATABASE \(name) SET \(setting)") }
        let things = try ThingDatabase(url: url)
        let settings = try await things.database.write { connection in
            try ["synchronous_commit", "transaction_isolation", "idle_session_timeout", "standard_conforming_strings"]
                .map {
                    try connection.value("SELECT current_setting(?)", [$0]) as String?
                }
        }
        #expect(settings == ["on", "read committed", "0", "on"])
    }
}
