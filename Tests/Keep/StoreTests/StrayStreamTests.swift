import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// Streams that fell out of their way: taken up by nobody, or unreadable.
@Suite(.onEachBackend) struct StrayStreamTests {
    @Test func whatALostAnswerTookUpGoesBackThroughRestart() async throws {
        let fixture = try await TemporaryStore(), directory = TemporaryDirectory()
        let database = FlakyDatabase(fixture.store.database)
        let store = try directory.store(on: database, vault: fixture.store.vault)
        let stream = try await fixture.createStream(), other = try await fixture.createStream()
        try await fixture.move(other, .pending, .inProgress)
        database.become(.deaf)
        await #expect(throws: StoreError.unavailable(reason: "lost")) {
            try await store.take(stream.definition.streamVersion)
        }
        database.become(.well)
        #expect(
            try await store.streamsInProgress() == [stream.definition.streamVersion, other.definition.streamVersion])
        try await store.putBack([stream.definition.streamVersion, StreamVersion(id: other.id, version: 2)])
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .inProgress, .restart, .pending])
        #expect(try await fixture.logStatuses(of: other.id) == [.pending, .inProgress])
        #expect(try await store.take(stream.definition.streamVersion) == stream.definition)
    }

    @Test func aStreamThatCannotBeReadFailsAloneAndListsShowTheOthers() async throws {
        let directory = TemporaryDirectory(), reports = Reports()
        let store = try Store(directory: directory.url, database: Backend.current.database()) { reports.add($0) }
        let account = Account(
            id: UUID(), login: "one@example.org", kind: .user, description: "", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        let policy = AutorestartPolicy(isAllowed: true, attemptCount: 3, delay: 1)
        let broken = try await store.createStream(
            TemporaryStore.specification(autorestart: policy), account: account.id)
        let other = try await store.createStream(TemporaryStore.specification(), account: account.id)
        func spoil() async throws {
            try await store.write {
                _ = try $0.execute("UPDATE stream SET reference = ? WHERE id = ?", [Data(count: 60), broken.id])
            }
        }
        try await spoil()
        for _ in 0..<2 { #expect(try await store.streams(Filter<RegisteredStream>()).map(\.id) == [other.id]) }
        let reported = reports.list.filter { if case .streamUnreadable(broken.id, _) = $0 { true } else { false } }
        #expect(reported.count == 1)
        await #expect {
            _ = try await store.stream(id: broken.id, account: account.id)
        } throws: {
            "\($0)".contains(broken.id.wire)
        }
        #expect(try await store.stream(id: broken.id, account: UUID()) == nil)

        #expect(try await store.waitingStreams(limit: 9).map(\.stream.id) == [broken.id, other.id])
        #expect(try await store.take(broken.definition.streamVersion) == nil)
        #expect(try await store.take(other.definition.streamVersion) != nil)
        var filter = Filter<StreamLogRecord>()
        filter.require(.streamIDs, [.id(broken.id)])
        let log = try await store.streamLogs(filter)
        #expect(log.map(\.status) == [.failure, .inProgress, .pending])
        #expect(log.first?.error == "What is stored of the stream cannot be read; replace it")
        #expect(try await !store.performAutorestarts(at: .now.addingTimeInterval(60)))

        #expect(
            try await store.replaceStream(id: broken.id, TemporaryStore.specification(), account: account.id) == 2)
        #expect(try await store.take(StreamVersion(id: broken.id, version: 2)) != nil)
        // One that cannot be read any more while it runs still ends.
        try await spoil()
        #expect(
            try await store.transition(
                StreamVersion(id: broken.id, version: 2), from: .inProgress, to: .failure, error: "no", isFatal: false))
        try await store.close()
    }
}
