import Foundation
import KeepSupport
import Records
import Scene
@testable import Store
import Testing

@Suite(.onEachBackend) struct AutorestartTests {
    private let fixture: TemporaryStore
    private let stream: RegisteredStream
    init() async throws {
        fixture = try await TemporaryStore()
        stream = try await fixture.createStream(
            TemporaryStore.specification(autorestart: AutorestartPolicy(isAllowed: true, attemptCount: 2, delay: 60)))
        try await fixture.move(stream, .pending, .inProgress)
    }

    private func second(_ second: Double) -> Date { TemporaryStore.noon.addingTimeInterval(second) }
    private func tick(_ second: Double) async throws {
        try await fixture.store.performAutorestarts(at: self.second(second))
    }
    private var current: RegisteredStream {
        get async throws { try #require(try await fixture.store.stream(id: stream.id, account: nil)) }
    }
    /// The pipeline takes the pending stream and fails again.
    private func failAgain(at second: Double) async throws {
        try await fixture.move(stream, .pending, .inProgress, at: self.second(second))
        try await fixture.move(stream, .inProgress, .failure, error: "gone", at: self.second(second))
    }

    @Test func aFailedStreamIsTriedAgainAfterItsDelay() async throws {
        try await fixture.move(stream, .inProgress, .failure, error: "gone", at: second(10))
        try await tick(69)
        #expect(try await current.status == .failure)
        try await tick(70)
        #expect(try await current.status == .pending)
        #expect(
            try await current.autorestart
                == AutorestartState(status: .inProgress, currentAttempt: 1, lastAttemptTime: second(70)))
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .inProgress, .failure, .restart, .pending])
        #expect(try await current.lastError == "gone")
    }

    @Test func whenTheClockWasSetBackNobodyWaitsForIt() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(3600))
        try await tick(3590)
        #expect(try await current.status == .failure)
        try await tick(3500)
        #expect(try await current.status == .pending)
    }

    @Test func anAttemptThatRunsIsASuccessAndTheCountBeginsAnew() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        try await fixture.move(stream, .pending, .inProgress, at: second(61))
        try await tick(119)
        #expect(try await current.autorestart.status == .inProgress)
        try await tick(120)
        #expect(
            try await current.autorestart
                == AutorestartState(status: .enabled, currentAttempt: 0, lastAttemptTime: second(60)))
    }

    @Test func whoStopsAStreamBetweenTwoAttemptsEndsThem() async throws {
        let store = fixture.store, account = fixture.account.id
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        try await failAgain(at: 62)
        #expect(try await current.autorestart.status == .inProgress)
        #expect(try await store.stopStream(id: stream.id, account: account, at: second(70)) == .done)
        #expect(try await current.status == .stop)
        #expect(try await current.autorestart.status == .enabled)
        try await tick(1000)
        #expect(try await current.status == .stop)

        // Before the first attempt, too; but a failure that nothing follows cannot be stopped.
        #expect(try await store.resumeStream(id: stream.id, account: account, at: second(1001)) == .done)
        try await failAgain(at: 1002)
        #expect(try await store.stopStream(id: stream.id, account: account, at: second(1003)) == .done)
        #expect(try await store.resumeStream(id: stream.id, account: account, at: second(1004)) == .done)
        try await fixture.move(stream, .pending, .inProgress, at: second(1005))
        try await fixture.move(stream, .inProgress, .failure, isFatal: true, at: second(1006))
        #expect(try await store.stopStream(id: stream.id, account: account, at: second(1007)) == .refused(.failure))
    }

    @Test func attemptsAreUsedUp() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        try await failAgain(at: 62)
        try await tick(119)
        #expect(try await current.status == .failure)
        try await tick(120)
        #expect(try await current.autorestart.currentAttempt == 2)
        try await failAgain(at: 121)
        try await tick(180)
        #expect(
            try await current.autorestart
                == AutorestartState(status: .failed, currentAttempt: 2, lastAttemptTime: second(120)))
        try await tick(1e9)
        #expect(try await current.status == .failure)
    }

    @Test func aFailureAfterTheVerdictIsANewOne() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        try await fixture.move(stream, .pending, .inProgress, at: second(61))
        try await fixture.move(stream, .inProgress, .failure, error: "gone", at: second(130))
        try await tick(131)
        #expect(
            try await current.autorestart
                == AutorestartState(status: .enabled, currentAttempt: 0, lastAttemptTime: second(60)))
        try await tick(189)
        #expect(try await current.status == .failure)
        try await tick(190)
        #expect(try await current.autorestart.currentAttempt == 1)
    }

    @Test func anAttemptThatWaitsIsNotJudged() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        try await tick(1000)
        #expect(try await current.autorestart.status == .inProgress)
        #expect(try await current.status == .pending)
    }

    @Test func aFatalErrorIsFinal() async throws {
        try await fixture.move(stream, .inProgress, .failure, error: "no such file", isFatal: true, at: second(0))
        try await tick(1e6)
        #expect(try await current.status == .failure)
        #expect(try await current.autorestart.status == .failed)
    }

    @Test func stoppingCallsAnAttemptOff() async throws {
        try await fixture.move(stream, .inProgress, .failure, at: second(0))
        try await tick(60)
        #expect(try await fixture.store.stopStream(id: stream.id, account: fixture.account.id) == .done)
        #expect(try await current.autorestart.status == .enabled)
        try await tick(1e6)
        #expect(try await current.status == .stop)
    }

    @Test func aStreamWithoutAutorestartStaysAsItFailed() async throws {
        let other = try await fixture.createStream()
        try await fixture.move(other, .pending, .failure)
        try await tick(1e6)
        #expect(try await fixture.store.stream(id: other.id, account: nil)?.status == .failure)
    }

    @Test func whenTheNextAttemptIsDueIsTold() async throws {
        #expect(try await fixture.store.performAutorestarts(now: second(0)) == nil)
        try await fixture.move(stream, .inProgress, .failure, error: "gone", at: second(10))
        #expect(try await fixture.store.performAutorestarts(now: second(20)) == second(70))
        #expect(try await fixture.store.performAutorestarts(now: second(70)) == nil)
        try await failAgain(at: 71)
        #expect(try await fixture.store.performAutorestarts(now: second(72)) == second(130))
    }
}
