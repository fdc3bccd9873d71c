public import Foundation
import Identity
import Media
import Records
public import Setup
import Store

/// The types an account can have, as the command line writes them.
public let accountTypes = Account.Kind.allCases.map(\.rawValue)

/// Creates an account in the database of `settings`.
/// - Throws: an error whose description is one sentence.
public func createAccount(_ settings: Settings, login: String, type: String, password: String) async throws -> UUID {
    guard let kind = Account.Kind(rawValue: type) else {
        throw SettingsError(key: "type", found: type, wanted: accountTypes.joined(separator: ", "))
    }
    let keep = try buildKeep(settings)
    let account = try await keep.identity.createAccount(login: login, password: password, kind: kind)
    try await keep.store.close()
    return account.id
}

/// Removes an account with all that is its, in the database and in the data directory. Cut off, it goes on with the next call.
/// - Returns: what went, in lines for a person.
/// - Throws: an error whose description is one sentence; nothing has been removed when the account is the last admin.
public func deleteAccount(_ settings: Settings, login: String) async throws -> [String] {
    try checkDatabaseIsThere(settings)
    let keep = try buildKeep(settings)
    try await keep.store.checkSpool(in: settings.daemon.dataFolder)
    // What a killed process was downloading is nobody's any more, and may have been this account's.
    try? FileManager.default.removeItem(at: settings.media.downloadFolder)
    let initial = InitialAccount.file(in: settings.daemon.dataFolder)
    let deleted: DeletedAccount
    do {
        guard
            let found = try await keep.store.deleteAccount(
                login: login,
                files: { account in
                    guard try InitialAccount.isOf(account.id, initial) else { return 0 }
                    try FileManager.default.removeItem(at: initial)
                    return 1
                })
        else { throw AccountError.unknown(login: login) }
        deleted = found
    } catch {
        try? await keep.store.close()
        throw error
    }
    try await keep.store.close()
    return ["\(login) (\(deleted.account.id.wire)) is gone, and with it"]
        + deleted.counts.filter { $0.count > 0 }.map { "  \($0.kind): \($0.count)" }
}

/// Why a command about an account did nothing.
public enum AccountError: Error, Hashable, CustomStringConvertible {
    case unknown(login: String)
    public var description: String {
        switch self {
        case .unknown(let login): "There is no account with login '\(login)'"
        }
    }
}
