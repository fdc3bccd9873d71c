import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Store
import Testing

/// Replacement, deletion of many, and deletion of logs.
struct StreamChangeTests {
    @Test func aStreamIsReplacedAsAWhole() async throws {
        try await withServer { server in
            let full = try await server.send(
                "POST", "/6/streams",
                [
                    "name": "gate", "description": "the gate",
                    "data": ["type": "stream", "reference": "rtsp://camera/1", "rotation": 90],
                    "location": ["city": "Riga"], "autorestart": ["restart": 1, "delay": 5],
                    "analytics": [["analytic_name": "picky", "parameters": ["count": 2]]],
                ])
            let id = try #require(try full.json["stream_id"]?.string)
            let uuid = try #require(UUID(uuidString: id))
            let before = try await server.send("GET", "/6/streams/\(id)").json
            #expect(
                try await server.store.transition(
                    StreamVersion(id: uuid, version: 1), from: .pending, to: .failure, error: "gone", isFatal: true))

            let replaced = try await server.send("PUT", "/6/streams/\(id)", StreamTests.minimal)
            #expect(replaced.status == 200)
            #expect(try replaced.json == ["stream_id": .string(id), "version": 2])
            let after = try await server.send("GET", "/6/streams/\(id)").json
            #expect(after["create_time"] == before["create_time"])
            var expected = try #require(
                try await server.send("GET", "/6/streams/\(try await Self.createMinimal(server))").json.object)
            for key in ["stream_id", "create_time"] { expected[key] = before[key] }
            expected["version"] = 2
            #expect(after == .object(expected))
            let logs = try await server.send("GET", "/6/streams/logs?stream_ids=\(id)&targets=status").json
            #expect(logs == ["logs": [["status": 0], ["status": 4], ["status": 0]]])
            #expect(try await server.send("PUT", "/6/streams/\(id)", StreamTests.minimal).json["version"] == 3)
        }
    }
    private static func createMinimal(_ server: TestServer) async throws -> String {
        try #require(try await server.send("POST", "/6/streams", StreamTests.minimal).json["stream_id"]?.string)
    }

    @Test func aReplacementNeedsTheWholeBodyAndAStreamOfOnesOwn() async throws {
        try await withServer { server in
            let mine = try await server.createStream()
            let foreign = try await server.createStream(server.stranger)
            let path = "/6/streams/\(mine.id.uuidString.lowercased())"
            try await server.send("PUT", path, StreamTests.changed("data", to: nil)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'data', message: 'Field required'")
            try await server.send("PUT", path, StreamTests.changed("version", to: 1)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'version', message: 'Extra inputs are not permitted'")
            try await server.send("PUT", path, StreamTests.changed("group_name", to: "hd")).expectError(
                400, 44004, "Object not found", "Group named hd not found")
            try await server.send("PUT", path).expectError(
                400, 12017, "Bad/incomplete input data", "Bad content type")
            for headers in [TestServer.basic(server.user), TestServer.basic(server.advanced)] {
                for id in [UUID(), foreign.id] {
                    let id = id.uuidString.lowercased()
                    try await server.send("PUT", "/6/streams/\(id)", StreamTests.minimal, headers: headers).expectError(
                        404, 44001, "Object not found", "Stream with id '\(id)' not found")
                }
            }
            #expect(try await server.store.stream(id: mine.id, account: nil) == mine)
            #expect(try await server.store.stream(id: foreign.id, account: nil) == foreign)
        }
    }

    @Test func aReplacementKeepsTheGroupsUnlessItNamesOne() async throws {
        try await withServer { server in
            for name in ["a", "b"] { _ = try await server.store.createGroup(name: name, account: server.user.id) }
            let created = try await server.send("POST", "/6/streams", StreamTests.changed("group_name", to: "a"))
            let path = "/6/streams/\(try #require(try created.json["stream_id"]?.string))"
            #expect(try await server.send("PUT", path, StreamTests.minimal).status == 200)
            #expect(try await server.send("GET", path).json["groups"] == ["a"])
            #expect(try await server.send("PUT", path, StreamTests.changed("group_name", to: "b")).status == 200)
            #expect(try await server.send("GET", path).json["groups"] == ["b"])
        }
    }

    @Test func manyStreamsAreDeletedAtOnce() async throws {
        try await withServer { server in
            let streams = [try await server.createStream(), try await server.createStream()]
            let kept = try await server.createStream()
            let foreign = try await server.createStream(server.stranger)
            func body(_ ids: [UUID]) -> JSONValue {
                ["stream_ids": .array(ids.map { .string($0.uuidString.lowercased()) })]
            }
            let reply = try await server.send(
                "DELETE", "/6/streams", body(streams.map(\.id) + [UUID(), foreign.id]))
            #expect(reply.status == 204 && reply.body.isEmpty)
            #expect(
                try await server.store.streams(Filter<RegisteredStream>(), order: .oldestFirst).map(\.id) == [
                    kept.id, foreign.id,
                ])
            for account in [server.advanced, server.stranger] {
                let headers = TestServer.basic(account)
                #expect(
                    try await server.send("DELETE", "/6/streams", body([kept.id]), headers: headers).status == 204)
            }
            #expect(try await server.store.stream(id: kept.id, account: nil) != nil)
            #expect(try await server.send("DELETE", "/6/streams", body([])).status == 204)
            #expect(
                try await server.send("DELETE", "/6/streams", body((0..<1000).map { _ in UUID() })).status == 204)
        }
    }

    @Test(
        arguments: [
            ([:], "stream_ids", "Field required"), (["stream_ids": "a"], "stream_ids", "Input should be a valid list"),
            (["stream_ids": [1]], "stream_ids.0", "Input should be a valid string"),
            (["stream_ids": ["a"]], "stream_ids.0", "Input should be a valid UUID"),
            (
                ["stream_ids": .array(Array(repeating: "557d54ec-29ad-4f3c-93b4-c9092ef12515", count: 1001))],
                "stream_ids", "List should have at most 1000 items after validation, not 1001"
            ),
            (["stream_ids": [], "all": true], "all", "Extra inputs are not permitted"),
        ] as [(JSONValue, String, String)])
    func aBadDeletionNamesItsPath(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            _ = try await server.createStream()
            try await server.send("DELETE", "/6/streams", body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
            #expect(try await server.store.streamCount(Filter<RegisteredStream>()) == 1)
        }
    }

    @Test func oldLogRecordsAreDeletedButTheNewestOfEachStreamStays() async throws {
        try await withServer { server in
            let noon = try #require(Date(rfc3339: "2024-05-11T12:00:00Z"))
            let stream = try await server.createStream(at: noon)
            let foreign = try await server.createStream(server.stranger, at: noon)
            for (stream, account) in [(stream, server.user), (foreign, server.stranger)] {
                #expect(
                    try await server.store.stopStream(
                        id: stream.id, account: account.id, at: noon.addingTimeInterval(1)) == .done)
            }
            func delete(_ query: String) async throws -> Reply {
                try await server.send("DELETE", "/6/streams/logs\(query)")
            }
            #expect(try await delete("?log_time__lt=2024-05-11T12:00:00Z").json == ["deleted_count": 0])
            #expect(try await server.store.streamLogs(Filter<StreamLogRecord>()).count == 4)
            let reply = try await delete("?log_time__lt=2030-01-01T00:00:00Z")
            #expect(reply.status == 200)
            #expect(try reply.json == ["deleted_count": 1])
            #expect(
                try await server.send("GET", "/6/streams/logs?targets=status").json == ["logs": [["status": 5]]])
            #expect(
                try await server.store.streamLogs(Filter<StreamLogRecord>(accountID: server.stranger.id)).count == 2)
            for query in ["", "?log_time__lt=", "?log_time__lt=yesterday", "?log_time__gte=2030-01-01T00:00:00Z"] {
                try await delete(query).expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters 'log_time__lt'")
            }
        }
    }
}
