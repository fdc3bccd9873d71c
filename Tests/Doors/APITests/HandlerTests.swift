import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

@testable import API

/// `/6/handlers` and what lies below it, over HTTP.
struct HandlerTests {
    private static func create(_ server: TestServer, _ body: JSONValue) async throws -> String {
        let reply = try await server.send("POST", "/6/handlers", body)
        #expect(reply.status == 201)
        let id = try #require(try reply.json["handler_id"]?.string)
        #expect(try reply.json["url"] == .string("/6/handlers/\(id)"))
        #expect(reply.headers["location"] == "/6/handlers/\(id)")
        return id
    }

    @Test func aHandlerIsMadeReadReplacedAndRemoved() async throws {
        try await withServer(looker: PictureTests.looker(faces: [])) { server in
            let id = try await Self.create(
                server, ["description": "door", "policies": ["detect_policy": ["detect_body": 1]]])
            let made = try await server.send("GET", "/6/handlers/\(id)").json
            #expect(made["description"] == "door" && made["handler_type"] == 0 && made["is_dynamic"] == false)
            #expect(made["policies"]?["detect_policy"]?["detect_body"] == 1)
            #expect(made["policies"]?["storage_policy"]?["event_policy"]?["wait_saving"] == 1)
            // No model says what faces look like.
            #expect(made["policies"]?["extract_policy"]?["extract_face_descriptor"] == 0)
            #expect(try await server.send("GET", "/6/handlers?handler_type=0").json == [made])
            #expect(try await server.send("GET", "/6/handlers/count").json == ["handlers_count": 2])
            #expect(try await server.send("GET", "/6/handlers/count?description=oo").json == ["handlers_count": 1])

            let path = "/6/handlers/\(id)"
            #expect(try await server.send("PUT", path, ["handler_type": 1]).status == 204)
            let replaced = try await server.send("GET", path).json
            #expect(replaced["policies"] == .null && replaced["is_dynamic"] == true && replaced["description"] == "")
            #expect(try await server.send("DELETE", path).status == 204)
            for method in ["GET", "DELETE"] {
                try await server.send(method, path).expectError(
                    404, 11033, "Object not found", "Handler with id '\(id)' not found")
            }
            #expect(try await server.send("HEAD", path).status == 404)
        }
    }

    @Test func theHandlerOfTheStartStaysAsItIs() async throws {
        try await withServer { server in
            let path = "/6/handlers/\(BuiltInHandler.id(of: server.user.id).wire)"
            let before = try await server.send("GET", path).json
            for (method, body) in [("PUT", ["description": "mine"] as JSONValue), ("DELETE", nil)] {
                let reply = try await server.send(method, path, body)
                #expect(try reply.status == 403 && reply.json["error_code"] == 90_011)
            }
            #expect(try await server.send("GET", path).json == before)
        }
    }

