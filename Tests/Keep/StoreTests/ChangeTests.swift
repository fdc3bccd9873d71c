import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// What is written is told to whoever waits for it, once it is there.
@Suite(.onEachBackend) struct ChangeTests {
    /// What `work` made the feed say, which is whatever comes before a change of our own.
    private func changes(
        of store: Store, _ work: () async throws -> Void
    ) async throws -> [Change] {
        let end = Change.credentials(account: UUID())
        // PostgreSQL tells only who listens already.
        var isHeard = false
        let probe = store.changes.changes(capacity: 1000) { $0 == end }
        let hearing = Task { for await _ in probe { return } }
        while !isHeard {
            try await store.write { $0.changed(end) }
            isHeard = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await hearing.value
                    return true
                }
                group.addTask { (try? await Task.sleep(for: .milliseconds(50))) == nil }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
        }
        // What was written before the first that was heard has been told by now.
        let feed = store.changes.changes(capacity: 1000) { _ in true }
        let last = Change.credentials(account: UUID())
        try await work()
        try await store.write { $0.changed(last) }
        var told: [Change] = []
        for await change in feed where change != end {
            if change == last { break }
            told.append(change)
        }
        return told
    }

    @Test func everyChangeOfAStreamIsTold() async throws {
        let fixture = try await TemporaryStore()
        let (store, account) = (fixture.store, fixture.account.id)
        let told = try await changes(of: store) {
            let stream = try await fixture.createStream()
            _ = try await store.replaceStream(id: stream.id, TemporaryStore.specification(), account: account)
            _ = try await store.stopStream(id: stream.id, account: account)
            _ = try await store.resumeStream(id: stream.id, account: account)
            _ = try await store.deleteStream(id: stream.id, account: account)
            try await store.deleteStreams(ids: [fixture.createStream().id], account: account)
        }
        #expect(Set(told) == [.streams] && told.count > 1)
    }
    @Test func whatWasRefusedIsNotTold() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        let told = try await changes(of: fixture.store) {
            _ = try await fixture.store.resumeStream(id: stream.id, account: fixture.account.id)
            _ = try? await fixture.store.createStream(
                TemporaryStore.specification(), group: .named("none"), account: fixture.account.id)
        }
        #expect(told == [])
    }
    @Test func eventsAndWhatIsDueAreTold() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream().definition
        let crowd = Event.crowd(from: 1, to: 2)
        let callback = try Callback(JSONReader(["type": "luna-event"]))
        let told = try await changes(of: fixture.store) {
            try await fixture.store.record(
                [crowd.update(.opened)], deliveries: [Delivery(eventID: crowd.id, callback: callback)], of: stream)
        }
        #expect(Set(told) == [.events(account: fixture.account.id), .deliveries])
        #expect(try await fixture.store.outboxLevel().due == 1)
    }
}
