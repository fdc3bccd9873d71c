import Foundation
import KeepSupport
import JSON
import Records
import Scene
import Testing

@testable import Store

@Suite(.onEachBackend) struct ReplacementTests {
    private static let other = StreamSpecification(
        name: "other", description: "new", source: SourceSpecification(kind: .file, reference: "b.mp4", rotation: 90),
        location: ["city": "Oslo"], autorestart: AutorestartPolicy(isAllowed: true, attemptCount: 3, delay: 5),
        analytics: [AnalyticChoice(name: "human_tracking")], privacy: Privacy(.people, by: .mask))

    @Test func aReplacedStreamBeginsAnewAsItsNextVersion() async throws {
        let fixture = try await TemporaryStore()
        let (store, account) = (fixture.store, fixture.account.id)
        let later = TemporaryStore.noon.addingTimeInterval(60)
        let stream = try await fixture.createStream(
            TemporaryStore.specification(autorestart: AutorestartPolicy(isAllowed: true, attemptCount: 1, delay: 1)))
        try await fixture.move(stream, .pending, .inProgress)
        try await fixture.move(stream, .inProgress, .failure, error: "gone")
        #expect(try await store.performAutorestarts(at: later))
        #expect(try await store.stream(id: stream.id, account: account)?.autorestart.currentAttempt == 1)
        try await fixture.move(stream, .pending, .inProgress)
        try await fixture.move(stream, .inProgress, .failure, error: "gone for good", isFatal: true)

        #expect(try await store.replaceStream(id: stream.id, Self.other, account: account, at: later) == 2)
        let replaced = try #require(try await store.stream(id: stream.id, account: account))
        #expect(
            replaced
                == RegisteredStream(
                    id: stream.id, accountID: account, specification: Self.other, version: 2,
                    createTime: stream.createTime, status: .pending, lastError: nil,
                    autorestart: AutorestartState(status: .enabled)))
        #expect(
            try await fixture.logStatuses(of: stream.id) == [
                .pending, .inProgress, .failure, .restart, .pending, .inProgress, .failure, .pending,
            ])
        #expect(try await store.replaceStream(id: stream.id, TemporaryStore.specification(), account: account) == 3)
        #expect(
            try await store.stream(id: stream.id, account: account)?.autorestart == AutorestartState(status: .disabled))
        #expect(try await store.stream(id: stream.id, account: account)?.specification.privacy == nil)
        // A failure after it may be restarted again: the fatal one is forgotten.
        #expect(try await store.replaceStream(id: stream.id, Self.other, account: account, at: later) == 4)
        #expect(
            try await store.transition(
                StreamVersion(id: stream.id, version: 4), from: .pending, to: .failure, error: "no", at: later))
        #expect(try await store.performAutorestarts(at: later.addingTimeInterval(5)))
    }

    @Test func whatTheOldVersionReportsIsNotTakenForTheNew() async throws {
        let fixture = try await TemporaryStore()
        let store = fixture.store
        let stream = try await fixture.createStream()
        try await fixture.move(stream, .pending, .inProgress)
        #expect(try await store.replaceStream(id: stream.id, Self.other, account: fixture.account.id) == 2)
        #expect(try await store.streamsInProgress() == [])
        #expect(
            try await store.transition(
                StreamVersion(id: stream.id, version: 2), from: .pending, to: .inProgress, at: TemporaryStore.noon))
        #expect(
            try await !store.transition(
                StreamVersion(id: stream.id, version: 1), from: .inProgress, to: .done, at: TemporaryStore.noon))
        #expect(try await store.waitingStreams(limit: 10) == [])
    }

    @Test func anotherAccountsStreamIsNotReplaced() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        #expect(try await fixture.store.replaceStream(id: stream.id, Self.other, account: UUID()) == nil)
        #expect(try await fixture.store.replaceStream(id: UUID(), Self.other, account: fixture.account.id) == nil)
        #expect(try await fixture.store.stream(id: stream.id, account: nil) == stream)
    }

    @Test func groupsStayUnlessOneIsNamed() async throws {
        let fixture = try await TemporaryStore()
        let (store, account) = (fixture.store, fixture.account.id)
        for name in ["a", "b", "c"] { _ = try await store.createGroup(name: name, account: account) }
        let stream = try await store.createStream(
            TemporaryStore.specification(), group: .named("a"), account: account)
        func groups() async throws -> [String]? { try await store.stream(id: stream.id, account: account)?.groups }
        #expect(try await store.replaceStream(id: stream.id, Self.other, account: account) == 2)
        #expect(try await groups() == ["a"])
        #expect(try await store.replaceStream(id: stream.id, Self.other, group: .named("b"), account: account) == 3)
        #expect(try await groups() == ["b"])
        await #expect(throws: StoreError.groupNotFound(.named("x"))) {
            try await store.replaceStream(
                id: stream.id, TemporaryStore.specification(), group: .named("x"), account: account)
        }
        let kept = try await store.stream(id: stream.id, account: account)
        #expect(kept?.version == 3 && kept?.specification == Self.other && kept?.groups == ["b"])
    }
}
