import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

@testable import API

extension TestServer {
    func makeVerifier(_ body: JSONValue = [:], headers: [String: String]? = nil) async throws -> String {
        try await make("/6/verifiers", body, id: "verifier_id", headers: headers)
    }
}

/// `/6/verifiers`, over HTTP: what is said of them.
struct VerifierTests {
    @Test func allThatNobodySaysIsFilledIn() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", "/6/verifiers", [:])
            let id = try #require(try reply.json["verifier_id"]?.string), path = "/6/verifiers/\(id)"
            #expect(reply.status == 201 && reply.headers["location"] == path)
            #expect(try reply.json["url"]?.string == path)
            #expect(try reply.json["external_url"]?.string?.hasSuffix(path) == true)
            let told = try await server.send("GET", path).json
            #expect(
                Set((told.object ?? [:]).keys) == [
                    "verifier_id", "account_id", "description", "policies", "version", "create_time",
                    "last_update_time",
                ])
            #expect(told["version"] == 1 && told["description"] == "")
            let policies = try #require(told["policies"])
            #expect(policies["verification_threshold"] == 0.9)
            #expect(policies["extract_policy"] == ["extract_basic_attributes": 0, "fd_score_threshold": 0])
            #expect(
                policies["storage_policy"] == [
                    "attribute_policy": ["store_attribute": 0, "ttl": 300],
                    "face_sample_policy": ["store_sample": 0, "ttl": nil],
                ])
            let detect = try #require(policies["detect_policy"]?.object)
            #expect(detect["multiface_policy"] == 1 && detect["detect_body"] == nil && detect["detect_face"] == nil)
            #expect(detect["face_quality"]?["checks"]?.object?.count == 44)
            // What is told can be sent.
            let again = try await server.send("PUT", path, ["policies": policies])
            #expect(again.status == 200)
            #expect(try again.json == ["version": 2])
            #expect(try await server.send("GET", path).json["policies"] == policies)
        }
    }

    @Test func verifiersAreListedCountedAndDeleted() async throws {
        try await withServer { server in
            let ids = [
                try await server.makeVerifier(["description": "north door"]),
                try await server.makeVerifier(["description": "gate"]),
            ]
            _ = try await server.makeVerifier(headers: TestServer.basic(server.stranger))
            func told(_ query: String) async throws -> [String?] {
                let reply = try await server.send("GET", "/6/verifiers\(query)")
                #expect(reply.status == 200)
                return try (reply.json.array ?? []).map { $0["verifier_id"]?.string }
            }
            #expect(try await told("") == [ids[1], ids[0]])
            for query in ["?description=door", "?page=2&page_size=1"] {
                #expect(try await told(query) == [ids[0]])
            }
            func count(_ query: String) async throws -> JSONValue? {
                try await server.send("GET", "/6/verifiers/count\(query)").json["verifiers_count"]
            }
            #expect(try await count("") == 2)
            #expect(try await count("?description=gate") == 1)
            let path = "/6/verifiers/\(ids[0])"
            #expect(try await server.send("HEAD", path).status == 200)
            #expect(try await server.send("DELETE", path).status == 204)
            for (method, body) in [("GET", nil), ("DELETE", nil), ("PUT", [:])] as [(String, JSONValue?)] {
                try await server.send(method, path, body).expectError(
                    404, 34004, "Object not found", "Verifier with id '\(ids[0])' not found")
            }
            #expect(try await server.send("HEAD", path).status == 404)
        }
    }

    @Test(
        arguments: [
            (
                ["policies": ["verification_threshold": 2]], "policies.verification_threshold",
                "Input should be less than or equal to 1"
            ),
            (
                ["policies": ["detect_policy": ["detect_body": 1]]], "policies.detect_policy.detect_body",
                "Extra inputs are not permitted"
            ),
            (["policies": ["match_policy": []]], "policies.match_policy", "Extra inputs are not permitted"),
            (
                ["policies": ["storage_policy": ["attribute_policy": ["ttl": 0]]]],
                "policies.storage_policy.attribute_policy.ttl", "Input should be greater than or equal to 1"
            ),
            (["description": 7], "description", "Input should be a valid string"),
        ] as [(JSONValue, String, String)])
    func mistakesAreToldWhereTheyAre(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/verifiers", body).expectError(
                400, 12027, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func whatHasNoModelIsRefusedByName() async throws {
        try await withServer(looker: PictureTests.looker()) { server in
            for (policies, feature) in [
                (["detect_policy": ["estimate_mask": 1]], "Mask"),
                (["detect_policy": ["estimate_liveness": ["estimate": 1]]], "Liveness"),
                (["detect_policy": ["deepfake_states": [1]]], "Deepfake"),
                (
                    ["detect_policy": ["face_quality": ["estimate": 1, "filter": 1, "checks": .object(Self.off)]]],
                    "Face quality (glasses)"
                ),
            ] as [(JSONValue, String)] {
                try await server.send("POST", "/6/verifiers", ["policies": policies]).expectError(
                    403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
            }
            #expect(try await server.store.verifierCount(Filter()) == 0)
        }
    }
    /// All checks that nothing can make but one.
    private static let off = Dictionary(
        uniqueKeysWithValues: PortraitCheck.missing.filter { $0 != .glasses }.map {
            ($0.rawValue, ["estimate": 0] as JSONValue)
        })

    @Test func withoutRecognitionThereAreNone() async throws {
        try await withServer({ $0.recognition = .off }) { server in
            let id = UUID().wire
            for (method, path) in [
                ("GET", "/6/verifiers"), ("POST", "/6/verifiers"), ("GET", "/6/verifiers/count"),
                ("GET", "/6/verifiers/\(id)"), ("PUT", "/6/verifiers/\(id)"), ("DELETE", "/6/verifiers/\(id)"),
                ("POST", "/6/verifiers/\(id)/raw"), ("POST", "/6/verifiers/\(id)/verifications"),
            ] {
                try await server.send(method, path, method == "POST" || method == "PUT" ? [:] : nil).expectError(
                    403, 11055, "Forbidden", "License problem: Recognition feature disabled")
            }
        }
    }
}
