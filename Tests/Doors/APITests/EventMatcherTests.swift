import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

@testable import API

/// Events in `/6/matcher/faces`: those with whom it was said what somebody looks like.
struct EventMatcherTests {
    private static func save(
        _ server: TestServer, _ descriptor: Descriptor?, _ body: [String: JSONValue] = [:], account: Account? = nil
    ) async throws -> String {
        let account = account ?? server.user, handler = BuiltInHandler.id(of: account.id)
        var members = body
        if let descriptor { members["face_attributes"] = ["descriptor": .string(descriptor.sdkText)] }
        let reply = try await server.send(
            "POST", "/6/handlers/\(handler.wire)/events/raw", .object(members), headers: TestServer.basic(account))
        #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
        return try #require(try reply.json["event_id"]?.string)
    }
    private static func candidates(_ filters: [String: JSONValue] = [:]) -> JSONValue {
        ["filters": .object(filters.merging(["origin": "events"]) { $1 }), "limit": 100]
    }
    private static func ids(_ result: [JSONValue]) -> [String] {
        result.compactMap { $0["event"]?["event_id"]?.string }
    }

    @Test func theMostAlikeComeFirstWithTheirFields() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let far = try await Self.save(server, one.mixed(0.5)), near = try await Self.save(server, one)
            _ = try await Self.save(server, nil)
            let result = try await server.result(one.reference, Self.candidates())
            #expect(Self.ids(result) == [near, far] && result.first?["similarity"]?.double ?? 0 > 0.999999)
            let event = try await server.send("GET", "/6/events/\(near)").json
            #expect(result.first?["event"] == event)
            let few = try await server.result(
                one.reference, ["filters": ["origin": "events"], "targets": ["event_id", "age"], "threshold": 0.99])
            #expect(few.map { $0["event"]?.object?.count } == [2] && Self.ids(few) == [near])
        }
    }

    @Test func theFiltersOfEventsDecideFirst() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let old = try await Self.save(
                server, one,
                [
                    "create_time": "2020-03-02T10:00:00Z", "source": "gate", "tags": ["vip", "late"],
                    "meta": ["temp": 36.6, "door": "open"],
                    "location": ["geo_position": ["longitude": 24.118, "latitude": 56.955]],
                ])
            let new = try await Self.save(server, one, ["source": "door", "track_id": "t-1"])
            for (filters, found) in [
                ([:], [old, new]), (["sources": ["gate", "hall"]], [old]), (["track_ids": [nil]], [old]),
                (["create_time__gte": "now-1d"], [new]), (["tags": ["late"]], [old]),
                (["meta": ["temp__gt": 36]], [old]), (["meta": ["door__in": ["open", "shut"]]], [old]),
                (["meta": nil], [new]), (["event_ids": [.string(new)]], [new]), (["age__gte": 1], []),
                (["geo_position": ["origin_longitude": 24.11, "origin_latitude": 56.95]], [old]),
                (["geo_position": ["origin_longitude": 25, "origin_latitude": 56.95]], []),
                (["geo_position": nil], [new]),
            ] as [([String: JSONValue], [String])] {
                let result = try await server.result(one.reference, Self.candidates(filters))
                #expect(Set(Self.ids(result)) == Set(found), "\(filters)")
            }
        }
    }

    @Test func eventsAreReferencesByTheirIDsTracksAndExternalIDs() async throws {
        try await withServer { server in
            let one = Descriptor.random(), face = try await server.makeFace(one)
            let members: [String: JSONValue] = ["external_id": "17", "track_id": "t-1"]
            let first = try await Self.save(server, one, members), second = try await Self.save(server, one, members)
            let without = try await Self.save(server, nil, members)
            for (type, id) in [("event", first), ("event_external_id", "17"), ("event_track_id", "t-1")] {
                let reference: JSONValue = ["type": .string(type), "id": .string(id)]
                let answer = try #require(try await server.match([reference], [MatcherTests.faces]).json.array)
                let events = answer.compactMap { $0["reference"]?["event_id"]?.string }
                #expect(Set(events) == (type == "event" ? [first] : [first, second]) && events.count == answer.count)
                for entry in answer { #expect(entry["matches"]?.array?[0]["result"]?.array?.faceIDs == [face]) }
            }
            try await server.match([["type": "event", "id": .string(without)]], [MatcherTests.faces]).expectError(
                400, 11034, "Bad/incomplete input data", "Event with id '\(without)' has no descriptor")
            // Of bodies there is nothing to compare, and nobody minds.
            let bodies = try await server.send(
                "POST", "/6/matcher/bodies",
                ["references": [["type": "event", "id": .string(first)]], "candidates": [Self.candidates()]])
            #expect(try bodies.json.array?.first?["matches"]?.array?[0]["result"] == [])
        }
    }

    @Test func nobodyFindsOthersEventsAndItIsWrittenDownWhoWasFound() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let own = try await Self.save(server, one)
            let theirs = try await Self.save(server, one, account: server.stranger)
            #expect(Self.ids(try await server.result(one.reference, Self.candidates())) == [own])
            let other: [String: JSONValue] = ["account_id": .string(server.stranger.id.wire)]
            #expect(Self.ids(try await server.result(one.reference, Self.candidates(other))) == [own])
            let admin = TestServer.basic(server.admin)
            let all = try await server.result(one.reference, Self.candidates(), headers: admin)
            #expect(Set(Self.ids(all)) == [own, theirs])
            let missing = try await server.match([["type": "event", "id": .string(theirs)]], [MatcherTests.faces])
            #expect(try missing.json.array?.first?["matches"]?.array?[0]["error"]?["error_code"] == 23001)
            let token = try await server.token(["face": ["matching"], "event": ["view"]])
            #expect(try await server.match([one.reference], [Self.candidates()], headers: token).status == 403)

            _ = try await server.match([["type": "event", "id": .string(own)]], [Self.candidates()])
            let lines = try await server.send("GET", "/6/faces/logs?subject_ids=\(own)").json["logs"]?.array ?? []
            #expect(Set(lines.compactMap { $0["subject_type"]?.string }) == ["event"])
            let actions = Set(lines.compactMap { $0["action"]?.string })
            #expect(actions.isSuperset(of: ["search", "match"]))
        }
    }
}
