import DoorSupport
import Foundation
import HTTPEdge
import Identity
import JSON
import Records
import Testing

@testable import API

/// What those are told who administer the daemon, and nobody else.
struct SystemTests {
    private static let paths = ["/6/system/status", "/6/system/settings", "/6/system/log"]

    @Test func anAdminIsToldHowTheDaemonFares() async throws {
        try await withServer(daemon: {
            $0.status = {
                var status = SystemStatus()
                (status.uptime, status.cores, status.load) = (.seconds(90.5), 4, [0.5, 1.25, 2.5])
                (status.cpuPercent, status.memory) = (12.5, 80 << 20)
                status.machineMemory = (total: 8 << 30, available: 3 << 30)
                (status.streamsInProgress, status.streamsMaximum) = (2, 32)
                return status
            }
        }) { server in
            let reply = try await server.send("GET", "/6/system/status", headers: TestServer.basic(server.admin))
            #expect(reply.status == 200)
            var status = try #require(try reply.json.object)
            let disk = try #require(status.removeValue(forKey: "disk")?.object)
            let (free, room) = (disk["free_bytes"]?.integer ?? 0, disk["room_bytes"]?.integer ?? 0)
            #expect(free > 0 && room >= free && (disk["reserve_bytes"]?.integer ?? 0) > 0 && disk.count == 3)
            #expect(
                JSONValue.object(status) == [
                    "version": .string("\(Version.current)"), "uptime_s": 90.5, "cpu_cores": 4,
                    "load": [0.5, 1.25, 2.5], "cpu_percent": 12.5, "memory_bytes": 83_886_080,
                    "machine_memory_bytes": 8_589_934_592,
                    "machine_memory_available_bytes": 3_221_225_472, "streams": ["in_progress": 2, "maximum": 32],
                ])
        }
    }

    @Test func whatIsNotKnownIsNull() async throws {
        try await withServer { server in
            let headers = try await SessionTests.browser(server, server.admin)
            let status = try await server.send("GET", "/6/system/status", headers: headers).json
            for name in [
                "cpu_percent", "memory_bytes", "machine_memory_bytes", "machine_memory_available_bytes",
            ] { #expect(status[name] == .null, "\(name)") }
        }
    }

    @Test func settingsAreThoseOfTheConfigurationWithoutSecrets() async throws {
        try await withServer(daemon: {
            $0.configuration = [
                "DATABASE": ["PASSWORD": "canary", "URL": "postgresql://me:canary@10.0.0.1/db"],
                "API": ["METRICS": true],
            ]
        }) { server in
            let admin = TestServer.basic(server.admin)
            let settings = try await server.send("GET", "/6/system/settings", headers: admin)
            #expect(
                try settings.json == [
                    "DATABASE": ["PASSWORD": "********", "URL": "postgresql://me:***@10.0.0.1/db"],
                    "API": ["METRICS": true],
                ])
            #expect(try await server.send("GET", "/6/config", headers: admin).json == settings.json)
        }
    }

    @Test func theLogIsShownFromItsEnd() async throws {
        let log = (1...300).map { "line \($0) <b>" }
        try await withServer(daemon: { $0.log = { log.suffix($0) } }) { server in
            for (query, first, count) in [("", 101, 200), ("?lines=1", 300, 1), ("?lines=1000", 1, 300)] {
                let reply = try await server.send(
                    "GET", "/6/system/log\(query)", headers: TestServer.basic(server.admin))
                let lines = try #require(try reply.json["lines"]?.array)
                #expect(lines.count == count && lines.first?.string == "line \(first) <b>", "\(query)")
                #expect(lines.last == "line 300 <b>", "\(query)")
            }
            for bad in ["0", "1001", "-1", "a", ""] {
                try await server.send(
                    "GET", "/6/system/log?lines=\(bad)", headers: TestServer.basic(server.admin)
                ).expectError(400, 12012, "Bad/incomplete input data", "Bad query parameters 'lines'")
            }
        }
    }

    /// Nor by the id of an admin's account, which is no secret, nor by a token of his, which others may hold.
    @Test func nobodyElseIsToldAnything() async throws {
        try await withServer(daemon: { $0.log = { _ in ["canary"] } }) { server in
            let token = try await server.identity.createToken(
                TokenSpecification(visibility: .all, permissions: .all()), account: server.admin.id)
            for path in Self.paths {
                for account in [server.user, server.advanced] {
                    for headers in [TestServer.basic(account), try await SessionTests.browser(server, account)] {
                        try await server.send("GET", path, headers: headers).expectError(
                            403, 12049, "Forbidden", "Resource is disabled.")
                    }
                }
                for (headers, code) in [
                    ([:], 12010), (["Luna-Account-Id": server.admin.id.wire], 12010),
                    (["Authorization": "Bearer \(token.jwt)"], 11064),
                ] {
                    let reply = try await server.send("GET", path, headers: headers)
                    #expect(try reply.status == 403 && reply.json["error_code"] == .integer(Int64(code)), "\(headers)")
                }
            }
        }
    }
}