    @Test func policiesAreCheckedBeforeAnythingIsKept() async throws {
        try await withServer(looker: PictureTests.looker(faces: [])) { server in
            func refused(_ policies: JSONValue, _ status: Int, _ code: Int64, _ part: String) async throws {
                for (method, path, body) in [
                    ("POST", "/6/handlers", ["policies": policies]),
                    ("POST", "/6/handlers/validator", ["policies": policies]),
                ] as [(String, String, JSONValue)] {
                    let reply = try await server.send(method, path, body)
                    let error = try reply.json
                    #expect(reply.status == status && error["error_code"] == .integer(code), "\(error)")
                    #expect(error["detail"]?.string?.contains(part) == true, "\(error)")
                }
            }
            let list = UUID()
            try await refused(
                ["detect_policy": ["multiface_policy": 3]], 400, 12027,
                "Path: 'policies.detect_policy.multiface_policy'")
            try await refused(
                ["storage_policy": ["face_policy": ["link_to_lists_policy": [["list_id": .string(list.wire)]]]]], 400,
                22003, "List with id '\(list.wire)' not found")
            try await refused(
                ["match_policy": [["candidates": ["origin": "faces", "list_id": .string(list.wire)]]]], 400, 22003,
                list.wire)
            for (policies, feature) in [
                (["detect_policy": ["estimate_mask": 1]], "Mask"),
                (["detect_policy": ["estimate_liveness": ["estimate": 1]]], "Liveness"),
                (["extract_policy": ["extract_body_descriptor": 1]], "Body descriptor"),
                (["extract_policy": ["extract_face_descriptor": 1]], "Face descriptor"),
            ] as [(JSONValue, String)] {
                try await refused(policies, 403, 11055, "License problem: \(feature) feature disabled")
            }
            let quality: JSONValue = ["detect_policy": ["face_quality": ["estimate": 1, "filter": 1]]]
            try await refused(quality, 403, 11055, "mouth_occluded")
            try await refused(
                ["storage_policy": ["callbacks": [["type": "http", "url": "http://169.254.169.254/"]]]], 400, 12027,
                "policies.storage_policy.callbacks.0.url")
            #expect(try await server.send("GET", "/6/handlers/count?handler_type=0").json == ["handlers_count": 0])

            let own = try await server.store.createList(account: server.user.id)
            let theirs = try await server.store.createList(account: server.stranger.id)
            func linking(_ list: UUID) -> JSONValue {
                [
                    "policies": [
                        "storage_policy": ["face_policy": ["link_to_lists_policy": [["list_id": .string(list.wire)]]]]
                    ]
                ]
            }
            #expect(try await server.send("POST", "/6/handlers/validator", linking(own.id)).status == 204)
            #expect(try await server.send("POST", "/6/handlers/validator", linking(theirs.id)).status == 400)
            #expect(try await server.send("POST", "/6/handlers", ["handler_type": 1, "policies": [:]]).status == 400)
        }
    }

    @Test func passwordsOfCallbacksAreHiddenAndKept() async throws {
        try await withServer { server in
            func body(_ password: JSONValue) -> JSONValue {
                [
                    "policies": [
                        "storage_policy": [
                            "callbacks": [
                                [
                                    "type": "http", "url": "https://example.org/hook",
                                    "authorization": ["type": "basic", "login": "me", "password": password],
                                ]
                            ]
                        ]
                    ]
                ]
            }
            let id = try await Self.create(server, body("sesame"))
            let read = try await server.send("GET", "/6/handlers/\(id)")
            #expect(!String(decoding: read.body, as: UTF8.self).contains("sesame"))
            let policies = try #require(try read.json["policies"])
            #expect(try await server.send("PUT", "/6/handlers/\(id)", ["policies": policies]).status == 204)
            let kept = try #require(try await server.store.handler(id: UUID(uuidString: id)!, account: server.user.id))
            #expect(
                kept.details.policies?.storage.receivers.first?.callback.endpoint?.authorization?.password == "sesame")
            let reply = try await server.send("POST", "/6/handlers", body("***"))
            #expect(try reply.status == 400 && reply.json["error_code"] == 12027)
        }
    }

    @Test func nothingForwardsToProgramsOfUsers() async throws {
        try await withServer { server in
            let body: JSONValue = ["handler_type": 2, "lambda_id": .string(UUID().wire)]
            let lambda = "/6/lambdas/\(UUID().wire)"
            for (method, path, body) in [
                ("POST", "/6/handlers", body), ("POST", "/6/lambdas", nil), ("GET", "/6/lambdas", nil),
                ("POST", "/6/lambdas/validator", nil), ("GET", lambda, nil), ("PUT", lambda, nil),
                ("PATCH", lambda, nil), ("DELETE", lambda, nil), ("POST", "\(lambda)/update", nil),
                ("GET", "\(lambda)/status", nil), ("GET", "\(lambda)/image/status", nil),
                ("GET", "\(lambda)/logs", nil),
                ("GET", "\(lambda)/image/logs", nil), ("GET", "\(lambda)/docs/spec", nil),
                ("POST", "\(lambda)/proxy", nil),
            ] as [(String, String, JSONValue?)] {
                try await server.send(method, path, body).expectError(
                    403, 11072, "Forbidden", "Luna Lambda service is disabled")
            }
            #expect(try await server.send("HEAD", lambda).status == 403)
        }
    }
}
