import Foundation
import KeepSupport
import Records
import Store
import Testing

@testable import Identity

/// Runs a test once on each kind of database.
struct EachBackend: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Backend.onEach(function)
    }
}
extension Trait where Self == EachBackend {
    static var onEachBackend: Self { EachBackend() }
}

/// A new store with one account in it, `one@example.org`, whose password is `secret`.
struct IdentityFixture {
    let directory = TemporaryDirectory()
    let database: DatabaseChoice
    let store: Store
    let identity: Identity
    let account: Account

    init() async throws {
        database = try Backend.current.database()
        store = try Store(directory: directory.url, database: database)
        identity = Identity(store: store)
        account = try await identity.createAccount(
            login: "one@example.org", password: "secret", kind: .user, at: TemporaryStore.noon)
    }
}
