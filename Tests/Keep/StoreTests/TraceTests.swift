import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Synchronization
import Testing

@testable import Store

/// Traces of events: kept beside them, and gone with them.
@Suite(.onEachBackend) struct TraceTests {
    private let fixture: TemporaryStore
    init() async throws { fixture = try await TemporaryStore() }
    private var store: Store { fixture.store }

    static func trace(of event: UUID, in stream: StreamDefinition, from second: Double, to end: Double) -> KeptTrace {
        let begin = TemporaryStore.noon.addingTimeInterval(second), end = TemporaryStore.noon.addingTimeInterval(end)
        return KeptTrace(
            event: event, stream: stream.id, account: stream.accountID, begin: begin, end: end,
            document: JSONText([
                "event_id": .string(event.wire), "text": .string(String(repeating: "why ", count: 500)),
            ]))
    }
    private final class Calls: Sendable {
        let number = Atomic(0)
        func count<Value>(_ value: Value) -> Value {
            number.add(1, ordering: .relaxed)
            return value
        }
    }
    private func makeStream() async throws -> StreamDefinition {
        try await store.createStream(TemporaryStore.specification(), account: fixture.account.id).definition
    }
    private func rows() async throws -> (count: Int, bytes: Int) {
        try await store.read { connection in
            (
                try connection.value("SELECT count(*) FROM event_trace") ?? 0,
                try connection.value("SELECT coalesce(max(length(document)), 0) FROM event_trace") ?? 0
            )
        }
    }

    @Test func whatIsKeptIsFoundByItsEventAndByTime() async throws {
        let stream = try await makeStream(), other = try await makeStream()
        let events = [Event.crowd(from: 0, to: 10), .crowd(from: 20, to: 30), .crowd(from: 0, to: 10)]
        try await store.record(Array(events.prefix(2)), of: stream)
        try await store.record([events[2]], of: other)
        let traces = [
            Self.trace(of: events[0].id, in: stream, from: -2, to: 10),
            Self.trace(of: events[1].id, in: stream, from: 18, to: 30),
            Self.trace(of: events[2].id, in: other, from: 0, to: 10),
        ]
        #expect(try await store.add(traces).isEmpty)
        // Twice is once.
        #expect(try await store.add(traces).isEmpty)
        for (event, trace) in zip(events, traces) {
            #expect(try await store.trace(of: event.id) == trace.document.value)
        }
        #expect(try await store.trace(of: UUID()) == nil)
        func found(_ from: Double, _ to: Double) async throws -> [UUID] {
            let noon = TemporaryStore.noon
            return try await store.traces(
                of: stream.id, in: noon.addingTimeInterval(from)...noon.addingTimeInterval(to)
            ).compactMap { $0["event_id"]?.string.flatMap { UUID(wire: $0) } }
        }
        #expect(try await found(-2, -2) == [events[0].id])
        #expect(try await found(11, 17).isEmpty)
        #expect(try await found(9, 25) == [events[0].id, events[1].id])
        let rows = try await rows()
        #expect(rows.count == 3 && rows.bytes < 200)
    }
    @Test func aTraceWaitsForItsEvent() async throws {
        let stream = try await makeStream()
        let known = Event.crowd(from: 0, to: 1), unknown = UUID()
        try await store.record([known], of: stream)
        let early = try await store.add([
            Self.trace(of: unknown, in: stream, from: 0, to: 1), Self.trace(of: known.id, in: stream, from: 0, to: 1),
        ])
        #expect(early.map(\.event) == [unknown])
        #expect(try await rows().count == 1)
    }
    @Test func aTraceThatWaitsIsNotWrittenOut() async throws {
        let stream = try await makeStream(), event = Event.crowd(from: 0, to: 1), calls = Calls()
        let trace = KeptTrace(
            event: event.id, stream: stream.id, account: stream.accountID, begin: TemporaryStore.noon,
            end: TemporaryStore.noon,
            document: calls.count(JSONText(["event_id": .string(event.id.wire)])))
        for _ in 0..<3 { #expect(try await store.add([trace]).count == 1) }
        #expect(calls.number.load(ordering: .relaxed) == 0)
        try await store.record([event], of: stream)
        #expect(try await store.add([trace]).isEmpty)
        #expect(calls.number.load(ordering: .relaxed) == 1)
        #expect(try await store.trace(of: event.id)?["event_id"] == .string(event.id.wire))
    }
    @Test func tracesGoWithTheirEventsAndByAge() async throws {
        let stream = try await makeStream()
        let events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0)) }
        for event in events { try await store.record([event], of: stream) }
        _ = try await store.add(events.map { Self.trace(of: $0.id, in: stream, from: 0, to: 1) })
        #expect(try await store.deleteEvents(beyond: 2) == 1)
        #expect(try await rows().count == 2)
        #expect(try await store.deleteTraces(before: .now.addingTimeInterval(-60)) == 0)
        #expect(try await store.deleteTraces(before: .now.addingTimeInterval(60)) == 2)
        #expect(try await rows().count == 0)
        #expect(try await store.event(id: events[2].id, account: nil, isGeneral: true) != nil)
    }
    @Test func nothingIsKeptWhileTheReserveIsTouched() async throws {
        let stream = try await makeStream()
        let event = Event.crowd(from: 0, to: 1)
        try await store.record([event], of: stream)
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        let full = try directory.store(
            on: store.database,
            room: DiskRoom(DiskReserveConfiguration(bytes: 1000), measure: { DiskRoom.Space(free: 999, size: 10_000) }))
        #expect(try await full.add([Self.trace(of: event.id, in: stream, from: 0, to: 1)]).isEmpty)
        #expect(try await rows().count == 0)
    }
    @Test func whatIsDamagedIsNotToldAsIfItWereWhole() {
        let bytes = Array("because".utf8), compressed = Compression.compressed(bytes)
        #expect(Compression.expanded(compressed, size: bytes.count) == bytes)
        #expect(Compression.expanded(compressed, size: bytes.count + 1) == nil)
        #expect(Compression.expanded(Array(compressed.dropLast(5)), size: bytes.count) == nil)
        #expect(Compression.expanded([], size: 0) == nil)
    }
}
