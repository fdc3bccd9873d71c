import Foundation
import KeepSupport
import JSON
import Records
import Scene
import Testing

@testable import Store

@Suite(.onEachBackend) struct EventTests {
    private let fixture: TemporaryStore
    private let stream: RegisteredStream
    init() async throws {
        fixture = try await TemporaryStore()
        stream = try await fixture.createStream()
    }

    private func record(
        _ updates: [EventUpdate], deliveries: [Delivery] = [], of definition: StreamDefinition? = nil
    ) async throws {
        try await fixture.store.record(
            updates, deliveries: deliveries, of: definition ?? stream.definition, at: TemporaryStore.noon)
    }
    private func records(after sequence: Int64 = 0) async throws -> [EventRecord] {
        try await fixture.store.events(account: fixture.account.id, afterSequence: sequence)
    }

    @Test func anEventIsWrittenWhenItOpensAndWhenItCloses() async throws {
        var crowd = Event.crowd(from: 1, to: 1)
        try await record([crowd.update(.opened)])
        let opened = try #require(try await records().first)
        #expect((opened.sequence, opened.phase, opened.event.state) == (1, .started, .open))
        #expect(opened.event.body["event"]?["people_count"] == 2)

        crowd.end = Event.crowd(from: 1, to: 9).end
        crowd.facts = Crowd(people: 5)
        try await record([crowd.update(.closed)])
        let closed = try #require(try await records(after: 1).first)
        #expect((closed.sequence, closed.phase, closed.event.state) == (2, .finished, .closed))
        #expect(closed.event.id == crowd.id && closed.event.trackID == crowd.trackID.wire)
        #expect((closed.event.begin.offset, closed.event.end.offset) == (MediaTime(seconds: 1), MediaTime(seconds: 9)))
        #expect(closed.event.end.time == TemporaryStore.noon.addingTimeInterval(9))
        #expect(closed.event.type == "crowd" && closed.event.body["event"]?["people_count"] == 5)
        let wire = crowd.wire(at: EventPlace(stream.definition))
        #expect(closed.event.body == (try JSONValue(parsing: wire.data)))  // read again, since JSON writes 2.0 as 2
    }

    @Test func framesInBetweenAreNotStored() async throws {
        try await record([Event.crowd(from: 1, to: 2).update(.continued)])
        #expect(try await records().isEmpty)
    }

    @Test func whatIsSaidTwiceIsStoredOnce() async throws {
        let crowd = Event.crowd(from: 1, to: 2)
        for _ in 0..<2 { try await record([crowd.update(.opened), crowd.update(.closed)]) }
        #expect(try await records().map(\.phase) == [.started, .finished])
    }

    @Test func aClosingWithoutItsOpeningIsKeptWhole() async throws {
        try await record([Event.crowd(from: 1, to: 2).update(.closed)])
        #expect(try await records().map(\.phase) == [.started, .finished])
    }

    @Test func manyWritersAtOnceLeaveNoGapAndKeepEachStreamsOrder() async throws {
        let definitions = try await (0..<8).asyncMap { _ in try await fixture.createStream().definition }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for definition in definitions {
                group.addTask {
                    for second in 0..<25 {
                        let crowd = Event.crowd(from: Double(second), to: Double(second) + 0.5)
                        try await record([crowd.update(.opened)], of: definition)
                        try await record([crowd.update(.closed)], of: definition)
                    }
                }
            }
            try await group.waitForAll()
        }
        let records = try await records()
        #expect(records.map(\.sequence) == Array(1...400))
        for definition in definitions {
            let own = records.filter { $0.event.streamID == definition.id }
            let begins = own.filter { $0.phase == .started }.map(\.event.begin.offset)
            #expect(begins == begins.sorted() && begins.count == 25)
            #expect(own.map(\.phase) == (0..<50).map { $0 % 2 == 0 ? .started : .finished })
        }
    }

    @Test func eachAccountCountsOnItsOwn() async throws {
        let other = try await fixture.createAccount("two@example.org")
        let theirs = try await fixture.store.createStream(TemporaryStore.specification(), account: other.id).definition
        try await record([Event.crowd(from: 1, to: 1).update(.opened)])
        try await record([Event.crowd(from: 1, to: 1).update(.opened)], of: theirs)
        try await record([Event.crowd(from: 2, to: 2).update(.opened)])
        #expect(try await records().map(\.sequence) == [1, 2])
        #expect(try await fixture.store.events(account: other.id).map(\.sequence) == [1])
    }

    @Test func aBatchThatCannotBeStoredHarmsNoOther() async throws {
        let stray = StreamDefinition(
            id: UUID(), accountID: UUID(), version: 1, source: stream.definition.source, analytics: [],
            location: .emptyObject)
        await withTaskGroup(of: Void.self) { group in
            for second in 0..<10 {
                group.addTask {
                    let crowd = Event.crowd(from: Double(second), to: Double(second))
                    await #expect(throws: StoreError.self) { try await record([crowd.update(.opened)], of: stray) }
                }
                group.addTask {
                    let crowd = Event.crowd(from: Double(second), to: Double(second))
                    await #expect(throws: Never.self) { try await record([crowd.update(.opened)]) }
                }
            }
        }
        #expect(try await records().map(\.sequence) == Array(1...10))
    }

    @Test func whatIsSaidWhileTheTaskIsCancelledIsWritten() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await record([Event.crowd(from: 1, to: 1).update(.opened)])
            try await fixture.move(stream, .pending, .inProgress)
        }
        try await task.value
        #expect(try await records().count == 1)
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .inProgress])
    }

    @Test func eventsOutliveTheirStream() async throws {
        let crowd = Event.crowd(from: 1, to: 2)
        try await record([crowd.update(.opened)])
        #expect(try await fixture.store.deleteStream(id: stream.id, account: fixture.account.id))
        try await record([crowd.update(.closed)])
        #expect(try await records().map(\.event.state) == [.closed, .closed])
    }

    @Test func afterAnUncleanStopNothingIsLeftOpenAndStreamsWaitAgain() async throws {
        let idle = try await fixture.createStream()
        try await fixture.move(stream, .pending, .inProgress)
        let (open, closed) = (Event.crowd(from: 3, to: 4), Event.crowd(from: 1, to: 2))
        try await record([closed.update(.opened), open.update(.opened), closed.update(.closed)])

        let later = TemporaryStore.noon.addingTimeInterval(100)
        for _ in 0..<2 { try await fixture.store.recoverFromUncleanStop(at: later) }

        let last = try #require(try await records(after: 3).first)
        #expect((last.sequence, last.phase, last.time) == (4, .finished, later))
        #expect(last.event.id == open.id && last.event.state == .interrupted)
        #expect(last.event.end.offset == MediaTime(seconds: 4))
        #expect(try await records().count == 4)
        #expect(try await fixture.logStatuses(of: stream.id) == [.pending, .inProgress, .restart, .pending])
        #expect(try await fixture.logStatuses(of: idle.id) == [.pending])
        #expect(try await fixture.store.stream(id: stream.id, account: nil)?.status == .pending)
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
