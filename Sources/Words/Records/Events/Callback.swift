public import Foundation
public import JSON

/// One entry of `callbacks`, validated in full and kept with the stream.
public struct Callback: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case http, mqtt
        case webSocketNotification = "luna-ws-notification"
        case generalEvent = "luna-event"

        /// Whether reports are sent to somebody outside, through the outbox.
        public var isSent: Bool { self == .http || self == .mqtt }
    }
    /// HTTP Basic.
    public struct Authorization: Hashable, Sendable {
        public var login, password: String
    }
    public enum ContentType: String, Sendable, CaseIterable {
        case json = "application/json"
        case msgpack = "application/msgpack"
    }
    /// How reports name pictures.
    public enum ImageLinks: String, Sendable, CaseIterable {
        /// As events do: by a path that needs credentials.
        case plain
        /// By a link that needs none.
        case signed
    }
    /// Where and how an `http` callback is posted.
    public struct Endpoint: Hashable, Sendable {
        /// Absolute, `http` or `https`. May hold a password: show it only through `Redaction`.
        public var url: String
        public var authorization: Authorization?
        /// Seconds, 1...3600.
        public var timeout = 60
        public var contentType = ContentType.json
        public var imageLinks = ImageLinks.plain
        public var headers: [String: String] = [:]
        /// What reports are signed with; `nil`: they are not.
        public var secret: SigningSecret?
    }

    public let kind: Kind
    public let isEnabled: Bool
    /// As its owner wrote it; holds passwords.
    public let wire: JSONValue
    /// Of kind `http` only.
    public let endpoint: Endpoint?
    /// Of kind `mqtt` only.
    public let broker: Broker?

    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object()
        wire = reader.value
        let typeReader = try reader.required("type")
        kind = Kind(rawValue: try typeReader.string(oneOf: Kind.allCases.map(\.rawValue)))!
        switch kind {
        case .http:
            _ = try reader.object(known: ["type", "enable", "url", "authorization", "params"])
            (endpoint, broker) = (try Endpoint(reader), nil)
        case .mqtt:
            _ = try reader.object(known: ["type", "enable", "url", "authorization", "params"])
            (endpoint, broker) = (nil, try Broker(reader))
        case .webSocketNotification, .generalEvent:
            _ = try reader.object(known: ["type", "enable"])
            (endpoint, broker) = (nil, nil)
        }
        isEnabled = try reader.optional("enable")?.flag() ?? true
    }
}

extension Callback {
    /// Seconds that a receiver of a job's reports has to answer.
    private static let jobTimeout = 10

    /// One that posts JSON to a URL and nothing else, as the doors of jobs have them.
    /// - Parameter url: as it was sent.
    public init(jobURL url: JSONReader) throws(JSONViolation) {
        var endpoint = Endpoint(url: try url.callbackURL())
        endpoint.timeout = Self.jobTimeout
        (kind, isEnabled, self.endpoint, broker) = (.http, true, endpoint, nil)
        wire = [
            "type": "http", "url": .string(endpoint.url), "params": ["timeout": .integer(Int64(endpoint.timeout))],
        ]
    }

    /// Of those that send: where to. May hold a password.
    public var url: String? { endpoint?.url ?? broker?.url }
    /// How its reports name pictures.
    public var imageLinks: ImageLinks { endpoint?.imageLinks ?? broker?.imageLinks ?? .plain }
    /// Who is called: host, in lower case, and port; empty where nobody is.
    public var receiver: String {
        guard let url, let parts = URLComponents(string: url) else { return "" }
        let standard = ["https": 443, "mqtt": 1883, "mqtts": 8883][parts.scheme?.lowercased() ?? ""] ?? 80
        return "\(parts.encodedHost?.lowercased() ?? ""):\(parts.port ?? standard)"
    }
}

extension Callback.Endpoint {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        url = try reader.required("url").callbackURL()
        authorization = try reader.optional("authorization").map(Callback.Authorization.init)
        guard let parameters = try reader.optional("params") else { return }
        _ = try parameters.object(known: ["timeout", "content_type", "image_links", "headers", "secret"])
        timeout = try parameters.optional("timeout")?.integer(in: 1...3600) ?? timeout
        contentType = try parameters.choice("content_type") ?? contentType
        imageLinks = try parameters.choice("image_links") ?? imageLinks
        if let headers = try parameters.optional("headers") { self.headers = try headers.httpHeaders() }
        secret = try parameters.optional("secret").map { (reader) throws(JSONViolation) in try SigningSecret(reader) }
    }
}

extension URLComponents {
    /// Whether the port, where one is named, is one that can be connected to.
    public var hasPort: Bool { port.map { (1...65_535).contains($0) } ?? true }
    func checkPort(_ reader: JSONReader) throws(JSONViolation) {
        guard hasPort else { throw reader.violation("The port of the URL should be in 1...65535") }
    }
}

extension Callback.Authorization {
    init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["type", "login", "password"])
        _ = try reader.required("type").string(oneOf: ["basic"])
        login = try reader.required("login").string(maximumLength: 128)
        password = try reader.required("password").string(maximumLength: 128)
    }
}

extension JSONReader {
    /// One of the words of a type; `nil` where the member is not there.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(JSONViolation) -> Choice? {
        guard let word = try optional(name) else { return nil }
        return Choice(rawValue: try word.string(oneOf: Choice.allCases.map(\.rawValue)))
    }
    /// A URL that can be posted to.
    fileprivate func callbackURL() throws(JSONViolation) -> String {
        let url = try string(maximumLength: 2048)
        guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.encodedHost?.contains("%") == false
        else { throw violation("Input should be a valid URL that begins with http:// or https://") }
        try parts.checkPort(self)
        return url
    }
    /// Header fields that can be sent as they are: a name must be a token of RFC 9110 §5.6.2, and a value must hold no
    /// control character, so that none can end the header early.
    fileprivate func httpHeaders() throws(JSONViolation) -> [String: String] {
        let names = try object().keys.sorted()
        guard names.count <= 64 else {
            throw violation("Dictionary should have at most 64 items after validation, not \(names.count)")
        }
        var headers: [String: String] = [:]
        for name in names {
            let reader = try required(name)
            let value = try reader.string(maximumLength: 4096)
            guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter) else {
                throw reader.violation("A header name should consist of letters, digits and !#$%&'*+-.^_`|~")
            }
            guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw reader.violation("A header value should not contain control characters")
            }
            headers[name] = value
        }
        return headers
    }
}

extension UInt8 {
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
