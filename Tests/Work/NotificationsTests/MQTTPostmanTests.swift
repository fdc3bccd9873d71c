import Addresses
import Foundation
import JSON
import Records
import Testing

@testable import Notifications

struct MQTTPostmanTests {
    private static let body: JSONValue = [
        "event_type": "crowd", "account_id": "a", "event": ["stream_id": "s-1", "event_id": "e-1", "people_count": 3],
    ]
    private static func letter(
        port: Int, _ parameters: [String: JSONValue] = [:], _ more: [String: JSONValue] = [:]
    ) throws -> Letter {
        let callback: [String: JSONValue] = [
            "type": "mqtt", "url": .string("mqtt://127.0.0.1:\(port)"), "params": .object(parameters),
        ]
        return Letter(
            sequence: 1, id: UUID(), lane: UUID(), subject: .job(UUID()),
            callback: try Callback(JSONReader(.object(callback.merging(more) { $1 }))), body: JSONText(body), number: 1,
            failures: 0)
    }
    private static func postman(allowsLoopback: Bool = true, _ time: HeldTime = HeldTime()) -> MQTTPostman {
        var configuration = CallbackConfiguration()
        configuration.network.allowsLoopback = allowsLoopback
        return MQTTPostman(configuration, time: time.timepiece)
    }

    @Test(arguments: [0, 1, 2])
    func anEventIsPublishedAtItsTopicAndKeptThereWhereThatIsWanted(quality: Int) async throws {
        let broker = try MosquittoBroker()
        try broker.start()
        let topic: JSONValue = "home/{account_id}/{stream_id}/{event_type}/{event_id}"
        let letter = try Self.letter(
            port: broker.port, ["topic": topic, "qos": .integer(Int64(quality)), "retain": 1])
        let answer = await Self.postman().post(letter)
        try #require(answer == .status(200))
        // The broker has what it must keep, so whoever comes later gets it.
        let message = try #require(broker.messages(1, of: "home/#").first)
        #expect(message.topic == "home/a/s-1/crowd/e-1" && message.quality == quality && message.isRetained)
        #expect(try JSONValue(parsing: message.payload) == Self.body)
    }

    @Test func msgpackIsPublishedWhereItIsWanted() async throws {
        let broker = try MosquittoBroker()
        try broker.start()
        let letter = try Self.letter(port: broker.port, ["content_type": "application/msgpack", "retain": 1])
        let answer = await Self.postman().post(letter)
        try #require(answer == .status(200))
        let message = try #require(broker.messages(1, of: "#").first)
        #expect(message.topic == "sightline/s-1/crowd" && message.payload == Self.body.messagePack)
    }

    @Test func aBrokerThatIsDownIsFoundWhenItComesAndWhenItComesBack() async throws {
        let broker = try MosquittoBroker(), postman = Self.postman()
        let letter = try Self.letter(port: broker.port)
        let down = Answer.unreachable("The broker cannot be reached: Connection refused")
        #expect(await postman.post(letter) == down)
        for _ in 0..<3 {
            try broker.start()
            // The first may meet the connection that is about to be found broken.
            try await until { await postman.post(letter) == .status(200) }
            broker.stop()
            try await until { await postman.post(letter) == down }
        }
    }

    @Test func aLoginThatIsNoneIsToldByTheBroker() async throws {
        let broker = try MosquittoBroker(password: "right")
        try broker.start()
        func login(_ password: String) throws -> Letter {
            try Self.letter(
                port: broker.port, [:],
                ["authorization": ["type": "basic", "login": "bob", "password": .string(password)]])
        }
        let postman = Self.postman()
        #expect(await postman.post(try login("right")) == .status(200))
        guard case .unreachable(let reason)? = await postman.post(try login("wrong")) else {
            return #expect(Bool(false))
        }
        #expect(reason.hasPrefix("The broker refuses the connection: "))
        let own = try Self.letter(port: broker.port, [:], ["url": .string("mqtt://bob:right@127.0.0.1:\(broker.port)")])
        #expect(await postman.post(own) == .status(200))
    }

    @Test func whoSaysNothingIsGivenUpWhenItsTimeIsOver() async throws {
        let silent = RawReceiver { _ in nil }, time = HeldTime()
        let letter = try Self.letter(port: silent.port, ["timeout": 7])
        async let answer = Self.postman(time).post(letter)
        try await until { time.alarms.count == 1 }
        time.advance(by: 7)
        #expect(await answer == .unreachable("The broker did not answer within 7 s"))
    }

    @Test func anAddressThatIsNotAllowedIsNotConnectedTo() async throws {
        let answer = await Self.postman(allowsLoopback: false).post(try Self.letter(port: 1))
        #expect(
            answer
                == .unreachable(
                    "The receiver has a loopback address, which the setting 'callbacks.allowed_networks' does not allow"
                ))
    }
}
