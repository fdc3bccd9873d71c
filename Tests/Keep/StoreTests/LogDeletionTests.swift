import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct LogDeletionTests {
    private static func second(_ second: Double) -> Date { TemporaryStore.noon.addingTimeInterval(second) }

    @Test func oldRecordsGoButTheNewestOfEachStreamStays() async throws {
        let fixture = try await TemporaryStore()
        let (store, account) = (fixture.store, fixture.account.id)
        let busy = try await fixture.createStream(at: Self.second(0))
        let quiet = try await fixture.createStream(at: Self.second(0))
        try await fixture.move(busy, .pending, .inProgress, at: Self.second(1))
        try await fixture.move(busy, .inProgress, .done, at: Self.second(2))
        #expect(try await store.deleteStreamLogs(account: account, before: Self.second(0)) == 0)
        #expect(try await store.deleteStreamLogs(account: account, before: Self.second(1)) == 1)
        #expect(try await fixture.logStatuses(of: busy.id) == [.inProgress, .done])
        #expect(try await store.deleteStreamLogs(account: account, before: Self.second(100)) == 1)
        #expect(try await fixture.logStatuses(of: busy.id) == [.done])
        #expect(try await fixture.logStatuses(of: quiet.id) == [.pending])
        #expect(try await store.deleteStreamLogs(account: account, before: Self.second(100)) == 0)
    }

    @Test func theNewestRecordIsTheLastWrittenWhateverTheClockSaid() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream(at: Self.second(10))
        try await fixture.move(stream, .pending, .inProgress, at: Self.second(1))  // the clock was set back
        #expect(
            try await fixture.store.deleteStreamLogs(account: fixture.account.id, before: Self.second(100)) == 1)
        #expect(try await fixture.logStatuses(of: stream.id) == [.inProgress])
    }

    @Test func anotherAccountsLogStays() async throws {
        let fixture = try await TemporaryStore()
        let stranger = try await fixture.createAccount("two@example.org")
        let stream = try await fixture.store.createStream(
            TemporaryStore.specification(), account: stranger.id, at: Self.second(0))
        try await fixture.move(stream, .pending, .stop, at: Self.second(1))
        #expect(try await fixture.store.deleteStreamLogs(account: fixture.account.id, before: Self.second(9)) == 0)
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .stop])
        #expect(try await fixture.store.deleteStreamLogs(account: nil, before: Self.second(9)) == 1)
        #expect(try await fixture.logStatuses(of: stream.id) == [.stop])
    }

    @Test func moreThanOneTransactionsWorthIsRemovedToo() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream(at: Self.second(0))
        let count = Store.deletionLimit * 2 + 1
        let account = fixture.account.id
        try await fixture.store.write { database in
            for _ in 0..<count {
                try database.appendLog(
                    stream: stream.id, account: account, status: .restart, error: nil,
                    time: Milliseconds.nearest(Self.second(1)))
            }
        }
        #expect(try await fixture.store.deleteStreamLogs(account: account, before: Self.second(2)) == count)
        #expect(try await fixture.logStatuses(of: stream.id) == [.restart])
    }
}
