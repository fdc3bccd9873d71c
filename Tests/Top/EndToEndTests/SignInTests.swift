import DoorSupport
import Foundation
import JSON
import Testing

/// From the account that a database begins with to what the console shows of the daemon, as `make run` goes.
struct SignInTests {
    /// A browser that asks a daemon, with the cookie that it was given.
    private static func ask(
        _ daemon: RunningDaemon, _ method: String, _ path: String, _ body: JSONValue? = nil, cookie: String? = nil
    ) async throws -> Reply {
        let address = try #require(URLComponents(string: daemon.base)), port = try #require(address.port)
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        head += "Origin: \(daemon.base)\r\nX-Sightline-Console: 1\r\n"
        if let cookie { head += "Cookie: \(cookie)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.data.count)\r\n" }
        return try await RawConnection.open(port: port) { connection in
            try await connection.write(Data("\(head)\r\n".utf8) + (body?.data ?? Data()))
            return try Reply(await connection.readToEnd())
        }
    }

    @Test func aCodeOfTheFirstAccountShowsWhatTheDaemonDoes() async throws {
        let data = TemporaryFolder()
        var daemon = try await RunningDaemon(data: data.url, media: data.url)
        let (made, answer) = try await daemon.request("POST", "/6/session/codes")
        let code = try #require(answer["code"])
        let begun = try await Self.ask(daemon, "POST", "/6/session", ["code": code])
        #expect(try made == 201 && begun.status == 201 && begun.json["account_type"] == "admin")
        #expect(try await Self.ask(daemon, "POST", "/6/session", ["code": code]).status == 401)
        var cookie = try #require(begun.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
        let port = try #require(URL(string: daemon.base)?.port)
        #expect(cookie.hasPrefix("sightline_session_\(port)="))

        let status = try await Self.ask(daemon, "GET", "/6/system/status", cookie: cookie).json
        #expect(status["memory_bytes"]?.integer ?? 0 > 1 << 20 && status["uptime_s"]?.double ?? 0 > 0)
        #expect(status["streams"]?["in_progress"] == 0 && status["streams"]?["maximum"]?.integer ?? 0 > 0)
        #expect(status["disk"]?["free_bytes"]?.integer ?? 0 > 0)
        let log = try await Self.ask(daemon, "GET", "/6/system/log?lines=1000", cookie: cookie)
        let lines = try #require(try log.json["lines"]?.array?.compactMap(\.string))
        #expect(lines.contains { $0.contains(" notice Listening address=\(daemon.base)") })
        let settings = try await Self.ask(daemon, "GET", "/6/system/settings", cookie: cookie).json
        #expect(settings["SIGHTLINE"]?["DATA_DIR"]?.string == data.url.path)

        // The database keeps who is signed in.
        #expect(await daemon.terminate() == 0)
        daemon = try await RunningDaemon(data: data.url, media: data.url)
        // A browser would have kept it for that port.
        let portNow = try #require(URL(string: daemon.base)?.port)
        cookie.replace("_\(port)=", with: "_\(portNow)=")
        #expect(try await Self.ask(daemon, "GET", "/6/session", cookie: cookie).json["account_type"] == "admin")
        #expect(try await Self.ask(daemon, "DELETE", "/6/session", cookie: cookie).status == 204)
        #expect(try await Self.ask(daemon, "GET", "/6/session", cookie: cookie).status == 403)
        _ = await daemon.terminate()
    }

    @Test func theConsoleIsAtTheRootUnlessItIsSwitchedOff() async throws {
        let data = TemporaryFolder()
        for (setting, status, type) in [("1", 200, "text/html; charset=UTF-8"), ("0", 404, "application/json")] {
            let daemon = try await RunningDaemon(
                data: data.url, media: data.url, environment: ["SIGHTLINE_API_CONSOLE": setting])
            let reply = try await Self.ask(daemon, "GET", "/")
            #expect(reply.status == status && reply.headers["content-type"] == type)
            #expect(await daemon.terminate() == 0)
        }
    }
}
