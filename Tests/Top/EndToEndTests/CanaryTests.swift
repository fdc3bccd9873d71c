import DoorSupport
import Foundation
import JSON
import ProcessSupport
import Testing

/// A word that stands wherever a secret may stand, and is then looked for wherever somebody could read. Descriptions are no such place:
/// answers hide addresses in them, and on the disk they lie open (`docs/settings.md`).
struct CanaryTests {
    private static let canary = "canary7d41"
    private static var callback: JSONValue {
        [
            "type": "http",
            "url": .string("http://u:\(canary)@127.0.0.1:1/cb?token=\(canary)&X-Amz-Signature=\(canary)"),
            "authorization": ["type": "basic", "login": "bob", "password": .string(canary)],
            "params": ["headers": ["Authorization": .string("Bearer \(canary)"), "X-Api-Key": .string(canary)]],
        ]
    }
    private static func stream(_ reference: String, kind: String = "stream", isDownloadable: Bool = false) -> JSONValue
    {
        [
            "data": [
                "type": .string(kind), "reference": .string(reference), "downloadable": .bool(isDownloadable),
            ],
            "analytics": [
                [
                    "analytic_name": "people_count",
                    "parameters": [
                        "callbacks": [callback],
                        "parameters": ["event_policy": ["trigger": "start"], "probe_count": 0],
                    ],
                ]
            ],
        ]
    }
    /// Sources that fail, each in a way of its own.
    private static func broken(port: Int) -> [JSONValue] {
        [
            stream("rtsp://admin:\(canary)@127.0.0.1:1/x?password=\(canary)"),
            stream("rtsp://admin:\(canary)@127.0.0.1:\(port)/x;key=\(canary)#token=\(canary)"),
            stream("http://u:\(canary)@127.0.0.1:\(port)/v.m3u8?access_token=\(canary)"),
            stream("http://127.0.0.1:\(port)/v.mp4?X-Amz-Signature=\(canary)", kind: "videofile", isDownloadable: true),
            stream("http://127.0.0.1:\(port)/6/docs/spec?session=\(canary)", kind: "videofile"),
            stream("http://127.0.0.1:\(port)/token/\(canary)/v.m3u8?ToKen=\(canary)&pwd%3D\(canary)"),
            stream("rtsp://1-\(canary)@127.0.0.1:1/?st=\(canary)&md5=\(canary)"), stream("rtsp:///a:\(canary)@h/1"),
            stream("rtsp://admin:1/\(canary)@127.0.0.1:1/1"), stream("rtsp://admin:\(canary)/x@127.0.0.1:1/1"),
            stream("admin:\(canary)@10.0.0.5/1"),
            stream("ftp://u:\(canary)@host/v?pwd=\(canary)"), stream("rtsp://u:\(canary)@no-such-host.invalid/1"),
        ]
    }

    @Test func theCanaryIsSeenNowhere() async throws {
        let canary = Self.canary, clip = try await Footage.shared.longClip(), data = TemporaryFolder()
        let daemon = try await RunningDaemon(
            data: data.url, media: clip.deletingLastPathComponent(),
            environment: [
                "SIGHTLINE_LOG_LEVEL": "trace", "SIGHTLINE_DATABASE_PASSWORD": canary,
                // The password of whoever looks at the process's variables; the database is the embedded one.
                "SIGHTLINE_OPEN_REGISTRATION": "1",
            ])
        let port = try #require(URL(string: daemon.base)?.port)
        var seen: [String: String] = [:]
        @discardableResult func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws
            -> JSONValue
        {
            let (status, answer) = try await daemon.request(method, path, body)
            seen["\(method) \(path.prefix(60))", default: ""] += "\(status) \(answer.text)"
            return answer
        }

        // In.
        let running = try #require(
            try await ask("POST", "/6/streams", Self.stream(clip.lastPathComponent))["stream_id"]?.string)
        var broken: [String] = []
        for body in Self.broken(port: port) {
            if let id = try await ask("POST", "/6/streams", body)["stream_id"]?.string { broken.append(id) }
        }
        // Two are refused at once, since their passwords end the address.
        #expect(broken.count == Self.broken(port: port).count - 2)
        try await ask(
            "POST", "/6/accounts",
            ["login": "a@example.org", "password": .string(canary), "account_type": "user"])
        for body: JSONValue in [
            ["login": "a@example.org", "password": .string("\(canary)-wrong")], ["code": .string(canary)],
        ] {
            try await ask("POST", "/6/session", body)
        }
        try await ask("POST", "/6/login", ["login": "a@example.org", "password": .string("\(canary)-wrong")])
        try await ask("POST", "/6/streams", Self.stream("rtsp://u:***@10.0.0.5/\(canary)".replacing(canary, with: "1")))
        try await ask("POST", "/6/streams", ["data": .string("rtsp://u:\(canary)@h/"), "token": .string(canary)])
        try await ask("GET", "/6/streams?page=token=\(canary)")
        try await ask("GET", "/6/none/rtsp://u:\(canary)@h?token=\(canary)")

