import Foundation
import GRDB
import Records
import Testing

@testable import Store

struct OpeningTests {
    @Test func aSecondStoreOnTheSameDirectoryIsRefused() throws {
        let directory = TemporaryDirectory()
        let first = try Store(directory: directory.url)
        #expect(throws: StoreError.inUse(path: directory.url.path)) { try Store(directory: directory.url) }
        withExtendedLifetime(first) {}
    }

    @Test func whatWasWrittenIsThereAfterReopening() async throws {
        let directory = TemporaryDirectory()
        let account = try await { () async throws -> Account in
            let store = try Store(directory: directory.url)
            let account = try await store.createAccount(login: "one@example.org", password: "secret", kind: .admin)
            try store.close()
            return account
        }()
        #expect(try await Store(directory: directory.url).account(id: account.id) == account)
    }

    @Test func everyCommitReachesTheDisk() async throws {
        let store = try await TemporaryStore().store
        let settings = try await store.write { database in
            [
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA foreign_keys"),
            ]
        }
        #expect(settings == ["wal", "2", "1"])
    }

    @Test func aDatabaseOfANewerVersionIsRefused() throws {
        let directory = TemporaryDirectory()
        try Store(directory: directory.url).close()
        let path = directory.url.appendingPathComponent(Store.fileName).path
        try DatabaseQueue(path: path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9999 from the future')")
        }
        #expect(throws: StoreError.newerDatabase(path: path)) { try Store(directory: directory.url) }
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
}
