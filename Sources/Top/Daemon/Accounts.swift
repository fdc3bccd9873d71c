public import Foundation
import Identity
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
