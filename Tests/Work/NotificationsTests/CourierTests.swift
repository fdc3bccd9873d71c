import Foundation
import KeepSupport
import LogSupport
import Logging
import Records
import Testing

@testable import Notifications
@testable import Store

struct CourierTests {
    @Test func whatIsDueArrivesOnceInItsOrderAndIsGoneThen() async throws {
        try await Backend.onEach {
            let outbox = try await OutboxFixture(Backend.current)
            let stream = try await outbox.fixture.createStream()
            let callbacks = [try OutboxFixture.callback("a.example"), try OutboxFixture.callback("b.example")]
            let before = try await outbox.report(40, of: stream, to: callbacks)
            try await outbox.deliver { courier in
                let later = try await outbox.report(5, of: stream, to: callbacks)
                try await until { try await outbox.store.outboxLevel().due == 0 }
                for receiver in ["a.example:80", "b.example:80"] {
                    #expect(outbox.receivers.events(at: receiver) == before + later)
                }
                #expect(courier.tally.delivered == 90)
                let found = try await outbox.store.deliveries(ofEvent: later[0], account: outbox.fixture.account.id)
                #expect(found?.delivered == 2 && found?.pending == [])
            }
        }
    }

    @Test func aReceiverThatFailsIsTriedAgainLaterAndLaterAndNothingOvertakes() async throws {
        let outbox = try await OutboxFixture { _, before in before < 4 ? .status(500) : .status(204) }
        let stream = try await outbox.fixture.createStream()
        let events = try await outbox.report(3, of: stream, to: [try OutboxFixture.callback()])
        let begin = outbox.time.now
        try await outbox.deliver { courier in
            for (failures, pause) in [1.0, 2, 4, 8].enumerated() {
                try await until { outbox.receivers.arrivals.count == failures + 1 }
                try await until { courier.tally.running == 0 && courier.tally.failed == failures + 1 }
                let lane = try #require(try await outbox.store.nextLaneTime(after: outbox.time.now))
                #expect(abs(lane.timeIntervalSince(outbox.time.now) - pause) < 0.02)
                try await until { outbox.time.alarms.contains { $0 > lane - 0.01 } }
                outbox.time.advance(to: lane + 0.01)
            }
            try await until { try await outbox.store.outboxLevel().due == 0 }
        }
        #expect(outbox.receivers.arrivals.map(\.event) == Array(repeating: events[0], count: 4) + events)
        #expect(outbox.time.now.timeIntervalSince(begin) < 16)
        // One line when it began, one when it was over.
        #expect(outbox.log.count(of: "A callback does not take a report, it waits", at: .warning) == 1)
        #expect(outbox.log.count(of: "A callback takes reports again", at: .notice) == 1)
    }

    @Test func afterADayOfFailuresWhatIsOlderIsADeadLetterAndIsSentAgainWhenSomebodyWantsIt() async throws {
        let outbox = try await OutboxFixture { _, _ in .unreachable("The receiver cannot be connected to") }
        let stream = try await outbox.fixture.createStream()
        let callback = try OutboxFixture.callback()
        let early = try await outbox.report(2, of: stream, to: [callback])
        try await outbox.deliver { courier in
            try await until { courier.tally.failed == 1 && courier.tally.running == 0 }
            outbox.time.advance(by: 3600)
            try await until { courier.tally.failed == 2 && courier.tally.running == 0 }
            let late = try await outbox.report(1, of: stream, to: [callback])
            outbox.time.advance(by: 82_799)
            try await until { courier.tally.failed == 3 && courier.tally.running == 0 }
            #expect(try await outbox.store.outboxLevel().dead == 0)
            outbox.time.advance(by: 601)
            try await until { try await outbox.store.outboxLevel().dead == 2 }
            let dead = try await outbox.store.deliveries(
                Filter(accountID: outbox.fixture.account.id, [Condition("state", .isIn, [.text("dead")])]))
            #expect(dead.map(\.eventID) == early.reversed())
            #expect(dead.allSatisfy { $0.lastError == "The receiver cannot be connected to" })

            outbox.receivers.answer { _, _ in .status(200) }
            let count = try await outbox.store.redeliver(
                ids: dead.map(\.id), account: outbox.fixture.account.id, at: outbox.time.now)
            #expect(count == 2)
            try await until { try await outbox.store.outboxLevel() == OutboxLevel(due: 0, dead: 0, oldestDueTime: nil) }
            #expect(outbox.receivers.arrivals.suffix(3).map(\.event) == early + late)
        }
    }

    @Test(arguments: [301, 307, 400, 401, 404, 410, 422])
    func whatIsRefusedForGoodIsADeadLetterAtOnceAndTheNextOneFollows(status: Int) async throws {
        let outbox = try await OutboxFixture { _, before in .status(before == 0 ? status : 200) }
        let stream = try await outbox.fixture.createStream()
        let events = try await outbox.report(2, of: stream, to: [try OutboxFixture.callback()])
        try await outbox.deliver { _ in
            try await until { try await outbox.store.outboxLevel().due == 0 }
            let left = try await outbox.store.deliveries(Filter())
            #expect(left.map(\.eventID) == [events[0]] && left.map(\.state) == [.dead])
            #expect(left.first?.lastError?.contains("(status \(status))") == true && left.first?.attempts == 1)
        }
        #expect(outbox.receivers.arrivals.map(\.event) == events)
    }

