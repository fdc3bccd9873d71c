import API
import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct HealthTests {
    @Test func aHealthyServerSaysHowLongItTookToLook() async throws {
        try await withServer { server in
            for query in ["", "?include_luna_services=0", "?include_luna_services=1"] {
                let reply = try await server.send("GET", "/6/healthcheck\(query)", headers: [:])
                #expect(reply.status == 200)
                #expect(try reply.json["execution_time"]?.double.map { $0 >= 0 && $0 < 60 } == true)
            }
            try await server.send("GET", "/6/healthcheck?include_luna_services=2", headers: [:]).expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'include_luna_services'")
        }
    }

    @Test func aDatabaseThatDoesNotAnswerIsNamed() async throws {
        try await withServer { server in
            try await server.store.close()
            let reply = try await server.send("GET", "/6/healthcheck", headers: [:])
            #expect(reply.status == 502)
            let errors = try #require(try reply.json["errors"]?.array)
            #expect(errors.map { $0["component"] } == ["database"] && errors.map { $0["status"] } == [0])
            #expect(errors[0]["error"]?["error_code"] == 38001)
            #expect(errors[0]["error"]?["detail"] == "GET:database:the database does not answer")
        }
    }

    @Test func whatNeedsADatabaseThatCannotBeUsedIsToBeTriedAgain() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            let file = server.directory.appending(path: Store.fileName)
            try FileManager.default.moveItem(at: file, to: file.appendingPathExtension("away"))
            for (method, path) in [
                ("GET", "/6/streams"), ("PATCH", "/6/streams/\(stream.id.wire)?action=stop"),
                ("DELETE", "/6/streams/\(stream.id.wire)"),
            ] {
                let reply = try await server.send(method, path)
                try reply.expectError(
                    503, 37001, "Internal server error",
                    "The database cannot be used at the moment; try again later")
                #expect(reply.headers["retry-after"] == "5")
            }
            let health = try await server.send("GET", "/6/healthcheck", headers: [:])
            #expect(
                try health.json["errors"]?.array?.first?["error"]?["detail"]
                    == "GET:database:the database does not answer: its file was replaced or deleted")
            try FileManager.default.moveItem(at: file.appendingPathExtension("away"), to: file)
            #expect(try await server.send("DELETE", "/6/streams/\(stream.id.wire)").status == 204)
        }
    }

    @Test func aVitalPartIsAskedWithoutARequest() async throws {
        struct Stuck: Error, CustomStringConvertible { let description = "no stream advances although frames wait" }
        try await withServer(daemon: {
            $0.probes = [
                HealthProbe(name: "video-manager", isVital: true) { throw Stuck() },
                HealthProbe(name: "video-agent") { throw Stuck() },
            ]
        }) { server in
            for (query, parts) in [
                ("", ["video-manager"]), ("?include_luna_services=1", ["video-manager", "video-agent"]),
            ] {
                let reply = try await server.send("GET", "/6/healthcheck\(query)", headers: [:])
                #expect(reply.status == 502)
                let errors = try #require(try reply.json["errors"]?.array)
                #expect(errors.map { $0["component"] } == parts.map { .string($0) })
                #expect(
                    errors[0]["error"]?["detail"] == "GET:video-manager:no stream advances although frames wait")
            }
        }
    }

    @Test func theOldPathLeadsToTheNewOneWithItsQuery() async throws {
        try await withServer { server in
            let plain = try await server.send("GET", "/healthcheck", headers: [:])
            #expect(plain.status == 308 && plain.headers["location"] == "/6/healthcheck")
            let query = try await server.send("GET", "/healthcheck?include_luna_services=1", headers: [:])
            #expect(query.headers["location"] == "/6/healthcheck?include_luna_services=1")
        }
    }
}
