import Addresses
import DoorSupport
import Foundation
import JSON
import Notifications
import Records
import Scene
import Store
import Testing

@testable import API

struct DeliveryTests {
    private struct Nothing: Facts { let members: [String: JSONValue] = [:] }
    static let callback: JSONValue = [
        "type": "http", "url": "http://bob:canary-1@a.example/?token=canary-2",
        "params": ["secret": "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5", "headers": ["X-Api-Key": "canary-3"]],
    ]
    /// A stream with an event that is due to callbacks, the `first` of which are given up.
    static func report(
        _ server: TestServer, _ account: Account? = nil, dead first: Int = 0, of count: Int = 1
    ) async throws -> (event: UUID, deliveries: [UUID]) {
        let stream = try await server.createStream(account)
        let time = FrameTime(index: 0, pts: MediaTime(seconds: 0), wallClock: .now)
        let event = Event(trackID: UUID(), type: "crowd", begin: time, end: time, facts: Nothing())
        let update = EventUpdate(
            event: event, change: .opened, status: .started, isReported: true, time: time, live: Nothing())
        let callbacks = try (0..<count).map { number in
            try Callback(JSONReader(callback.setting("url", to: .string("http://bob:canary-1@a\(number).example/"))))
        }
        try await server.store.record(
            [update], deliveries: callbacks.map { Delivery(eventID: event.id, callback: $0) }, of: stream.definition)
        let found = try await server.store.deliveries(ofEvent: event.id, account: nil)
        for lane in try await server.store.dueLanes(at: .distantFuture).prefix(first) {
            let letter = try #require(try await server.store.nextLetter(of: lane.id))
            try await server.store.settle(letter, .dead(reason: "The receiver refused it (status 400)"))
        }
        return (event.id, try #require(found).pending.map(\.id))
    }

    @Test func whatIsNotDeliveredIsListedByItsStateAndItsSecretsAreHidden() async throws {
        try await withServer { server in
            let (event, ids) = try await Self.report(server, dead: 1, of: 2)
            let reply = try await server.send("GET", "/6/deliveries")
            let list = try #require(try reply.json["deliveries"]?.array)
            #expect(list.compactMap { $0["delivery_id"]?.string } == ids.reversed().map(\.wire))
            #expect(!String(decoding: reply.body, as: UTF8.self).contains("canary"))
            let dead = try #require(
                try await server.send("GET", "/6/deliveries?states=dead").json["deliveries"]?.array?.first)
            #expect(dead["attempts"] == 1 && dead["state"] == "dead" && dead["next_attempt_time"] == nil as JSONValue)
            #expect(dead["last_error"] == "The receiver refused it (status 400)")
            #expect(dead["callback"]?["params"]?["secret"] == "***" && dead["event_id"] == .string(event.wire))
            for query in ["states=due,dead", "event_ids=\(event.wire)", "delivery_ids=\(ids[0].wire),\(ids[1].wire)"] {
                #expect(try await server.send("GET", "/6/deliveries?\(query)").json["deliveries"]?.array?.count == 2)
            }
            #expect(
                try await server.send("GET", "/6/deliveries?page_size=1&page=2").json["deliveries"]?.array?.count == 1)
            #expect(
                try await server.send("GET", "/6/deliveries?event_ids=\(UUID().wire)").json == ["deliveries": []])
            try await server.send("GET", "/6/deliveries?states=lost").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'states'")
        }
    }

    @Test func theReportsOfAnEventTellHowTheyFare() async throws {
        try await withServer { server in
            let (event, ids) = try await Self.report(server, of: 2)
            let lane = try #require(try await server.store.dueLanes(at: .distantFuture).first)
            try await server.store.settle(try #require(try await server.store.nextLetter(of: lane.id)), .delivered)
            let shown = try await server.send("GET", "/6/events/\(event.wire)/deliveries").json
            #expect(shown["delivered"] == 1 && shown["last_delivery_time"]?.string != nil)
            #expect(shown["deliveries"]?.array?.count == 1)
            #expect(
                shown["deliveries"]?.array?.first?["delivery_id"]?.string.map { ids.map(\.wire).contains($0) } == true)
            let nobody = UUID()
            try await server.send("GET", "/6/events/\(nobody.wire)/deliveries").expectError(
                404, 23001, "Object not found", "Event with id '\(nobody.wire)' not found")
        }
    }

    @Test func aDeadLetterIsSentAgainOrGivenUp() async throws {
        try await withServer { server in
            let (_, ids) = try await Self.report(server, dead: 2, of: 2)
            #expect(try await server.store.outboxLevel().dead == 2)
            #expect(try await server.send("POST", "/6/deliveries/\(ids[0].wire)/redeliver").status == 204)
            #expect(try await server.send("GET", "/6/deliveries/\(ids[0].wire)").json["state"] == "due")
            #expect(try await server.send("DELETE", "/6/deliveries/\(ids[0].wire)").status == 204)
            try await server.send("GET", "/6/deliveries/\(ids[0].wire)").expectError(
                404, 44020, "Object not found", "Delivery with id '\(ids[0].wire)' not found")
            let many: JSONValue = ["delivery_ids": .array((ids + [UUID()]).map { .string($0.wire) })]
            let again = try await server.send("POST", "/6/deliveries/redeliver", many)
            #expect(try again.status == 200 && again.json == ["redelivered_count": 1])
            let level = try await server.store.outboxLevel()
            #expect(level.due == 1 && level.dead == 0)
        }
    }

    @Test func metricsTellWhatWaitsAndForHowLong() async throws {
        try await withServer(counting: { store, _ in
            [DeliveryMetrics(store: store, counts: { CourierCounts() }, now: { Date.now + 100 })]
        }) { server in
            _ = try await Self.report(server, dead: 1, of: 3)
            let page = String(decoding: try await server.send("GET", "/metrics").body, as: UTF8.self)
            #expect(
                page.contains("\nsightline_deliveries_due 2.0\n") && page.contains("\nsightline_deliveries_dead 1.0\n"))
            #expect(page.contains("\nsightline_deliveries_delivered_total 0.0\n"))
            let age = try #require(page.firstMatch(of: /\nsightline_delivery_oldest_due_seconds (\d+)/))
            let seconds = try #require(Int(age.output.1))
            #expect((100..<200).contains(seconds))
        }
    }

    // MARK: Addresses

    private static func body(_ url: String) -> JSONValue {
        [
            "data": ["type": "stream", "reference": "rtsp://camera/1"],
            "analytics": [
                [
                    "analytic_name": "picky",
                    "parameters": ["callbacks": [["type": "luna-event"], ["type": "http", "url": .string(url)]]],
                ]
            ],
        ]
    }

    @Test(
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1 is a loopback address"), ("[::1]", "::1 is a loopback address"),
            ("10.0.0.5", "10.0.0.5 is an address of a private network"),
            ("169.254.169.254", "169.254.169.254 is the address of a cloud metadata service"),
            ("[::ffff:0:a00:5]", "::ffff:0:a00:5 is an address of a private network"),
            ("[2001:0:1::1]", "2001:0:1::1 is a reserved address"),
            ("203.0.113.7", "203.0.113.7 is an address of a private network"),
            // Other spellings of an address.
            ("0x0a010203", "10.1.2.3 is an address of a private network"),
            ("167838211", "10.1.2.3 is an address of a private network"),
            ("10.1", "10.0.0.1 is an address of a private network"),
            ("012.1.2.3", "10.1.2.3 is an address of a private network"),
            ("10.1.2.3.", "10.1.2.3 is an address of a private network"),
            ("user:password@127.1:8080", "127.0.0.1 is a loopback address"),
        ])
    func anAddressThatMayNotBeCalledIsRefusedAtRegistration(host: String, reason: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/streams", Self.body("https://\(host)/cb")).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'analytics.0.parameters.callbacks.1.url', message: '\(reason), "
                    + "which the setting 'callbacks.allowed_networks' does not allow'")
        }
    }

    @Test(arguments: ["hook.example", "8.8.8.8", "0x08080808", "10.hook.example", "[2001:4860:4860::8888]"])
    func namesAndPublicAddressesAreTaken(host: String) async throws {
        try await withServer { server in
            let reply = try await server.send("POST", "/6/streams", Self.body("https://\(host)/cb"))
            #expect(reply.status == 201)
        }
    }

    @Test func whatTheSettingsAllowIsTaken() async throws {
        try await withServer({ $0.callbackNetwork.allowsLoopback = true }) { server in
            let reply = try await server.send("POST", "/6/streams", Self.body("http://127.0.0.1:8080/cb"))
            #expect(reply.status == 201)
        }
    }
}
