import Addresses
import Foundation
import JSON
import Records
import Testing

@testable import Notifications

struct HTTPPostmanTests {
    private let time = HeldTime()
    private static let event = UUID(wire: "557d54ec-29ad-4f3c-93b4-c9092ef12515")!
    private static let body: JSONValue = ["event": ["people_count": 3, "place": "Rīga"], "event_type": "crowd"]

    private static func letter(_ url: String, _ more: [String: JSONValue] = [:]) throws -> Letter {
        let callback: JSONValue = .object(["type": "http", "url": .string(url)].merging(more) { $1 })
        return Letter(
            sequence: 1, id: event, lane: UUID(), subject: .event(event, ofStream: UUID()),
            callback: try Callback(JSONReader(callback)), body: JSONText(body), number: 17, failures: 0)
    }
    private func postman(allowsLoopback: Bool = true) -> HTTPPostman {
        var configuration = CallbackConfiguration()
        configuration.network.allowsLoopback = allowsLoopback
        // Connections end when their receivers say so, however busy the machine is.
        return HTTPPostman(configuration, time: time.timepiece, idleTime: .seconds(3600))
    }
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func theRequestIsWhatTheOwnerWantedAndWhatReceiversNeed() async throws {
        let receiver = RawReceiver { _ in Self.ok }
        let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let letter = try Self.letter(
            "http://user:ignored@127.0.0.1:\(receiver.port)/a%20b?token=1",
            [
                "authorization": ["type": "basic", "login": "bob", "password": "p:w"],
                "params": [
                    "secret": .string(secret),
                    "headers": [
                        "X-Key": "7", "content-type": "text/x", "webhook-id": "mine", "Transfer-Encoding": "chunked",
                    ],
                ],
            ])
        #expect(await postman().post(letter) == .status(200))
        let request = try #require(receiver.received.first)
        #expect(request.line == "POST /a%20b?token=1 HTTP/1.1")
        #expect(try JSONValue(parsing: request.body) == Self.body)
        let headers = request.headers, now = Int(time.now.timeIntervalSince1970)
        #expect(headers["host"] == "127.0.0.1:\(receiver.port)" && headers["x-key"] == "7")
        #expect(headers["content-type"] == "text/x" && headers["transfer-encoding"] == nil)
        #expect(headers["authorization"] == "Basic " + Data("bob:p:w".utf8).base64EncodedString())
        #expect(headers["webhook-id"] == Self.event.wire && headers["idempotency-key"] == Self.event.wire)
        #expect(headers["sightline-sequence"] == "17")
        #expect(headers["webhook-timestamp"] == "\(now)")
        #expect(headers["luna-request-id"]?.wholeMatch(of: /\d+,[0-9a-f-]{36}/) != nil)
        #expect(headers["luna-request-id"]?.hasPrefix("\(now),") == true)
        let signed = Array("\(Self.event.wire).\(now).".utf8) + request.body
        let signature = WebhookSignature.hmac(signed, key: (0..<32).map { UInt8($0) })
        #expect(headers["webhook-signature"] == "v1,\(Data(signature).base64EncodedString())")
    }

