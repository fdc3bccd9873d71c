import Addresses
import Foundation
import JSON
import Records
import Testing

@testable import Notifications

struct ImageLinksTests {
    private static let account = UUID(), id = UUID()
    private static func links(_ base: String = "https://s.example/x") -> ImageLinks {
        ImageLinks(base: base) { path, account in "\(account.wire.prefix(4)).\(path.count)" }
    }
    private static func signed(_ path: String, _ base: String = "https://s.example/x") -> JSONValue {
        .string("\(base)\(path)?signature=\(account.wire.prefix(4)).\(path.count)")
    }
    private static func body(_ event: JSONValue) -> JSONValue {
        ["event_type": "crowd", "account_id": .string(account.wire), "event": event]
    }

    @Test func everyPictureThatAnEventNamesBecomesALink() async throws {
        let image = "/6/images/\(Self.id.wire)", sample = "/6/samples/bodies/\(Self.id.wire)"
        let signed = try await Self.links().signed(
            Self.body([
                "overview": ["image": .string(image), "time_offset": 1.5],
                "detections": [["samples": ["body": ["url": .string(sample)], "face": .null]]],
                "image_origin": .string(image),
            ]))
        #expect(
            signed
                == Self.body([
                    "overview": ["image": Self.signed(image), "time_offset": 1.5],
                    "detections": [["samples": ["body": ["url": Self.signed(sample)], "face": .null]]],
                    "image_origin": Self.signed(image),
                ]))
        let path = try await Self.links("").signed(Self.body(["image": .string(image)]))
        #expect(path == Self.body(["image": Self.signed(image, "")]))
    }

    @Test func nothingElseDoes() async throws {
        let image = "/6/images/\(Self.id.wire)"
        let plain = Self.body([
            "source": .string(image), "location": ["city": .string(image)], "url": "http://elsewhere/6/images/1",
            "image": "/6/images/1", "image_origin": .null, "overview": ["image": .string(image + "/x")],
            "body": ["url": .string("/6/objects/\(Self.id.wire)")],
        ])
        #expect(try await Self.links().signed(plain) == plain)
        #expect(
            try await Self.links().signed(["event": ["image": .string(image)]]) == ["event": ["image": .string(image)]])
    }

    private static func letter(_ kind: String, _ url: String, _ parameters: [String: JSONValue]) throws -> Letter {
        let callback: JSONValue = ["type": .string(kind), "url": .string(url), "params": .object(parameters)]
        let body = body(["stream_id": "s", "image": .string("/6/images/\(id.wire)")])
        return Letter(
            sequence: 1, id: UUID(), lane: UUID(), subject: .event(UUID(), ofStream: UUID()),
            callback: try Callback(JSONReader(callback)), body: JSONText(body), number: 1, failures: 0)
    }
    private static func postmen(_ links: ImageLinks = links()) -> Postmen {
        var configuration = CallbackConfiguration()
        configuration.network.allowsLoopback = true
        return Postmen(http: HTTPPostman(configuration), mqtt: MQTTPostman(configuration), links: links)
    }

    @Test(arguments: ["plain", "signed"])
    func bothKindsOfCallbackSayWhetherTheyWantLinks(wish: String) async throws {
        let image = "/6/images/\(Self.id.wire)"
        let expected = wish == "signed" ? Self.signed(image) : .string(image)
        let receiver = RawReceiver { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
            broker = try MosquittoBroker()
        try broker.start()
        let postmen = Self.postmen(), wish: [String: JSONValue] = ["image_links": .string(wish)]
        #expect(await postmen.post(try Self.letter("http", "http://127.0.0.1:\(receiver.port)/", wish)) == .status(200))
        let sent = try JSONValue(parsing: try #require(receiver.received.first).body)
        #expect(sent["event"]?["image"] == expected)
        let published = try Self.letter(
            "mqtt", "mqtt://127.0.0.1:\(broker.port)", wish.merging(["retain": 1]) { $1 })
        #expect(await postmen.post(published) == .status(200))
        let message = try #require(broker.messages(1, of: "#").first)
        #expect(try JSONValue(parsing: message.payload)["event"]?["image"] == expected)
    }

    @Test func whatCannotBeSignedNowWaits() async throws {
        struct Gone: Error {}
        let postmen = Self.postmen(ImageLinks(base: "") { _, _ in throw Gone() })
        #expect(
            await postmen.post(try Self.letter("http", "http://127.0.0.1:1/", ["image_links": "signed"]))
                == .unreachable("The links to its pictures cannot be signed at the moment"))
    }

    @Test(arguments: ["http", "mqtt"])
    func anotherWishIsRefused(kind: String) {
        #expect(throws: JSONViolation.self) {
            try Self.letter(kind, "\(kind)://a.example", ["image_links": "public"])
        }
    }
}
