import Foundation
import JSON
import Testing

@testable import Records

struct CallbackStateTests {
    private static func state(_ parameters: [String: JSONValue]) throws -> Callback.Broker.State? {
        let callback: JSONValue = ["type": "mqtt", "url": "mqtt://a.example", "params": .object(parameters)]
        return try Callback(JSONReader(callback)).broker?.state
    }

    @Test func aCallbackSaysWhetherAndWhereItWantsState() throws {
        for none: [String: JSONValue] in [[:], ["home_assistant": false], ["home_assistant": 0]] {
            #expect(try Self.state(none) == nil)
        }
        let standard = "sightline/{stream_id}/{analytic}/people_count"
        let wishes: [([String: JSONValue], String, String?)] = [
            (["state_topic": "a/{account_id}"], "a/{account_id}", nil),
            (["home_assistant": true], standard, "homeassistant"), (["home_assistant": 1], standard, "homeassistant"),
            (["home_assistant": "my/ha", "state_topic": "a"], "a", "my/ha"),
            (["home_assistant": false, "state_topic": "a"], "a", nil),
        ]
        for (parameters, topic, prefix) in wishes {
            let state = try #require(try Self.state(parameters))
            #expect(state.topic == topic && state.discoveryPrefix == prefix)
        }
    }

    @Test(
        arguments: [
            ["state_topic": "a/#"], ["state_topic": ""], ["state_topic": "a/{event_id}"], ["state_topic": 1],
            ["home_assistant": 2], ["home_assistant": "ha/{stream_id}"], ["home_assistant": "a+"],
            ["home_assistant": ""],
        ] as [[String: JSONValue]])
    func whatIsNoTopicIsRefused(parameters: [String: JSONValue]) {
        #expect(throws: JSONViolation.self) { try Self.state(parameters) }
    }

    @Test func topicsAreOfOneAnalyticOfOneStream() throws {
        let (stream, account) = (UUID(), UUID()), wish: [String: JSONValue] = ["home_assistant": true]
        let topics = StateTopics(try #require(try Self.state(wish)), stream: stream, account: account, analytic: 2)
        #expect(topics.count == "sightline/\(stream.wire)/2/people_count")
        #expect(topics.availability == topics.count + "/availability")
        #expect(topics.discovery == "homeassistant/sensor/sightline_\(stream.wire)_2/config")
        let told = topics.discovered(name: "", patience: 180)
        #expect(told["name"] == "People 2" && told["expire_after"] == 180)
        #expect(told["device"]?["name"] == .string("Sightline \(stream.wire.prefix(8))"))
    }

    @Test(arguments: ["http://%31.2.3.4/", "https://a%2eexample", "mqtt://%31.2.3.4"])
    func aHostThatIsEncodedIsRefused(url: String) {
        let callback: JSONValue = [
            "type": .string(url.hasPrefix("mqtt") ? "mqtt" : "http"), "url": .string(url),
        ]
        #expect(throws: JSONViolation.self) { try Callback(JSONReader(callback)) }
    }
}
