import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Testing

/// Streams that name a handler.
struct StreamHandlerTests {
    private static func body(_ handler: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let analytic: JSONValue = [
            "analytic_name": "picky", "parameters": ["parameters": ["handler_id": .string(handler)]],
        ]
        let stream: [String: JSONValue] = [
            "data": ["type": "stream", "reference": "rtsp://camera/1"], "analytics": [analytic],
        ]
        return .object(stream.merging(more) { $1 })
    }
    private static func handler(
        _ server: TestServer, _ body: JSONValue = ["policies": [:]], _ account: Account? = nil
    ) async throws -> String {
        try await server.make(
            "/6/handlers", body, id: "handler_id", headers: TestServer.basic(account ?? server.user))
    }

    @Test func theHandlerMustBeThereWhenTheStreamIsRegisteredOrReplaced() async throws {
        try await withServer { server in
            let own = try await Self.handler(server)
            let made = try await server.send("POST", "/6/streams", Self.body(own))
            #expect(made.status == 201)
            let path = "/6/streams/\(try #require(try made.json["stream_id"]?.string))"
            #expect(try await server.send("PUT", path, Self.body(own)).status == 200)
            for id in [UUID().wire, try await Self.handler(server, ["policies": [:]], server.stranger)] {
                for (method, path) in [("POST", "/6/streams"), ("PUT", path)] {
                    try await server.send(method, path, Self.body(id)).expectError(
                        400, 11033, "Object not found", "Handler with id '\(id)' not found")
                }
            }
        }
    }

    @Test func aDynamicHandlerHasNothingToDoByItself() async throws {
        try await withServer { server in
            let dynamic = try await Self.handler(server, ["handler_type": 1])
            for id in [dynamic, BuiltInHandler.id(of: server.user.id).wire] {
                try await server.send("POST", "/6/streams", Self.body(id)).expectError(
                    400, 11027, "Bad/incomplete input data",
                    "Handler with id '\(id)' is dynamic and has no policies of its own")
            }
        }
    }

    @Test func facesThatAreHiddenAreGivenToNobody() async throws {
        try await withServer { server in
            let own = try await Self.handler(server)
            let privacy: [String: JSONValue] = ["privacy": ["mode": "people"]]
            try await server.send("POST", "/6/streams", Self.body(own, privacy)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'analytics.0.parameters.parameters.handler_id', "
                    + "message: 'A handler is given faces, which 'privacy' hides'")
        }
    }

    @Test func aTokenThatMayNotUseTheHandlerNamesItInNoStream() async throws {
        try await withServer { server in
            let own = try await Self.handler(server), id = try #require(UUID(wire: own))
            for (use, code) in [
                (TokenPermissions.Use(blackList: [id]), 11067), (.init(isAllowed: false), 11068),
            ] as [(TokenPermissions.Use, Int64)] {
                let permissions = TokenPermissions(["video_stream": ["creation"]], emitEvents: use)
                let token = try await server.identity.createToken(
                    TokenSpecification(permissions: permissions), account: server.user.id)
                let reply = try await server.send(
                    "POST", "/6/streams", Self.body(own), headers: ["Authorization": "Bearer \(token.jwt)"])
                #expect(try reply.status == 403 && reply.json["error_code"] == .integer(code))
            }
        }
    }
}
