import Foundation
import JSON
import KeepSupport
import Logging
import Records
import Scene
import Store
import Testing

@testable import Housekeeping

struct RetentionTests {
    private static func later(_ seconds: Double) -> Date { TemporaryStore.noon.addingTimeInterval(seconds) }

    @Test(
        arguments: [
            (.weeks, 1_209_600), (.days, 172_800), (.hours, 7200), (.minutes, 120), (.seconds, 2),
        ] as [(LogRetentionConfiguration.Unit, Double)])
    func anIntervalIsCountedInItsUnit(unit: LogRetentionConfiguration.Unit, seconds: Double) {
        var configuration = LogRetentionConfiguration()
        (configuration.interval, configuration.unit) = (2, unit)
        #expect(TemporaryStore.noon.timeIntervalSince(configuration.bound(at: TemporaryStore.noon)) == seconds)
    }

    // MARK: Logs

    /// Two records of one stream, of noon and a second later, and the sweep that finds them old after an hour.
    private func logs() async throws -> (fixture: TemporaryStore, stream: UUID, sweep: Sweep) {
        let fixture = try await TemporaryStore(.sqlite)
        let stream = try await fixture.createStream()
        #expect(
            try await fixture.store.stopStream(id: stream.id, account: fixture.account.id, at: Self.later(1)) == .done)
        var configuration = LogRetentionConfiguration()
        (configuration.isActive, configuration.interval, configuration.unit) = (true, 1, .hours)
        return (fixture, stream.id, try #require(Sweep.logs(of: fixture.store, configuration)))
    }

    @Test func oldRecordsGoAndTheNewestStays() async throws {
        let (fixture, stream, sweep) = try await logs()
        #expect(try await sweep.run(Self.later(3600)) == 0)
        #expect(try await fixture.logStatuses(of: stream) == [.pending, .stop])
        #expect(try await sweep.run(Self.later(3601)) == 1)
        #expect(try await sweep.run(Self.later(1e6)) == 0)
        #expect(try await fixture.logStatuses(of: stream) == [.stop])
    }

    @Test func theHousekeeperRemovesByItselfUntilItIsCancelled() async throws {
        let (fixture, stream, sweep) = try await logs()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Housekeeper(sweeps: [sweep], logger: Logger(label: "test")).run() }
            while try await fixture.logStatuses(of: stream).count > 1 { await Task.yield() }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try await fixture.logStatuses(of: stream) == [.stop])
    }

    @Test func logsAreKeptUnlessTheirRetentionIsSwitchedOn() async throws {
        let store = try await TemporaryStore(.sqlite).store
        #expect(Sweep.logs(of: store, LogRetentionConfiguration()).map(\.name) == nil)
    }

    // MARK: Dead letters

    private struct Nothing: Facts { let members: [String: JSONValue] = [:] }

    @Test func deadLettersOfLongAgoAreRemovedAndWhatIsDueIsNot() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        let stream = try await fixture.createStream()
        let time = FrameTime(index: 0, pts: MediaTime(seconds: 0), wallClock: TemporaryStore.noon)
        let event = Event(trackID: UUID(), type: "crowd", begin: time, end: time, facts: Nothing())
        let update = EventUpdate(
            event: event, change: .opened, status: .started, isReported: true, time: time, live: Nothing())
        let callback = try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))
        let sweep = Sweep.deadLetters(of: fixture.store, days: 30)
        try await fixture.store.record(
            [update], deliveries: [Delivery(eventID: event.id, callback: callback)], of: stream.definition)
        let late = Date.now.addingTimeInterval(31 * 86_400)
        #expect(try await sweep.run(late) == 0)
        let lane = try #require(try await fixture.store.dueLanes(at: late).first)
        let letter = try #require(try await fixture.store.nextLetter(of: lane.id))
        try await fixture.store.settle(letter, .dead(reason: "refused"))
        #expect(try await sweep.run(Date.now.addingTimeInterval(29 * 86_400)) == 0)
        #expect(try await fixture.store.outboxLevel().dead == 1)
        #expect(try await sweep.run(late) == 1)
        #expect(try await fixture.store.outboxLevel() == OutboxLevel(due: 0, dead: 0, oldestDueTime: nil))
    }
}
