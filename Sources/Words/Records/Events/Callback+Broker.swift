import Foundation
public import JSON

extension Callback {
    /// Where and how an `mqtt` callback publishes.
    public struct Broker: Hashable, Sendable {
        /// `mqtt` or `mqtts`, host and port. May hold a password: show it only through `Redaction`.
        public var url: String
        public var authorization: Authorization?
        /// With names of members in braces, such as `{stream_id}`.
        public var topic = "sightline/{stream_id}/{event_type}"
        /// Of service: 0 at most once, 1 at least once, 2 once.
        public var quality = 1
        /// The broker keeps the latest message of the topic for those who come later.
        public var isRetained = false
        /// Seconds, 1...3600.
        public var timeout = 60
        public var contentType = ContentType.json
        public var imageLinks = ImageLinks.plain
        /// Where the number of people is published, too; `nil`: nowhere.
        public var state: State?
    }
}

extension Callback.Broker {
    /// What a broker is connected to with.
    public struct Place: Sendable {
        public let host: String
        public let port: Int
        public let isSecure: Bool
        public let credentials: (login: String, password: String)?
    }
    public var place: Place {
        let parts = URLComponents(string: url)
        let isSecure = parts?.scheme?.lowercased() == "mqtts"
        let host = parts?.encodedHost?.lowercased() ?? ""
        let own = parts?.user.map { (login: $0, password: parts?.password ?? "") }
        return Place(
            host: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host,
            port: parts?.port ?? (isSecure ? 8883 : 1883), isSecure: isSecure,
            credentials: authorization.map { ($0.login, $0.password) } ?? own)
    }

    /// Members that a topic may name: ids and the type, which hold none of the marks of topics.
    static let names = ["account_id", "stream_id", "event_id", "track_id", "event_type"]
    /// - Parameter body: the event as a callback carries it.
    public func topic(of body: JSONValue) -> String {
        Self.names.reduce(topic) { topic, name in
            topic.replacing("{\(name)}", with: (body[name] ?? body["event"]?[name])?.string ?? "")
        }
    }

    init(_ reader: JSONReader) throws(JSONViolation) {
        let urlReader = try reader.required("url")
        url = try urlReader.string(maximumLength: 2048)
        guard let parts = URLComponents(string: url), ["mqtt", "mqtts"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.encodedHost?.contains("%") == false, ["", "/"].contains(parts.path)
        else { throw urlReader.violation("Input should be a URL such as mqtt://host:1883 or mqtts://host:8883") }
        try parts.checkPort(urlReader)
        authorization = try reader.optional("authorization").map(Callback.Authorization.init)
        guard let parameters = try reader.optional("params") else { return }
        _ = try parameters.object(known: [
            "topic", "qos", "retain", "timeout", "content_type", "image_links", "state_topic", "home_assistant",
        ])
        topic = try parameters.optional("topic")?.topic(naming: Self.names) ?? topic
        quality = try parameters.optional("qos")?.integer(in: 0...2) ?? quality
        isRetained = try parameters.optional("retain")?.flag() ?? isRetained
        timeout = try parameters.optional("timeout")?.integer(in: 1...3600) ?? timeout
        contentType = try parameters.choice("content_type") ?? contentType
        imageLinks = try parameters.choice("image_links") ?? imageLinks
        state = try State(parameters)
    }
}

extension JSONReader {
    /// A topic to publish at (MQTT 5.0 §4.7): no wildcards, no control characters, nothing in braces but the known names.
    func topic(naming known: [String]) throws(JSONViolation) -> String {
        let text = try string(maximumLength: 512)
        let rest = known.reduce(text) { $0.replacing("{\($1)}", with: "") }
        guard !text.isEmpty, !text.hasPrefix("$"),
            rest.unicodeScalars.allSatisfy({
                $0.value >= 0x20 && $0.value != 0x7f && !"+#{}".unicodeScalars.contains($0)
            })
        else {
            let names = known.map { "{\($0)}" }.joined(separator: ", ")
            throw violation(
                "Input should be a topic without wildcards" + (known.isEmpty ? "" : "; it may hold \(names)"))
        }
        return text
    }
}