        // What happens.
        #expect(try await daemon.wait(for: running, [1, 4]) == 1)
        for stream in broken { #expect(try await daemon.wait(for: stream, [4]) == 4) }
        try await RawWebSocket.open(
            port: port, "/6/streams/\(running)/ws", headers: ["Authorization": "Basic \(daemon.login)"]
        ) { socket in
            for _ in 0..<3 {
                let message = try await socket.next()
                seen["messages", default: ""] += String(describing: message)
            }
        }
        for path in [
            "/6/streams?page_size=100", "/6/streams/\(running)", "/6/streams/\(broken[0])",
            "/6/streams/logs?page_size=100",
            "/6/deliveries", "/6/config", "/6/healthcheck?include_luna_services=1", "/6/accounts", "/6/tokens",
            "/6/streams/count", "/6/system/log?lines=1000", "/6/system/settings", "/6/system/status",
        ] { try await ask("GET", path) }
        #expect(seen["GET /6/system/log?lines=1000"]?.contains("Request") == true)
        seen["metrics"] = try await daemon.text("/metrics", accept: "*/*")
        #expect(seen["GET /6/streams?page_size=100"]?.contains("***") == true)
        #expect(seen["messages"]?.contains("people_count") == true)

        // Out: while it runs, and what it leaves.
        let process = "/proc/\(daemon.process.id)"
        for name in ["cmdline", "environ"] {
            // Nobody but root may look at the variables at all.
            guard let bytes = try? Data(contentsOf: URL(filePath: "\(process)/\(name)")) else { continue }
            seen[name] = String(decoding: bytes, as: UTF8.self)
        }
        #expect(seen["environ"]?.contains("SIGHTLINE_DATABASE_PASSWORD=*") != false)
        let limits = try String(contentsOfFile: "\(process)/limits", encoding: .utf8)
        #expect(limits.firstMatch(of: #/Max core file size +0 /#) != nil)
        try look(in: data.url, into: &seen)
        #expect(seen.keys.contains("sightline.sqlite-wal"))
        #expect(try await daemon.request("PATCH", "/6/streams/\(running)?action=stop").0 == 204)
        #expect(await daemon.terminate() == 0)
        try look(in: data.url, into: &seen)
        seen["log"] = try String(contentsOf: daemon.log, encoding: .utf8)
        #expect(seen["log"]?.contains("Request") == true && seen["log"]?.contains("FFmpeg") == true)

        for (place, text) in seen.sorted(by: { $0.key < $1.key }) {
            let places = text.ranges(of: canary).prefix(3).map { text[..<$0.lowerBound].suffix(60) + text[$0] }
            #expect(places.isEmpty, "\(place): \(places)")
        }
    }

    /// Every file in the data directory.
    private func look(in folder: URL, into seen: inout [String: String]) throws {
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in files {
            guard let bytes = try? Data(contentsOf: file) else { continue }
            seen[file.lastPathComponent, default: ""] += String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test func analyzeTellsNoSecretEither() async throws {
        for reference in ["rtsp://u:\(Self.canary)@127.0.0.1:1/x?token=\(Self.canary)", "ftp://u:\(Self.canary)@h/"] {
            let outcome = try await Program.run("sightline", ["analyze", reference])
            #expect(outcome.status == 1 && !outcome.error.isEmpty)
            #expect(!(outcome.error + outcome.output).contains(Self.canary))
        }
        let usage = try await Program.run("sightline", ["analyze", "clip.mp4", "rtsp://u:\(Self.canary)@h/1"])
        #expect(usage.status == 2 && usage.error.contains("***") && !usage.error.contains(Self.canary))
    }

    @Test func aKeyIsRotatedByACommandAndTheDaemonGoesOn() async throws {
        let data = TemporaryFolder(), clip = try await Footage.shared.clip()
        let reference = "rtsp://u:\(Self.canary)@127.0.0.1:1/x"
        var daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let stream = try #require(
            try await daemon.request("POST", "/6/streams", Self.stream(reference)).1["stream_id"]?.string)
        #expect(await daemon.terminate() == 0)
        let file = data.url.appendingPathExtension("key"), before = try Data(contentsOf: file)
        let outcome = try await Program.run("sightline", ["key", "rotate", "--data-dir", data.url.path])
        #expect(outcome.status == 0 && outcome.output.hasPrefix("All secrets are sealed under the key "))
        #expect(try Data(contentsOf: file) != before)

        daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let found = try await daemon.request("GET", "/6/streams?reference=\(reference)").1
        #expect(found["streams"]?.array?.map { $0["stream_id"]?.string } == [stream])
        #expect(await daemon.terminate() == 0)

        try before.write(to: file)
        let refused = try await Program.run("sightline", ["serve", "--port", "0", "--data-dir", data.url.path])
        #expect(refused.status == 1 && refused.error.contains("are sealed under the key "))
        #expect(refused.error.contains(file.path) && refused.error.contains("key_file"))
    }
}
