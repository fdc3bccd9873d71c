import Foundation
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

struct OpeningTests {
    @Test func aSecondStoreOnTheSameDirectoryIsRefused() throws {
        let directory = TemporaryDirectory()
        let first = try Store(directory: directory.url)
        #expect(throws: OpeningError.directoryInUse(path: directory.url.path)) { try Store(directory: directory.url) }
        withExtendedLifetime(first) {}
    }

    @Test(arguments: Backend.allCases) func whatWasWrittenIsThereAfterReopening(backend: Backend) async throws {
        let first = try await TemporaryStore(backend)
        try await first.store.close()
        let directory = TemporaryDirectory()
        if backend == .sqlite { try FileManager.default.copyItem(at: first.directory.url, to: directory.url) }
        let second = try Store(
            directory: directory.url, database: first.database, keys: .beside(first.directory.url))
        #expect(try await second.account(id: first.account.id) == first.account)
    }

    @Test(arguments: Backend.allCases) func everyCommitReachesTheDisk(backend: Backend) async throws {
        let fixture = try await TemporaryStore(backend)
        let settings = try await fixture.store.write { connection in
            switch backend {
            case .sqlite:
                [
                    try connection.rows("PRAGMA journal_mode", []) { $0[0] as String }.first,
                    try connection.rows("PRAGMA synchronous", []) { "\($0[0] as Int)" }.first,
                    try connection.rows("PRAGMA foreign_keys", []) { "\($0[0] as Int)" }.first,
                ]
            case .postgres: [try connection.value("SELECT current_setting('synchronous_commit')") as String?]
            }
        }
        #expect(settings == (backend == .sqlite ? ["wal", "2", "1"] : ["on"]))
    }

    @Test(arguments: Backend.allCases) func aDatabaseOfANewerVersionIsRefused(backend: Backend) async throws {
        let fixture = try await TemporaryStore(backend)
        try await fixture.store.write {
            _ = try $0.execute("INSERT INTO migration (name) VALUES (?)", ["9999 from the future"])
        }
        try await fixture.store.close()
        let directory = TemporaryDirectory()
        if backend == .sqlite { try FileManager.default.copyItem(at: fixture.directory.url, to: directory.url) }
        #expect {
            try Store(directory: directory.url, database: fixture.database)
        } throws: { error in
            if case OpeningError.newer = error { true } else { false }
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefusedByName() throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        let file = directory.url.appendingPathComponent(Store.fileName)
        try Data("This is a letter and not a database.\n".utf8).write(to: file)
        #expect {
            try Store(directory: directory.url)
        } throws: { error in
            "\(error)".hasPrefix("The database \(file.path) is damaged or is not a Sightline database")
        }
    }

    @Test func aDirectoryThatCannotBeMadeIsRefusedByName() throws {
        let directory = TemporaryDirectory()
        try Data().write(to: directory.url)
        #expect {
            try Store(directory: directory.url.appendingPathComponent("data"))
        } throws: { error in
            "\(error)".hasPrefix("The data directory \(directory.url.path)/data cannot be used: ")
        }
    }

    @Test func aSecondDaemonOnTheSameServersDatabaseIsRefused() async throws {
        let first = try await TemporaryStore(.postgres)
        let elsewhere = TemporaryDirectory()
        #expect {
            try Store(directory: elsewhere.url, database: first.database)
        } throws: { error in
            "\(error)".hasSuffix("is in use by another Sightline process; stop that one or name another database")
        }
        withExtendedLifetime(first) {}
    }

    @Test func aServerThatIsNotThereIsNamedWithoutItsPassword() {
        let directory = TemporaryDirectory()
        let choice = DatabaseChoice.postgres(url: "postgres://sightline@127.0.0.1:1/events", password: "canary")
        #expect {
            try Store(directory: directory.url, database: choice)
        } throws: { error in
            "\(error)".hasPrefix("The database postgres://sightline@127.0.0.1:1/events cannot be reached: ")
                && !"\(error)".contains("canary")
        }
    }
    @Test(arguments: [
        "postgres://sightline:canary@127.0.0.1/events", "postgres://sightline@127.0.0.1/events?password=canary",
    ])
    func aPasswordInTheAddressIsRefusedAndNotShown(url: String) {
        let directory = TemporaryDirectory()
        #expect {
            try Store(directory: directory.url, database: .postgres(url: url, password: nil))
        } throws: { error in
            "\(error)".contains("SIGHTLINE_DATABASE_PASSWORD") && !"\(error)".contains("canary")
        }
    }
}
