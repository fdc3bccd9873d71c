import Foundation
import KeepSupport
import Records
@testable import Store
import Testing

@Suite(.onEachBackend) struct WaitingTests {
    private func second(_ second: Double) -> Date { TemporaryStore.noon.addingTimeInterval(second) }

    @Test func whoHasWaitedLongestComesFirstWheneverHeWasCreated() async throws {
        let fixture = try await TemporaryStore()
        let first = try await fixture.createStream(at: second(0)),
            second = try await fixture.createStream(at: second(1))
        try await fixture.move(first, .pending, .inProgress, at: self.second(2))
        #expect(
            try await fixture.store.stopStream(id: first.id, account: fixture.account.id, at: self.second(3)) == .done)
        #expect(
            try await fixture.store.resumeStream(id: first.id, account: fixture.account.id, at: self.second(4)) == .done
        )
        let waiting = try await fixture.store.waitingStreams(limit: 10)
        #expect(waiting.map(\.stream) == [second, first].map(\.definition.streamVersion))
        #expect(waiting.map(\.since) == [self.second(1), self.second(4)])
    }

    @Test func eachAccountAndWhatAutorestartPutThereHaveALineOfTheirOwn() async throws {
        let fixture = try await TemporaryStore()
        let other = try await fixture.createAccount("two@example.org")
        let autorestart = AutorestartPolicy(isAllowed: true, attemptCount: 2, delay: 1)
        var retries: [UUID] = [], plain: [UUID] = [], others: [UUID] = []
        for index in 0..<3 {
            let stream = try await fixture.createStream(
                TemporaryStore.specification(autorestart: autorestart), at: second(Double(index)))
            try await fixture.move(stream, .pending, .failure, error: "gone", at: second(5))
            retries.append(stream.id)
        }
        try await fixture.store.performAutorestarts(at: second(6))
        for index in 0..<3 {
            plain.append(try await fixture.createStream(at: second(10 + Double(index))).id)
            others.append(
                try await fixture.store.createStream(
                    TemporaryStore.specification(), account: other.id, at: second(20 + Double(index))
                ).id)
        }
        let waiting = try await fixture.store.waitingStreams(limit: 2)
        #expect(waiting.map(\.stream.id) == Array(retries[..<2] + plain[..<2] + others[..<2]))
        #expect(waiting.map(\.isRetry) == [true, true, false, false, false, false])
        #expect(Set(waiting[4...].map(\.accountID)) == [other.id])
    }

    @Test func aStreamIsTakenUpOnceAndInItsVersionAlone() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        #expect(try await fixture.store.take(StreamVersion(id: stream.id, version: 2)) == nil)
        #expect(try await fixture.store.take(stream.definition.streamVersion) == stream.definition)
        #expect(try await fixture.store.take(stream.definition.streamVersion) == nil)
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .inProgress])
    }
}