    /// Fifty receivers, of which ten hang.
    @Test func thoseWhoHangCostTheOthersNothing() async throws {
        let outbox = try await OutboxFixture { letter, _ in
            letter.callback?.receiver.hasPrefix("hangs") == true ? nil : .status(200)
        }
        var configuration = CallbackConfiguration()
        (configuration.concurrency, configuration.receiverConcurrency) = (32, 2)
        // Two streams and more to each of those who hang, so that they would take all places if they could.
        var streams: [RegisteredStream] = []
        for _ in 0..<4 { streams.append(try await outbox.fixture.createStream()) }
        let hanging = try (0..<10).map { try OutboxFixture.callback("hangs\($0).example") }
        let well = try (0..<40).map { try OutboxFixture.callback("well\($0).example") }
        for stream in streams { try await outbox.report(3, of: stream, to: hanging + well) }
        try await outbox.deliver(configuration) { courier in
            // What was delivered is counted a moment before it is written down.
            try await until { try await outbox.store.outboxLevel().due == 10 * 4 * 3 }
            #expect(courier.tally.delivered == 40 * 4 * 3)
            #expect(outbox.receivers.hanging == 20 && outbox.receivers.most <= 32)
            for receiver in well.map(\.receiver) {
                for stream in streams {
                    let arrived = outbox.receivers.arrivals.filter { $0.receiver == receiver && $0.source == stream.id }
                    #expect(Set(arrived.map(\.event)).count == 3)
                }
            }
        }
    }

    /// Fifty callbacks at one host and port, of which ten hang once they have failed.
    @Test func callbacksThatHangLeaveHalfOfTheirReceiversPlacesToTheOthers() async throws {
        let outbox = try await OutboxFixture { letter, _ in
            guard letter.callback?.endpoint?.url.contains("hangs") == true else { return .status(200) }
            return letter.failures == 0 ? .status(503) : nil
        }
        let stream = try await outbox.fixture.createStream()
        let hanging = try (0..<10).map { try OutboxFixture.callback("a.example/hangs\($0)") }
        let well = try (0..<40).map { try OutboxFixture.callback("a.example/\($0)") }
        try await outbox.report(1, of: stream, to: hanging + well)
        try await outbox.deliver { courier in
            try await until { courier.tally.delivered == 40 && courier.tally.failed == 10 }
            outbox.time.advance(by: 2)
            try await until { outbox.receivers.hanging >= 4 }
            try await outbox.report(3, of: stream, to: hanging + well)
            try await until { courier.tally.delivered == 160 }
            #expect(outbox.receivers.hanging == 4 && outbox.receivers.most <= 8)
            // Nor do they hold up who comes when their stream is gone.
            #expect(try await outbox.store.deleteStream(id: stream.id, account: outbox.fixture.account.id))
            let other = try await outbox.fixture.createStream()
            try await outbox.report(1, of: other, to: [try OutboxFixture.callback("a.example/other")])
            try await until { courier.tally.delivered == 161 }
        }
    }

    @Test func whatIsDueIsDeliveredAfterItsStreamIsGone() async throws {
        let outbox = try await OutboxFixture()
        let stream = try await outbox.fixture.createStream()
        let events = try await outbox.report(2, of: stream, to: [try OutboxFixture.callback()])
        #expect(try await outbox.store.deleteStream(id: stream.id, account: outbox.fixture.account.id))
        try await outbox.deliver { _ in
            try await until { try await outbox.store.outboxLevel().due == 0 }
        }
        #expect(outbox.receivers.arrivals.map(\.event) == events)
    }

    @Test func whatWaitsForATimeBeforeTheClockWasSetBackIsTriedAtOnce() async throws {
        let outbox = try await OutboxFixture()
        let stream = try await outbox.fixture.createStream(), callback = try OutboxFixture.callback()
        let events = try await outbox.report(2, of: stream, to: [callback], at: outbox.time.now + 3600)
        try await outbox.deliver { _ in
            try await until { try await outbox.store.outboxLevel().due == 0 }
        }
        #expect(outbox.receivers.arrivals.map(\.event) == events)
    }

    /// A process that ends while a letter is on its way sends it again, and none before it.
    @Test func whatWasOnItsWayAtTheEndIsSentAgain() async throws {
        let outbox = try await OutboxFixture { _, before in before == 1 ? nil : .status(200) }
        let stream = try await outbox.fixture.createStream()
        let events = try await outbox.report(3, of: stream, to: [try OutboxFixture.callback()])
        try await withThrowingTaskGroup(of: Void.self) { group in
            let courier = Courier(
                store: outbox.store, postman: outbox.receivers, configuration: CallbackConfiguration(),
                time: outbox.time.timepiece, logger: outbox.log.logger)
            group.addTask { await courier.run() }
            try await until { outbox.receivers.hanging == 1 }
            group.cancelAll()
            outbox.receivers.letGo()
            try await group.waitForAll()
        }
        #expect(outbox.receivers.arrivals.map(\.event) == [events[0], events[1]])
        try await outbox.deliver { _ in
            try await until { try await outbox.store.outboxLevel().due == 0 }
        }
        #expect(outbox.receivers.arrivals.map(\.event) == [events[0], events[1], events[1], events[2]])
    }
}
