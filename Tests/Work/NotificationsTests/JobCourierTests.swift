import Addresses
import Foundation
import JSON
import KeepSupport
import LogSupport
import Logging
import Records
import Testing

@testable import Notifications
@testable import Store

/// Reports of jobs on their way.
struct JobCourierTests {
    @Test func reportsOfAJobArriveOnceInTheirOrder() async throws {
        try await Backend.onEach {
            let outbox = try await OutboxFixture(Backend.current)
            let (one, two) = (try await outbox.job(), try await outbox.job())
            let stream = try await outbox.fixture.createStream()
            try await outbox.report(1...20, ofJob: one, to: ["a.example", "b.example"])
            try await outbox.report(1...5, ofJob: two, to: ["a.example"])
            let events = try await outbox.report(3, of: stream, to: [try OutboxFixture.callback()])
            try await outbox.deliver { courier in
                try await outbox.report(21...25, ofJob: one, to: ["a.example", "b.example"])
                try await until { try await outbox.store.outboxLevel().due == 0 }
                #expect(courier.tally.delivered == 25 * 2 + 5 + 3)
            }
            for receiver in ["a.example:80", "b.example:80"] {
                #expect(outbox.receivers.numbers(at: receiver, ofJob: one) == Array(1...25))
            }
            #expect(outbox.receivers.numbers(at: "a.example:80", ofJob: two) == Array(1...5))
            #expect(outbox.receivers.arrivals.filter { $0.source == stream.id }.map(\.event) == events)
            #expect(Set(outbox.receivers.arrivals.map(\.event)).count == 58)
            let found = try await outbox.store.deliveries(ofJob: one, account: outbox.fixture.account.id)
            #expect(found?.delivered == 50 && found?.pending == [])
        }
    }

    @Test func aReceiverThatFailsIsTriedAgainAndNothingOvertakes() async throws {
        let outbox = try await OutboxFixture { _, before in before < 3 ? .status(500) : .status(204) }
        let job = try await outbox.job()
        try await outbox.report(1...3, ofJob: job, to: ["a.example"])
        try await outbox.deliver { courier in
            for failures in 1...3 {
                try await until { courier.tally.running == 0 && courier.tally.failed == failures }
                let lane = try #require(try await outbox.store.nextLaneTime(after: outbox.time.now))
                try await until { outbox.time.alarms.contains { $0 > lane - 0.01 } }
                outbox.time.advance(to: lane + 0.01)
            }
            try await until { try await outbox.store.outboxLevel().due == 0 }
        }
        #expect(outbox.receivers.numbers(at: "a.example:80", ofJob: job) == [1, 1, 1, 1, 2, 3])
        // The receiver knows a repetition by the report's id.
        #expect(Set(outbox.receivers.arrivals.map(\.event)).count == 3)
        #expect(outbox.log.count(of: "A callback does not take a report, it waits", at: .warning) == 1)
    }

    /// A process that dies with a letter on its way has it sent again by the next one.
    @Test func whatWasOnItsWayWhenTheProcessDiedIsSentAgain() async throws {
        try await Backend.onEach {
            let outbox = try await OutboxFixture(Backend.current) { _, before in before == 1 ? nil : .status(200) }
            let job = try await outbox.job()
            try await outbox.report(1...3, ofJob: job, to: ["a.example"])
            let first = Courier(
                store: outbox.store, postman: outbox.receivers, configuration: CallbackConfiguration(),
                time: outbox.time.timepiece, logger: outbox.log.logger)
            let dying = Task { await first.run() }
            // The second has arrived, and nobody hears the answer.
            try await until { outbox.receivers.hanging == 1 }
            #expect(try await outbox.store.outboxLevel().due == 2)
            dying.cancel()
            outbox.receivers.letGo()
            await dying.value
            try await outbox.deliver { _ in
                try await until { try await outbox.store.outboxLevel().due == 0 }
            }
            #expect(outbox.receivers.numbers(at: "a.example:80", ofJob: job) == [1, 2, 2, 3])
            let ids = outbox.receivers.arrivals.map(\.event)
            #expect(ids[1] == ids[2] && Set(ids).count == 3)
        }
    }

    @Test func theRequestIsWhatTheDoorSaid() async throws {
        let receiver = RawReceiver { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }
        var configuration = CallbackConfiguration()
        configuration.network.allowsLoopback = true
        let reader = JSONReader(.string("http://bob:secret@127.0.0.1:\(receiver.port)/hook"), path: "callback_url")
        let callback = try Callback(jobURL: reader, in: configuration.network)
        #expect(callback.endpoint?.timeout == 10 && callback.wire["type"] == "http")
        // It is read again as it was written.
        #expect(try Callback(JSONReader(callback.wire)) == callback)
        let letter = Letter(
            sequence: 7, id: UUID(), lane: UUID(), subject: .job(UUID()), callback: callback,
            body: JSONText(["labels": []]), number: 2, failures: 0)
        #expect(await HTTPPostman(configuration, time: HeldTime().timepiece).post(letter) == .status(200))
        let request = try #require(receiver.received.first)
        #expect(request.line == "POST /hook HTTP/1.1" && request.body == Array(#"{"labels":[]}"#.utf8))
        #expect(request.headers["webhook-id"] == letter.id.wire && request.headers["idempotency-key"] == letter.id.wire)
        #expect(request.headers["content-type"] == "application/json" && request.headers["sightline-sequence"] == "2")
        #expect(request.headers["authorization"] == "Basic " + Data("bob:secret".utf8).base64EncodedString())
    }

    @Test(arguments: [
        (
            "http://127.0.0.1:8080/",
            "127.0.0.1 is a loopback address, which the setting 'callbacks.allowed_networks' does not allow"
        ),
        (
            "http://10.1/",
            "10.0.0.1 is an address of a private network, which the setting 'callbacks.allowed_networks' does not allow"
        ),
        ("ftp://a.example/", "Input should be a valid URL that begins with http:// or https://"),
        ("http://a.example:99999/", "The port of the URL should be in 1...65535"),
        ("", "Input should be a valid URL that begins with http:// or https://"),
    ])
    func whereNobodyMayBeCalledIsRefusedWhenItIsHandedIn(url: String, message: String) {
        let error = #expect(throws: JSONViolation.self) {
            try Callback(
                jobURL: JSONReader(.string(url), path: "callback_url"), in: CallbackConfiguration().network)
        }
        #expect(error?.message == message && error?.path == "callback_url")
        #expect(throws: JSONViolation.self) {
            try Callback(jobURL: JSONReader(7, path: "callback_url"), in: CallbackConfiguration().network)
        }
    }
}
