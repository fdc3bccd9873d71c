import Foundation
import KeepSupport
import Records
import SQL
import SQLite
import Testing

/// The end of all work on an embedded database.
struct ClosingTests {
    /// A connection with statements cannot be closed, and each of these makes some.
    @Test(.timeLimit(.minutes(30))) func thoseWhoAreAtWorkDoNotKeepItOpen() async throws {
        for _ in 0..<30 {
            let directory = TemporaryDirectory()
            try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
            let database = try SQLiteDatabase(
                path: directory.url.appending(path: "a.sqlite").path,
                migrations: Migrator([Migration("one") { try $0.script("CREATE TABLE a (b INTEGER) STRICT;") }]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        do {
                            for number in 0... {
                                if worker == 0 {
                                    _ = try await database.write {
                                        try $0.execute("INSERT INTO a VALUES (?)", [number])
                                    }
                                } else {
                                    _ = try await database.read {
                                        try $0.rows("SELECT b, \(number % 50) FROM a LIMIT 5", []) { $0[0] as Int64 }
                                    }
                                }
                            }
                        } catch is SQLError {}  // it was closed
                    }
                }
                try await Task.sleep(for: .milliseconds(30))
                try database.close()
                try await group.waitForAll()
            }
        }
    }
}
