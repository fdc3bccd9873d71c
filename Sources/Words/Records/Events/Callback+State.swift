public import Foundation
public import JSON

extension Callback.Broker {
    /// Where the number of people in sight is published beside the events: state, of which the broker keeps the latest.
    public struct State: Hashable, Sendable {
        /// With names in braces, such as `{stream_id}`.
        public var topic = "sightline/{stream_id}/{analytic}/people_count"
        /// Under which Home Assistant looks for what there is; `nil`: it is not told.
        public var discoveryPrefix: String?

        static let names = ["account_id", "stream_id", "analytic"]
        static let standardPrefix = "homeassistant"

        /// - Parameter parameters: the callback's `params`; `nil` when they want no state.
        init?(_ parameters: JSONReader) throws(JSONViolation) {
            let topic = try parameters.optional("state_topic"), wish = try parameters.optional("home_assistant")
            if let wish { discoveryPrefix = try Self.prefix(wish) }
            guard topic != nil || discoveryPrefix != nil else { return nil }
            if let topic { self.topic = try topic.topic(naming: Self.names) }
        }
        private static func prefix(_ reader: JSONReader) throws(JSONViolation) -> String? {
            switch reader.value {
            case .string: try reader.topic(naming: [])
            case .bool(let isWanted): isWanted ? standardPrefix : nil
            default: try reader.flag() ? standardPrefix : nil
            }
        }
    }
}

/// Where the state of one analytic of one stream is published.
public struct StateTopics: Hashable, Sendable {
    public let count, availability: String
    /// Where Home Assistant is told of it.
    public let discovery: String?
    public let stream: UUID
    public let analytic: Int

    public init(_ state: Callback.Broker.State, stream: UUID, account: UUID, analytic: Int) {
        let values = ["account_id": account.wire, "stream_id": stream.wire, "analytic": "\(analytic)"]
        count = values.reduce(state.topic) { $0.replacing("{\($1.key)}", with: $1.value) }
        availability = count + "/availability"
        discovery = state.discoveryPrefix.map { "\($0)/sensor/\(Self.name(stream, analytic))/config" }
        (self.stream, self.analytic) = (stream, analytic)
    }
    public var all: [String] { [count, availability] + (discovery.map { [$0] } ?? []) }
    private static func name(_ stream: UUID, _ analytic: Int) -> String { "sightline_\(stream.wire)_\(analytic)" }

    /// What Home Assistant is told: a sensor of a device, which is the stream.
    /// - Parameters:
    ///   - name: of the stream, empty where it has none.
    ///   - patience: after which silence means that nobody counts, in seconds.
    public func discovered(name: String, patience: Int) -> JSONValue {
        [
            "name": .string(analytic == 0 ? "People" : "People \(analytic)"),
            "unique_id": .string(Self.name(stream, analytic)), "state_topic": .string(count),
            "availability_topic": .string(availability), "payload_available": "online",
            "payload_not_available": "offline", "expire_after": .integer(Int64(patience)),
            "state_class": "measurement", "unit_of_measurement": "people", "icon": "mdi:account-group",
            "device": [
                "identifiers": [.string("sightline_\(stream.wire)")],
                "name": .string(name.isEmpty ? "Sightline \(stream.wire.prefix(8))" : name),
                "manufacturer": "Sightline",
            ],
            "origin": ["name": "Sightline"],
        ]
    }
}

/// Is told how many people a stream shows: state, of which the latest counts, so nothing waits for it.
public protocol PeopleStates: Sendable {
    /// Whether anybody wants to know it of the stream.
    func wants(_ stream: StreamDefinition) -> Bool
    /// - Parameter analytic: its index in the stream.
    func see(_ count: Int, by analytic: Int, of stream: StreamDefinition)
    /// Nobody counts in the stream any longer, or not at the moment.
    func rest(_ stream: StreamDefinition)
}
