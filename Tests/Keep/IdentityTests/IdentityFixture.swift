import Foundation
import KeepSupport
import Records
import Store

@testable import Identity

/// A new store with one account in it, `one@example.org`, whose password is `secret`.
struct IdentityFixture {
    let directory = TemporaryDirectory()
    let store: Store
    let identity: Identity
    let account: Account

    init() async throws {
        store = try Store(directory: directory.url)
        identity = Identity(store: store)
        account = try await identity.createAccount(
            login: "one@example.org", password: "secret", kind: .user, at: TemporaryStore.noon)
    }
}
