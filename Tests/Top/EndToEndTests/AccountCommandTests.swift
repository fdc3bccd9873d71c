import Foundation
import KeepSupport
import Records
import Store
import Testing

/// `sightline account delete`, as an operator runs it.
struct AccountCommandTests {
    private let data = TemporaryDirectory()
    private let user = Self.account("one@example.org", .user), admin = Self.account("admin@example.org", .admin)
    private var file: URL { data.url.appending(path: "initial-account.json") }

    private static func account(_ login: String, _ kind: Account.Kind) -> Account {
        Account(
            id: UUID(), login: login, kind: kind, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
    }
    private func delete(_ account: Account, _ more: String...) async throws -> Program.Outcome {
        try await Program.run(
            "sightline", ["account", "delete", "--login", account.login, "--data-dir", data.url.path] + more)
    }
    /// Two accounts, the user with a stream; and what the command says while somebody works on them.
    private func prepare() async throws -> Program.Outcome {
        let store = try Store(directory: data.url)
        for account in [user, admin] { try await store.insert(account, passwordHash: "none") }
        _ = try await store.createStream(TemporaryStore.specification(), account: user.id)
        try Data("{\"account_id\":\"\(user.id.wire)\"}".utf8).write(to: file)
        let outcome = try await delete(user, "--yes")
        try await store.close()
        return outcome
    }

    @Test func whereNoDatabaseIsNoneIsMade() async throws {
        let folder = data.url.appending(path: "typo")
        for command in [["key", "rotate"], ["account", "delete", "--yes", "--login", "a@example.org"]] {
            let outcome = try await Program.run("sightline", command + ["--data-dir", folder.path])
            #expect(
                outcome.status == 1 && outcome.error.contains("There is no database \(folder.path)/"),
                "\(outcome.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: data.url.path))
    }
    @Test func anAddressThatCannotBeListenedOnIsNamedBeforeAnythingIsMade() async throws {
        let folder = data.url.appending(path: "new")
        for host in ["192.0.2.1", "no-such-host.invalid"] {
            let outcome = try await Program.run(
                "sightline", ["serve", "--host", host, "--port", "0", "--data-dir", folder.path])
            #expect(
                outcome.status == 1
                    && outcome.error.contains("Setting 'host' (environment: SIGHTLINE_HOST) is '\(host)'"))
        }
        #expect(!FileManager.default.fileExists(atPath: data.url.path))
    }

    @Test func anAccountGoesWithAllThatIsItsAndTheLastAdminStays() async throws {
        let beside = try await prepare()
        #expect(beside.status == 1 && beside.error.contains("is in use by another Sightline process"))
        let unasked = try await delete(user)
        #expect(unasked.status == 2 && unasked.error.contains("use --yes"))
        let last = try await delete(admin, "--yes")
        #expect(last.status == 1 && last.error.contains("'admin@example.org' is the last admin"))
        #expect(FileManager.default.fileExists(atPath: file.path))

        let done = try await delete(user, "--yes")
        #expect(
            done.status == 0
                && done.output == """
                    one@example.org (\(user.id.wire)) is gone, and with it
                      streams: 1
                      log records: 1
                      handlers: 1
                      files: 1

                    """,
            "\(done.output)\(done.error)")
        #expect(!FileManager.default.fileExists(atPath: file.path))
        let again = try await delete(user, "--yes")
        #expect(again.status == 1 && again.error.contains("There is no account with login 'one@example.org'"))
        #expect(try await Store(directory: data.url).accountCount() == 1)
    }
}
