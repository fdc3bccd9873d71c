import Foundation
import KeepSupport
import Records
import Scene
import Testing

@testable import Store

@Suite(.onEachBackend) struct StreamTests {
    @Test func aNewStreamIsPendingInVersionOneWithOneLogRecord() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        let found = try #require(try await fixture.store.stream(id: stream.id, account: fixture.account.id))
        #expect(found == stream)
        #expect(found.specification == TemporaryStore.specification())
        #expect((found.status, found.version, found.createTime) == (.pending, 1, TemporaryStore.noon))
        #expect(found.autorestart == AutorestartState(status: .disabled))
        #expect(
            try await fixture.store.streamLogs(Filter<StreamLogRecord>()) == [
                StreamLogRecord(streamID: stream.id, status: .pending, error: nil, time: TemporaryStore.noon)
            ])
    }

    @Test func aNameWithAZeroInItIsKeptWholeAndFound() async throws {
        let fixture = try await TemporaryStore()
        let names = ["gate", "gate\u{0}north", "\u{0}", "gate\u{1}\u{2}"]
        for name in names { _ = try await fixture.createStream(TemporaryStore.specification(name: name)) }
        for name in names {
            var filter = Filter<RegisteredStream>()
            filter.require(.names, [.text(name)])
            #expect(try await fixture.store.streams(filter).map { $0.specification.name } == [name])
        }
    }

    @Test func anotherAccountsStreamIsAsAbsentAsNone() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        let stranger = try await fixture.createAccount("two@example.org")
        #expect(try await fixture.store.stream(id: stream.id, account: stranger.id) == nil)
        #expect(try await fixture.store.stopStream(id: stream.id, account: stranger.id) == .notFound)
        #expect(try await fixture.store.deleteStream(id: stream.id, account: stranger.id) == false)
        #expect(try await fixture.store.stream(id: stream.id, account: nil) == stream)
    }

    @Test func streamsOfOneMillisecondKeepTheirOrder() async throws {
        let fixture = try await TemporaryStore()
        var ids: [UUID] = []
        for _ in 0..<20 { ids.append(try await fixture.createStream().id) }
        let store = fixture.store
        #expect(try await store.streams(Filter<RegisteredStream>(), page: Page(size: 100)).map(\.id) == ids.reversed())
        #expect(
            try await store.streams(Filter<RegisteredStream>(), order: .oldestFirst, page: Page(size: 100)).map(\.id)
                == ids)
        #expect(
            try await store.streams(Filter<RegisteredStream>(), order: .oldestFirst, page: Page(number: 3, size: 7))
                .map(\.id)
                == Array(ids[14...]))
        #expect(try await store.streams(Filter<RegisteredStream>(), page: Page(number: .max, size: 1000)).isEmpty)
        #expect(try await store.waitingStreams(limit: 3).map(\.stream.id) == Array(ids[..<3]))
    }

    @Test func everyFilterSelectsWhatItSays() async throws {
        let fixture = try await TemporaryStore()
        var streams: [RegisteredStream] = []
        for index in 0..<5 {
            streams.append(
                try await fixture.createStream(
                    TemporaryStore.specification(name: "n\(index)", reference: "rtsp://camera/\(index)"),
                    at: TemporaryStore.noon.addingTimeInterval(Double(index))))
        }
        try await fixture.move(streams[1], .pending, .inProgress)
        try await fixture.move(streams[2], .pending, .stop)
        func indices(_ change: (inout Filter<RegisteredStream>) -> Void) async throws -> [Int] {
            var filter = Filter<RegisteredStream>(accountID: fixture.account.id)
            change(&filter)
            let found = try await fixture.store.streams(filter, order: .oldestFirst, page: Page(size: 100))
            #expect(try await fixture.store.streamCount(filter) == found.count)
            return found.compactMap { found in streams.firstIndex { $0.id == found.id } }
        }
        #expect(try await indices { _ in } == [0, 1, 2, 3, 4])
        #expect(try await indices { $0.accountID = UUID() } == [])
        #expect(try await indices { $0.ids = [streams[3].id, streams[0].id, UUID()] } == [0, 3])
        #expect(try await indices { $0.ids = [] } == [])
        #expect(try await indices { $0.names = ["n4", "n1"] } == [1, 4])
        #expect(try await indices { $0.reference = "rtsp://camera/2" } == [2])
        #expect(try await indices { $0.statuses = [.inProgress, .stop] } == [1, 2])
        #expect(try await indices { $0.createdAtOrAfter = streams[3].createTime } == [3, 4])
        #expect(try await indices { $0.createdBefore = streams[3].createTime } == [0, 1, 2])
        #expect(
            try await indices { $0.createdBefore = streams[3].createTime.addingTimeInterval(0.000_5) } == [0, 1, 2, 3])
        #expect(try await indices { ($0.names, $0.statuses) = (["n1", "n2"], [.stop]) } == [2])
        let sorted = streams.map(\.id).sorted { $0.uuidString < $1.uuidString }
        #expect(try await indices { ($0.idAtLeast, $0.idBelow) = (sorted[1], sorted[4]) }.count == 3)
        #expect(try await indices { $0.idBelow = sorted[0] } == [])
    }

    @Test func anInstantIsItsOwnBoundWhateverItsDigits() {
        for millisecond in stride(from: 1_715_418_701_000 as Int64, to: 1_715_418_702_000, by: 1) {
            let date = Milliseconds.date(millisecond)
            #expect(Milliseconds.bound(date) == millisecond && Milliseconds.nearest(date) == millisecond)
        }
    }

    @Test func statusChangesAreLoggedOneByOne() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        let (id, account) = (stream.id, fixture.account.id)
        try await fixture.move(stream, .pending, .inProgress)
        #expect(try await fixture.store.stopStream(id: id, account: account) == .done)
        #expect(try await fixture.store.stopStream(id: id, account: account) == .refused(.stop))
        #expect(try await fixture.store.resumeStream(id: id, account: account) == .done)
        #expect(try await fixture.store.resumeStream(id: id, account: account) == .refused(.pending))
        #expect(try await fixture.store.stopStream(id: id, account: account) == .done)
        #expect(try await fixture.logStatuses(of: id) == [.pending, .inProgress, .stop, .pending, .stop])
    }

    @Test(arguments: StreamStatus.allCases)
    func stopAndResumeAreAllowedInTheStatusesThatTheyFit(status: StreamStatus) async throws {
        let fixture = try await TemporaryStore()
        for (isStop, permitted) in [(true, [.pending, .inProgress, .restart]), (false, [StreamStatus.stop])] {
            let stream = try await fixture.createStream()
            if status != .pending { try await fixture.move(stream, .pending, status) }
            let outcome =
                isStop
                ? try await fixture.store.stopStream(id: stream.id, account: fixture.account.id)
                : try await fixture.store.resumeStream(id: stream.id, account: fixture.account.id)
            #expect(outcome == (permitted.contains(status) ? .done : .refused(status)))
        }
    }

    @Test func aTransitionNeedsTheExpectedStatusAndVersion() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await fixture.createStream()
        let store = fixture.store
        #expect(
            try await !store.transition(
                StreamVersion(id: stream.id, version: 2), from: .pending, to: .inProgress, at: TemporaryStore.noon))
        #expect(
            try await !store.transition(
                StreamVersion(id: stream.id, version: 1), from: .inProgress, to: .done, at: TemporaryStore.noon))
        #expect(
            try await !store.transition(
                StreamVersion(id: UUID(), version: 1), from: .pending, to: .inProgress, at: TemporaryStore.noon))
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending])
        let revision = StreamVersion(id: stream.id, version: 1)
        #expect(try await store.streamsInProgress() == [])
        try await fixture.move(stream, .pending, .inProgress)
        #expect(try await store.streamsInProgress() == [revision])
    }

    @Test func theLastErrorStaysAndShowsNoPassword() async throws {
        let fixture = try await TemporaryStore()
        let reference = "rtsp://admin:canary@10.0.0.5/1"
        let stream = try await fixture.createStream(TemporaryStore.specification(reference: reference))
        try await fixture.move(stream, .pending, .inProgress)
        try await fixture.move(stream, .inProgress, .failure, error: "Cannot open \(reference): no route")
        let expected = "Cannot open rtsp://admin:***@10.0.0.5/1: no route"
        #expect(try await fixture.store.stream(id: stream.id, account: nil)?.lastError == expected)
        #expect(try await fixture.store.streamLogs(Filter<StreamLogRecord>()).first?.error == expected)
        #expect(
            try await fixture.store.stream(id: stream.id, account: nil)?.specification.source.reference == reference)
    }

    @Test func aDeletedStreamTakesItsLogAlong() async throws {
        let fixture = try await TemporaryStore()
        let gone = try await fixture.createStream()
        let kept = try await fixture.createStream()
        #expect(try await fixture.store.deleteStream(id: gone.id, account: fixture.account.id))
        #expect(try await fixture.store.stream(id: gone.id, account: nil) == nil)
        #expect(try await fixture.store.streamLogs(Filter<StreamLogRecord>()).map(\.streamID) == [kept.id])
    }

    @Test func logFiltersSelectWhatTheySay() async throws {
        let fixture = try await TemporaryStore()
        let noon = TemporaryStore.noon
        let first = try await fixture.createStream(at: noon)
        let second = try await fixture.createStream(at: noon.addingTimeInterval(1))
        try await fixture.move(first, .pending, .inProgress, at: noon.addingTimeInterval(2))
        try await fixture.move(second, .pending, .failure, error: "no", at: noon.addingTimeInterval(3))
        func seconds(_ change: (inout Filter<StreamLogRecord>) -> Void) async throws -> [Double] {
            var filter = Filter<StreamLogRecord>(accountID: fixture.account.id)
            change(&filter)
            return try await fixture.store.streamLogs(filter).map { $0.time.timeIntervalSince(noon).rounded() }
        }
        #expect(try await seconds { _ in } == [3, 2, 1, 0])
        #expect(try await seconds { $0.streamIDs = [first.id] } == [2, 0])
        #expect(try await seconds { $0.statuses = [.pending, .failure] } == [3, 1, 0])
        #expect(
            try await seconds { ($0.atOrAfter, $0.before) = (noon.addingTimeInterval(1), noon.addingTimeInterval(3)) }
                == [2, 1])
        #expect(try await seconds { $0.accountID = UUID() } == [])
    }

    @Test func manyStreamsAreDeletedAtOnceButNobodyElses() async throws {
        let fixture = try await TemporaryStore()
        let store = fixture.store
        let stranger = try await fixture.createAccount("two@example.org")
        var streams: [RegisteredStream] = []
        for _ in 0..<3 { streams.append(try await fixture.createStream()) }
        let foreign = try await store.createStream(TemporaryStore.specification(), account: stranger.id)
        let ids = [streams[0].id, UUID(), streams[2].id, foreign.id, streams[0].id]
        #expect(try await store.deleteStreams(ids: ids, account: fixture.account.id) == 2)
        #expect(
            try await store.streams(Filter<RegisteredStream>(), order: .oldestFirst).map(\.id) == [
                streams[1].id, foreign.id,
            ])
        #expect(try await store.streamLogs(Filter<StreamLogRecord>()).count == 2)
        #expect(try await store.deleteStreams(ids: [], account: fixture.account.id) == 0)
    }
}