    /// A number that is no port ended the process.
    @Test(arguments: [0, 65_536, 99_999, 4_294_967_296 + 80]) func whatHasNoPortIsNotCalled(port: Int) async throws {
        await #expect(throws: FetchFailure.self) {
            try await postman().fetch("http://127.0.0.1:\(port)/x.jpg", limit: 100)
        }
        #expect(throws: JSONViolation.self) { try Self.letter("http://127.0.0.1:\(port)/") }
    }

    /// The example of the specification's own libraries.
    @Test func signaturesAreThoseOfStandardWebhooks() throws {
        let secret = try #require(SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let header = WebhookSignature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", time: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8),
            secret: secret)
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func msgpackIsSentWhereItIsWanted() async throws {
        let receiver = RawReceiver { _ in Self.ok }
        let letter = try Self.letter(
            "http://127.0.0.1:\(receiver.port)", ["params": ["content_type": "application/msgpack"]])
        #expect(await postman().post(letter) == .status(200))
        let request = try #require(receiver.received.first)
        #expect(request.line == "POST / HTTP/1.1" && request.headers["content-type"] == "application/msgpack")
        #expect(request.body == Self.body.messagePack && request.headers["webhook-signature"] == nil)
    }

    @Test(arguments: [200, 204, 302, 404, 503])
    func theStatusIsTheAnswerAndNoRedirectIsFollowed(status: Int) async throws {
        let receiver = RawReceiver { _ in
            "HTTP/1.1 \(status) Any\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        }
        #expect(await postman().post(try Self.letter("http://127.0.0.1:\(receiver.port)/")) == .status(status))
        #expect(receiver.received.count == 1)
    }

    @Test func theReceiverMaySayWhenToComeAgain() async throws {
        let date = "Sat, 11 May 2024 09:12:41 GMT"  // a minute after what time it is
        let receiver = RawReceiver { request in
            let digits = request.line.contains("long") ? String(repeating: "9", count: 23) : "120"
            let wish = request.line.contains("date") ? date : digits
            return "HTTP/1.1 503 Busy\r\nRetry-After: \(wish)\r\nContent-Length: 0\r\n\r\n"
        }
        let (seconds, byDate) = (
            try Self.letter("http://127.0.0.1:\(receiver.port)/"),
            try Self.letter("http://127.0.0.1:\(receiver.port)/date")
        )
        #expect(await postman().post(seconds) == .status(503, retryAfter: .seconds(120)))
        #expect(await postman().post(byDate) == .status(503, retryAfter: .seconds(60)))
        let long = try Self.letter("http://127.0.0.1:\(receiver.port)/long")
        #expect(await postman().post(long) == .status(503, retryAfter: .seconds(86_400)))
    }

    @Test func whoSaysNothingIsGivenUpWhenItsTimeIsOver() async throws {
        let receiver = RawReceiver { _ in nil }
        let letter = try Self.letter("http://127.0.0.1:\(receiver.port)/", ["params": ["timeout": 7]])
        async let answer = postman().post(letter)
        try await until { receiver.received.count == 1 && time.alarms.count == 1 }
        time.advance(by: 7)
        #expect(await answer == .unreachable("The receiver did not answer within 7 s"))
    }

    /// What the head says counts, however long the rest takes.
    @Test func anAnswerWhoseBodyNeverEndsIsOne() async throws {
        let receiver = RawReceiver { _ in "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this" }
        #expect(await postman().post(try Self.letter("http://127.0.0.1:\(receiver.port)/")) == .status(200))
    }

    @Test(arguments: ["", "SSH-2.0-server\r\n"])
    func whatIsNoAnswerIsNone(text: String) async throws {
        let receiver = RawReceiver { _ in text }
        let answer = await postman().post(try Self.letter("http://127.0.0.1:\(receiver.port)/"))
        guard case .unreachable = answer else { return #expect(answer == nil) }
    }

    @Test func aClosedPortIsUnreachable() async throws {
        let port = RawReceiver { _ in nil }.port
        let answer = await postman().post(try Self.letter("http://127.0.0.1:\(port)/"))
        #expect(answer == .unreachable("The receiver cannot be reached: Connection refused"))
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "2130706433"])
    func anAddressThatIsNotAllowedIsNotConnectedTo(host: String) async throws {
        let receiver = RawReceiver { _ in Self.ok }
        let letter = try Self.letter("http://\(host):\(receiver.port)/")
        #expect(
            await postman(allowsLoopback: false).post(letter)
                == .unreachable(
                    "The receiver has a loopback address, which the setting 'callbacks.allowed_networks' does not allow"
                ))
        #expect(receiver.received.isEmpty)
    }

    @Test func aNameIsLookedUp() async throws {
        let receiver = RawReceiver { _ in Self.ok }
        #expect(await postman().post(try Self.letter("http://localhost:\(receiver.port)/")) == .status(200))
        #expect(receiver.received.first?.headers["host"] == "localhost:\(receiver.port)")
    }

    @Test func aConnectionIsUsedForOneReportAfterTheOther() async throws {
        let receiver = RawReceiver(keepsOpen: true) { _ in Self.ok }, postman = postman()
        for _ in 0..<3 {
            #expect(await postman.post(try Self.letter("http://127.0.0.1:\(receiver.port)/")) == .status(200))
        }
        #expect(receiver.received.count == 3 && receiver.connections == 1)
    }

    @Test(arguments: [true, false])
    func aReceiverThatClosesIsConnectedToAnewAndGetsEachReportOnce(saysSo: Bool) async throws {
        let receiver = RawReceiver { _ in
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(saysSo ? "Connection: close\r\n" : "")\r\n"
        }
        let postman = postman()
        for _ in 0..<20 {
            #expect(await postman.post(try Self.letter("http://127.0.0.1:\(receiver.port)/")) == .status(200))
        }
        #expect(receiver.received.count == 20 && receiver.connections == 20)
    }

    /// What hangs over a connection that was kept is not sent again over another.
    @Test func whoFallsSilentLaterIsGivenUpWhenItsTimeIsOver() async throws {
        let receiver = RawReceiver(keepsOpen: true) { $0.line.contains("silent") ? nil : Self.ok }
        let postman = postman(), port = receiver.port
        #expect(await postman.post(try Self.letter("http://127.0.0.1:\(port)/")) == .status(200))
        async let answer = postman.post(
            try Self.letter("http://127.0.0.1:\(port)/silent", ["params": ["timeout": 7]]))
        try await until { receiver.received.count == 2 && time.alarms.count == 1 }
        time.advance(by: 7)
        #expect(try await answer == .unreachable("The receiver did not answer within 7 s"))
        #expect(receiver.received.count == 2)
    }

    /// Whoever answers, with whatever, has the report.
    @Test func whatIsAnsweredWithNoHTTPOverAKeptConnectionIsNotSentAgainAtOnce() async throws {
        let receiver = RawReceiver(keepsOpen: true) { $0.line.contains("odd") ? "SSH-2.0-server\r\n" : Self.ok }
        let postman = postman(), port = receiver.port
        #expect(await postman.post(try Self.letter("http://127.0.0.1:\(port)/")) == .status(200))
        let answer = await postman.post(try Self.letter("http://127.0.0.1:\(port)/odd"))
        #expect(answer == .unreachable("The receiver gave no answer that is HTTP"))
        #expect(receiver.received.count == 2)
    }

    @Test func aTaskThatIsCancelledBringsNoAnswer() async throws {
        let receiver = RawReceiver { _ in nil }
        let letter = try Self.letter("http://127.0.0.1:\(receiver.port)/")
        let task = Task { [postman = postman()] in await postman.post(letter) }
        try await until { receiver.received.count == 1 }
        task.cancel()
        #expect(await task.value == nil)
    }
}
