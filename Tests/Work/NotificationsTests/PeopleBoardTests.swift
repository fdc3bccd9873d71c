import Addresses
import Foundation
import JSON
import KeepSupport
import LogSupport
import Records
import Testing

@testable import Notifications
@testable import Store

/// How many people streams show, at a broker of the test's own.
struct PeopleBoardTests {
    private let broker: MosquittoBroker
    private let fixture: TemporaryStore
    private let time = HeldTime(), log = LogCollector()

    init() async throws {
        broker = try MosquittoBroker()
        fixture = try await TemporaryStore(.sqlite)
    }

    private func specification(_ parameters: [String: JSONValue], name: String = "Hall") -> StreamSpecification {
        let callback: JSONValue = [
            "type": "mqtt", "url": .string("mqtt://127.0.0.1:\(broker.port)"),
            "params": .object(parameters.merging(["timeout": 3600]) { $1 }),
        ]
        return StreamSpecification(
            name: name, source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"),
            analytics: [AnalyticChoice(name: "people_count", parameters: ["callbacks": [callback]])])
    }
    private func stream(_ parameters: [String: JSONValue]) async throws -> RegisteredStream {
        try await fixture.store.createStream(specification(parameters), account: fixture.account.id)
    }
    /// Runs a board while `body` runs.
    private func publish(_ body: (PeopleBoard) async throws -> Void) async throws {
        var configuration = CallbackConfiguration()
        configuration.network.allowsLoopback = true
        let board = PeopleBoard(
            store: fixture.store, postman: MQTTPostman(configuration, time: time.timepiece), time: time.timepiece,
            logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await board.run() }
            // What waits for a moment need not wait long.
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(5))
                    time.advance(by: 0.5)
                }
            }
            defer { group.cancelAll() }
            try await body(board)
        }
    }
    /// Returns when the broker keeps this at a topic; empty: nothing.
    private func keeps(_ text: String, at topic: String) async throws {
        try await until { broker.kept(at: topic) == text }
    }

    @Test func theNumberOfNowIsKeptAtItsTopicAndWhetherSomebodyCounts() async throws {
        try broker.start()
        let stream = try await stream(["state_topic": "home/{stream_id}/{analytic}"]).definition
        let topic = "home/\(stream.id.wire)/0"
        try await publish { board in
            // A stream that does not run counts nobody.
            try await keeps("offline", at: topic + "/availability")
            #expect(board.wants(stream))
            for count in [3, 0, 12] {
                board.see(count, by: 0, of: stream)
                try await keeps("\(count)", at: topic)
                try await keeps("online", at: topic + "/availability")
            }
            board.see(7, by: 1, of: stream)
            board.rest(stream)
            try await keeps("offline", at: topic + "/availability")
            #expect(broker.kept(at: topic) == "12")
        }
    }

    @Test func homeAssistantIsToldOfWhatThereIsAndOfItsEnd() async throws {
        try broker.start()
        let registered = try await stream(["home_assistant": true]), stream = registered.definition
        let count = "sightline/\(stream.id.wire)/0/people_count"
        let topic = "homeassistant/sensor/sightline_\(stream.id.wire)_0/config"
        try await publish { board in
            board.see(1, by: 0, of: stream)
            try await until { !broker.kept(at: topic).isEmpty }
            let config = try JSONValue(parsing: Array(broker.kept(at: topic).utf8))
            #expect(config["state_topic"] == .string(count))
            #expect(config["availability_topic"] == .string(count + "/availability"))
            #expect(config["unique_id"] == .string("sightline_\(stream.id.wire)_0"))
            #expect(config["device"]?["name"] == "Hall")
            // Another name is told at the same topics, which are not taken away.
            let renamed = specification(["home_assistant": true], name: "Gate")
            #expect(try await fixture.store.replaceStream(id: stream.id, renamed, account: fixture.account.id) == 2)
            try await until { broker.kept(at: topic).contains("Gate") }
            try await keeps("offline", at: count + "/availability")
            // Another prefix is another callback; what there was goes.
            let changed = specification(["home_assistant": "ha"])
            #expect(try await fixture.store.replaceStream(id: stream.id, changed, account: fixture.account.id) == 3)
            try await keeps("", at: topic)
            try await until { !broker.kept(at: "ha/sensor/sightline_\(stream.id.wire)_0/config").isEmpty }
            #expect(try await fixture.store.deleteStreams(ids: [stream.id], account: fixture.account.id) == 1)
            for topic in ["ha/sensor/sightline_\(stream.id.wire)_0/config", count, count + "/availability"] {
                try await keeps("", at: topic)
            }
        }
    }

    @Test func aBrokerThatIsDownGetsTheNumberOfNowWhenItComes() async throws {
        let stream = try await stream(["state_topic": "n"]).definition
        try await publish { board in
            #expect(board.wants(stream))
            board.see(1, by: 0, of: stream)
            try await until { log.lines.contains { $0.contains("does not take the number of people") } }
            board.see(2, by: 0, of: stream)
            try broker.start()
            try await keeps("2", at: "n")
            try await keeps("online", at: "n/availability")
            #expect(log.lines.count { $0.contains("does not take") } == 1)
        }
    }

    @Test func whatTheBrokerForgetsIsSaidAgain() async throws {
        try broker.start()
        let stream = try await stream(["state_topic": "n"]).definition
        try await publish { board in
            #expect(board.wants(stream))
            board.see(5, by: 0, of: stream)
            try await keeps("5", at: "n")
            broker.stop()
            try broker.start()
            try await keeps("5", at: "n")
            try await keeps("online", at: "n/availability")
        }
    }

    @Test func brokersHearOfTheDaemonsEnd() async throws {
        try broker.start()
        let stream = try await stream(["state_topic": "n"]).definition
        try await publish { board in
            #expect(board.wants(stream))
            board.see(5, by: 0, of: stream)
            try await keeps("online", at: "n/availability")
            board.end()
            try await keeps("offline", at: "n/availability")
        }
    }

    @Test func aStreamThatWantsNoStateIsNotFollowed() async throws {
        let plain = try await stream([:]).definition
        try await publish { board in #expect(!board.wants(plain)) }
    }
}
