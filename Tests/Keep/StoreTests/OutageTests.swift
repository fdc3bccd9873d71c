import Foundation
import KeepSupport
import Records
import Store
import Testing

/// A server that goes away under a running daemon, as if its machine had died.
struct OutageTests {
    @Test(.timeLimit(.minutes(30))) func streamsGoOnAndNothingIsLostWhenTheServerIsBack() async throws {
        let server = try PostgresServer(), directory = TemporaryDirectory()
        let choice = DatabaseChoice.postgres(url: try server.newDatabase(), password: nil)
        let store = try Store(directory: directory.url, database: choice)
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        let stream = try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        var events: [Event] = []
        func record(_ count: Int) async throws {
            for _ in 0..<count {
                let event = Event.crowd(from: Double(events.count), to: Double(events.count) + 0.5)
                events.append(event)
                try await store.record([event.update(.opened)], deliveries: [], of: stream)
                try await store.record([event.update(.closed)], deliveries: [], of: stream)
            }
        }

        try await record(5)
        server.stop(brutally: true)
        try await record(50)
        #expect(store.spooledEventWrites == 100)
        await #expect(throws: StoreTrouble.self) { try await store.check() }
        try server.start()
        try await record(5)
        while store.spooledEventWrites > 0 { try await Task.sleep(for: .milliseconds(20)) }
        try await record(5)

        let records = try await store.events(account: account.id)
        #expect(records.map(\.sequence) == Array(1...130))
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        while (try? await store.check()) == nil { try await Task.sleep(for: .milliseconds(20)) }
        try await store.close()
        server.stop()
    }
}
