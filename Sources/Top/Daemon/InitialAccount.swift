public import Foundation
import Identity
import JSON
import Records
import Setup
import Store

/// The admin account that a new data directory begins with, so that somebody can sign in at all.
public struct InitialAccount: Sendable {
    public let login: String
    public let password: String
    public let accountID: UUID
    /// Where it is kept, readable for the daemon's user alone.
    public let file: URL

    static let login = "admin@sightline.local"
    static let fileName = "initial-account.json"

    /// Creates the account if the store has none yet.
    static func create(_ keep: KeepShelf, folder: URL) async throws -> InitialAccount? {
        guard try await keep.store.accountCount() == 0 else { return nil }
        let initial = InitialAccount(
            login: login, password: randomPassword(), accountID: UUID(), file: file(in: folder))
        // The file first: an account whose password nobody knows would be worse than a file without its account. One of before is
        // of a database that may come back.
        try setAside(initial.file)
        try initial.write()
        _ = try await keep.identity.createAccount(
            id: initial.accountID, login: login, password: initial.password, kind: .admin)
        return initial
    }

    static func file(in folder: URL) -> URL { folder.appending(path: fileName) }
    /// Whether `file` holds the account of that id.
    static func isOf(_ account: UUID, _ file: URL) throws -> Bool {
        guard FileManager.default.fileExists(atPath: file.path) else { return false }
        return try JSONValue(parsing: Data(contentsOf: file))["account_id"]?.string == account.wire
    }

    /// Gives what lies there the first free of the names `initial-account.json.1`, `.2` and so on.
    private static func setAside(_ file: URL) throws {
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        let free = (1...).lazy.map { file.appendingPathExtension("\($0)") }
            .first { !FileManager.default.fileExists(atPath: $0.path) }!
        try FileManager.default.moveItem(at: file, to: free)
    }

    private func write() throws {
        let document: JSONValue = [
            "login": .string(login), "password": .string(password),
            "account_id": .string(accountID.wire),
        ]
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: document.data + Data("\n".utf8), attributes: [.posixPermissions: 0o600])
        else { throw FileError.cannotCreate(path: file.path) }
    }

    /// 24 characters of 56, which is 139 bits, from the system's generator; none that look alike.
    private static func randomPassword() -> String {
        let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<24).map { _ in alphabet.randomElement(using: &generator)! })
    }
}
