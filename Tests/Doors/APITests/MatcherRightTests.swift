import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

@testable import API

/// Who may look for whom and finds whom, and what is written down of it.
struct MatcherRightTests {
    @Test(arguments: ["face", "attribute", "event"])
    func aTokenNeedsMatchingOfEachKindThatIsNamed(kind: String) async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let face = try await server.makeFace(one)
            let attribute = try await server.makeAttribute(["face_descriptors": [one.rawWire]])
            let sets: [String: JSONValue] = [
                "face": ["filters": ["origin": "faces"]], "event": ["filters": ["origin": "events"]],
                "attribute": ["filters": ["origin": "attributes", "attribute_ids": [.string(attribute)]]],
            ]
            let references: [String: JSONValue] = [
                "face": ["type": "face", "id": .string(face)],
                "attribute": ["type": "attribute", "id": .string(attribute)],
                "event": ["type": "event_external_id", "id": "1"],
            ]
            let others = ["face", "attribute", "event"].filter { $0 != kind }
            let lacking = try await server.token(
                Dictionary(uniqueKeysWithValues: others.map { ($0, ["matching"]) }).merging([kind: ["view"]]) { $1 })
            let only = try await server.token([kind: ["matching"]])
            let (own, ownSet) = (try #require(references[kind]), try #require(sets[kind]))
            for (reference, set) in [(own, try #require(sets[others[0]])), (one.reference, ownSet)] {
                try await server.match([reference], [set], headers: lacking).expectError(
                    403, 11059, "Forbidden",
                    "Request denied due to token restrictions, required 'matching' permission for '\(kind)'")
            }
            #expect(try await server.match([own], [ownSet], headers: only).status == 200)
            #expect(try await server.match([one.reference], [], headers: lacking).status == 200)
        }
    }

    @Test func nobodySeesTheFacesOfOthers() async throws {
        try await withServer { server in
            let one = Descriptor.random(), strangers = TestServer.basic(server.stranger)
            let own = try await server.makeFace(one)
            let foreign = try await server.makeFace(one, headers: strangers)
            let foreignAttribute = try await server.makeAttribute(
                ["face_descriptors": [one.rawWire]], headers: strangers)
            func found(_ filters: [String: JSONValue], _ headers: [String: String]? = nil) async throws -> Set<String> {
                let filters: JSONValue = .object(filters.merging(["origin": "faces"]) { own, _ in own })
                return Set(try await server.result(one.reference, ["filters": filters], headers: headers).faceIDs)
            }
            let stranger = JSONValue.string(server.stranger.id.wire)
            #expect(try await found([:]) == [own])
            #expect(try await found(["face_ids": [.string(foreign)]]) == [])
            // For who sees one account it says nothing.
            #expect(try await found(["account_id": stranger]) == [own])
            let admin = TestServer.basic(server.admin)
            #expect(try await found([:], admin) == [own, foreign])
            #expect(try await found(["account_id": stranger], admin) == [foreign])
            let reply = try await server.match(
                [["type": "face", "id": .string(foreign)], ["type": "attribute", "id": .string(foreignAttribute)]],
                [MatcherTests.faces])
            let errors = try reply.json.array?.compactMap { $0["matches"]?.array?.first?["error"]?["error_code"] }
            #expect(errors == [22002, 22011])
            let attributes: JSONValue = [
                "filters": ["origin": "attributes", "attribute_ids": [.string(foreignAttribute)]]
            ]
            #expect(try await server.result(one.reference, attributes).isEmpty)
        }
    }

    @Test func whatHasExpiredOrIsDeletedIsNotFound() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let face = try await server.makeFace(one)
            let past = try await server.store.createAttribute(
                FaceFeatures(descriptor: one), lifetime: 1, account: server.user.id, at: .now - 10)
            let sets: JSONValue = ["filters": ["origin": "attributes", "attribute_ids": [.string(past.id.wire)]]]
            #expect(try await server.result(one.reference, sets).isEmpty)
            let reply = try await server.match(
                [["type": "attribute", "id": .string(past.id.wire)]], [MatcherTests.faces])
            #expect(
                try reply.json.array?.first?["matches"]?.array?.first?["error"]?["error_code"] == 22011)
            #expect(try await server.result(one.reference, MatcherTests.faces).faceIDs == [face])
            #expect(try await server.send("DELETE", "/6/faces/\(face)").status == 204)
            #expect(try await server.result(one.reference, MatcherTests.faces).isEmpty)
        }
    }

    @Test func searchesAreWrittenDown() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            let (first, second) = (try await server.makeFace(one), try await server.makeFace(one))
            func lines() async throws -> [(String?, String?)] {
                let logs = try await server.send("GET", "/6/faces/logs").json["logs"]?.array ?? []
                return logs.map { ($0["action"]?.string, $0["subject_id"]?.string) }
            }
            #expect(try await lines().isEmpty)
            let reference: JSONValue = ["type": "face", "id": .string(first)]
            _ = try await server.match([reference, reference], [MatcherTests.faces, MatcherTests.faces])
            let written = try await lines()
            #expect(written.filter { $0.0 == "search" }.compactMap(\.1) == [first])
            #expect(Set(written.filter { $0.0 == "match" }.compactMap(\.1)) == [first, second] && written.count == 3)
        }
    }

    @Test func withRecognitionOffNobodyIsLookedFor() async throws {
        try await withServer({ $0.recognition = .off }) { server in
            for path in ["faces", "bodies", "raw"] {
                try await server.send("POST", "/6/matcher/\(path)", [:]).expectError(
                    403, 11055, "Forbidden", "License problem: Recognition feature disabled")
            }
        }
    }
}
