import Foundation
import JSON
import Records

/// A request as it goes over HTTP.
struct OutgoingRequest: Sendable {
    let method: String
    let host: String
    let port: Int
    let isSecure: Bool
    /// Path and query, as they are in the URL.
    let target: String
    /// In the order in which they are sent; each name once.
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    /// Bytes of the answer's body at most; `nil`: nobody wants to know it.
    var answerLimit: Int?
}

extension OutgoingRequest {
    /// What can be called of a URL.
    private struct Receiver {
        let host, target, authority: String
        let port: Int
        let isSecure: Bool
        let parts: URLComponents
        init?(_ url: String) {
            guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
                ["http", "https"].contains(scheme), let host = parts.encodedHost, !host.isEmpty, parts.hasPort
            else { return nil }
            (self.parts, isSecure) = (parts, scheme == "https")
            port = parts.port ?? (isSecure ? 443 : 80)
            self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
            target = parts.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
            let name = self.host.contains(":") ? "[\(self.host)]" : self.host
            authority = parts.port.map { "\(name):\($0)" } ?? name
        }
    }

    /// Whatever somebody asks at `url`.
    /// - Parameters:
    ///   - headers: come before what the URL says.
    ///   - limit: bytes of the answer's body.
    /// - Returns: `nil` when it cannot be called.
    init?(_ method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8], limit: Int) {
        guard let receiver = Receiver(url) else { return nil }
        (self.method, host, port, isSecure) = (method, receiver.host, receiver.port, receiver.isSecure)
        (target, self.body, answerLimit) = (receiver.target, body, limit)
        var fields = [(name: "Host", value: receiver.authority), (name: "User-Agent", value: "sightline")]
        if let user = receiver.parts.user {
            fields.append((name: "Authorization", value: Self.basic(user, receiver.parts.password ?? "")))
        }
        for (name, value) in headers { Self.set(name, value, in: &fields) }
        if !body.isEmpty { Self.set("Content-Length", "\(body.count)", in: &fields) }
        self.headers = fields
    }

    /// A letter.
    /// - Returns: `nil` when its URL cannot be called.
    init?(_ letter: Letter, to endpoint: Callback.Endpoint, at now: Date, requestID: UUID = UUID()) {
        guard let receiver = Receiver(endpoint.url) else { return nil }
        let parts = receiver.parts
        (method, host, port, isSecure) = ("POST", receiver.host, receiver.port, receiver.isSecure)
        target = receiver.target
        let body = endpoint.contentType == .json ? Array(letter.body.text.utf8) : letter.body.value.messagePack

        var fields: [(name: String, value: String)] = [
            ("Host", receiver.authority), ("User-Agent", "sightline"),
            ("Content-Type", endpoint.contentType.rawValue),
        ]
        if let (login, password) = Self.credentials(endpoint, parts) {
            fields.append(("Authorization", Self.basic(login, password)))
        }
        // The owner's come before these, and the ones that follow before the owner's.
        for (name, value) in endpoint.headers.sorted(by: { $0.key < $1.key }) { Self.set(name, value, in: &fields) }
        let (id, time) = (letter.id.wire, Int(now.timeIntervalSince1970))
        Self.set("Luna-Request-Id", "\(time),\(requestID.wire)", in: &fields)
        Self.set("Idempotency-Key", id, in: &fields)
        Self.set("Sightline-Sequence", "\(letter.number)", in: &fields)
        Self.set("webhook-id", id, in: &fields)
        Self.set("webhook-timestamp", "\(time)", in: &fields)
        let signature = endpoint.secret.map {
            WebhookSignature.header(id: id, time: time, body: body, secret: $0)
        }
        Self.set("webhook-signature", signature, in: &fields)
        Self.set("Content-Length", "\(body.count)", in: &fields)
        for name in ["Connection", "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer", "Keep-Alive"] {
            Self.set(name, nil, in: &fields)
        }
        (headers, self.body) = (fields, body)
    }

    private static func basic(_ login: String, _ password: String) -> String {
        "Basic " + Data("\(login):\(password)".utf8).base64EncodedString()
    }
    private static func credentials(
        _ endpoint: Callback.Endpoint, _ parts: URLComponents
    ) -> (login: String, password: String)? {
        if let given = endpoint.authorization { return (given.login, given.password) }
        guard let user = parts.user, !user.isEmpty || parts.password != nil else { return nil }
        return (user, parts.password ?? "")
    }
    /// - Parameter value: `nil` takes the header out.
    private static func set(_ name: String, _ value: String?, in fields: inout [(name: String, value: String)]) {
        fields.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { fields.append((name, value)) }
    }
}
