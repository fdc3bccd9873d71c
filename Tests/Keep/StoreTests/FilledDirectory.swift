import Foundation
import KeepSupport
import Records

@testable import Store

/// What tests of damage begin with: a database with many events, filled once.
final class FilledDirectory: Sendable {
    static let eventCount = 4000
    static let shared = Task { try await FilledDirectory() }

    private let directory = TemporaryDirectory()
    let accounts: [UUID]
    var url: URL { directory.url }
    var key: URL { directory.url.appendingPathExtension("key") }

    private init() async throws {
        let store = try Store(directory: directory.url)
        try await store.claimObjects()
        var streams: [StreamDefinition] = []
        for login in ["one@example.org", "two@example.org"] {
            let account = Account(
                id: UUID(), login: login, kind: .user, description: "", createTime: TemporaryStore.noon,
                lastUpdateTime: TemporaryStore.noon)
            try await store.insert(account, passwordHash: "none")
            streams.append(
                try await store.createStream(TemporaryStore.specification(), account: account.id).definition)
        }
        for start in stride(from: 0, to: Self.eventCount, by: 100) {
            let updates = (start..<start + 100).map {
                Event.crowd(from: Double($0), to: Double($0) + 0.5).update(.closed)
            }
            try await store.record(updates, deliveries: [], of: streams[0], at: TemporaryStore.noon)
        }
        _ = try await store.keep([1, 2, 3], .object, for: streams[0].accountID)
        try await store.close()
        accounts = streams.map(\.accountID)
    }
}
