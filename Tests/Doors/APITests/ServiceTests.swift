import DoorSupport
import API
import Foundation
import Frames
import JSON
import Pipeline
import Records
import Store
import Streams
import Testing

/// What the service says of itself.
struct ServiceTests {
    @Test func everybodyMayAskForVersionFeaturesAndPlugins() async throws {
        try await withServer { server in
            let version = try await server.send("GET", "/version", headers: [:]).json
            for name in ["LUNA PLATFORM", "luna-api", "luna-faces", "luna-remote-sdk"] {
                #expect(version[name]?["major"] == 6 && version[name]?["minor"] == 39 && version[name]?["patch"] == 0)
            }
            #expect(version["luna-api"]?["api"] == 6)
            let features = try await server.send("GET", "/6/features", headers: [:]).json
            #expect(features["license"] == true)
            #expect(
                features["estimations"]?.object?.keys.sorted() == [
                    "body_attributes", "deepfake", "face_quality", "liveness", "people_counter",
                ])
            #expect(
                features["components"]?.object?.keys.sorted() == [
                    "events", "face_descriptors", "faces", "handlers", "image_store", "lambdas", "sender", "tasks",
                    "video_analytics",
                ])
            // The test server's catalogue has analytics, but none that counts people.
            #expect(features["components"]?["video_analytics"] == true && features["components"]?["events"] == true)
            #expect(features["estimations"]?["people_counter"] == false)
            // Events are sent to those who listen at /6/ws; no handler can be made.
            #expect(features["components"]?["sender"] == true && features["components"]?["handlers"] == true)
            #expect(try await server.send("GET", "/6/plugins", headers: [:]).json == ["plugins": []])
        }
    }

    // MARK: Configuration

    @Test func theConfigurationIsShownWithoutItsSecrets() async throws {
        try await withServer(daemon: {
            $0.configuration = [
                "TOKENS": ["SECRET": "canary-1", "LIFETIME": 60],
                "SIGHTLINE": [
                    "KEY": "***", "PROXY": "http://me:canary-2@10.0.0.1/", "ROOTS": ["/srv/a", "/srv/b"],
                    "HOST": "127.0.0.1",
                ],
            ]
        }) { server in
            let json = try await server.send("GET", "/6/config")
            #expect(json.headers["content-type"] == "application/json")
            #expect(
                try json.json == [
                    "TOKENS": ["SECRET": "********", "LIFETIME": 60],
                    "SIGHTLINE": [
                        "KEY": "********", "PROXY": "http://me:***@10.0.0.1/", "ROOTS": ["/srv/a", "/srv/b"],
                        "HOST": "127.0.0.1",
                    ],
                ])
            var headers = TestServer.basic(server.user)
            for accept in ["*/*", "text/html, application/*;q=0.5"] {
                headers["Accept"] = accept
                #expect(try await server.send("GET", "/6/config", headers: headers).json == json.json)
            }
            headers["Accept"] = "text/plain"
            let text = try await server.send("GET", "/6/config", headers: headers)
            #expect(text.headers["content-type"] == "text/plain; charset=UTF-8")
            #expect(
                String(decoding: text.body, as: UTF8.self) == """
                    [SIGHTLINE]
                    HOST = 127.0.0.1
                    KEY = ********
                    PROXY = http://me:***@10.0.0.1/
                    ROOTS = ["/srv/a","/srv/b"]

                    [TOKENS]
                    LIFETIME = 60
                    SECRET = ********

                    """)
            for accept in ["text/html", "application/json;q=0", ""] {
                headers["Accept"] = accept
                try await server.send("GET", "/6/config", headers: headers).expectError(
                    415, 12024, "Unsupported media type", "Bad/incomplete input data")
            }
            #expect(try await server.send("GET", "/6/config", headers: [:]).status == 403)
        }
    }

    // MARK: Documents

    @Test func theSpecificationComesAsYAMLOrAsAPage() async throws {
        let file = try Data(contentsOf: TestServer.documentFolder.appending(path: "openapi.yaml"))
        try await withServer { server in
            for accept in ["application/x-yaml", "*/*", "text/html;q=0.1, application/x-yaml", "APPLICATION/X-YAML"] {
                let yaml = try await server.send("GET", "/6/docs/spec", headers: ["Accept": accept])
                #expect(yaml.headers["content-type"] == "application/x-yaml" && yaml.body == file)
            }
            let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
            for accept in ["text/html", browser] {
                let page = try await server.send("GET", "/6/docs/spec", headers: ["Accept": accept])
                #expect(page.headers["content-type"] == "text/html; charset=UTF-8")
                // Without a viewer the page shows the document itself.
                #expect(String(decoding: page.body, as: UTF8.self).contains("operationId: createStream"))
            }
            for headers in [[:], ["Accept": "application/json"], ["Accept": "text/html;q=0"], ["Accept": ";"]] {
                try await server.send("GET", "/6/docs/spec", headers: headers).expectError(
                    415, 12024, "Unsupported media type", "Bad/incomplete input data")
            }
        }
    }

    @Test func theViewerIsPartOfThePage() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-viewer-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("const viewer = '</script>';".utf8).write(to: folder.appending(path: "swagger-ui-bundle.js"))
        try Data("body { color: teal }".utf8).write(to: folder.appending(path: "swagger-ui.css"))
        let documents = try Documents(folder: TestServer.documentFolder, viewer: folder)
        try await withServer(daemon: { $0.documents = documents }) { server in
            let reply = try await server.send("GET", "/6/docs/spec", headers: ["Accept": "text/html"])
            let page = String(decoding: reply.body, as: UTF8.self)
            #expect(page.contains("body { color: teal }") && page.contains("const viewer = '<\\/script>';"))
            // Nothing is fetched from elsewhere.
            #expect(!page.contains("src=") && !page.contains("href=") && !page.contains("http"))
        }
    }

    @Test func theManualIsFoundFromItsFolder() async throws {
        try await withServer { server in
            let redirect = try await server.send("GET", "/6/docs/dev", headers: [:])
            #expect(redirect.status == 308 && redirect.headers["location"] == "/6/docs/dev/index.html")
            let page = try await server.send("GET", "/6/docs/dev/index.html", headers: [:])
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=UTF-8")
            #expect(String(decoding: page.body, as: UTF8.self).contains("<h1>Writing a client</h1>"))
        }
    }

    // MARK: Health

    private struct Trouble: Error, CustomStringConvertible { let description = "it has stopped" }

    @Test func partsOfTheDaemonAreLookedAtOnRequest() async throws {
        try await withServer(daemon: {
            $0.probes = [
                HealthProbe(name: "video-manager") { throw Trouble() }, HealthProbe(name: "video-agent") {},
            ]
        }) { server in
            #expect(try await server.send("GET", "/6/healthcheck", headers: [:]).status == 200)
            let reply = try await server.send("GET", "/6/healthcheck?include_luna_services=1", headers: [:])
            #expect(reply.status == 502)
            let errors = try #require(try reply.json["errors"]?.array)
            #expect(errors.map { $0["component"] } == ["video-manager"])
            #expect(errors[0]["error"]?["detail"] == "GET:video-manager:it has stopped")
        }
    }

    // MARK: Metrics

    private static func metrics(_ server: TestServer) async throws -> [String] {
        let reply = try await server.send("GET", "/metrics", headers: [:])
        #expect(reply.status == 200 && reply.headers["content-type"] == "text/plain; charset=UTF-8")
        return String(decoding: reply.body, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func requestsAreCountedByRouteAndStatus() async throws {
        try await withServer { server in
            let stream = try await server.createStream().id.uuidString.lowercased()
            for path in [
                "/6/streams/\(stream)", "/6/streams/\(UUID().uuidString.lowercased())", "/6/streams/\(stream)",
            ] {
                _ = try await server.send("GET", path)
            }
            _ = try await server.send("GET", "/healthcheck")
            for path in ["/a", "/b?c"] { _ = try await server.send("DELETE", path) }
            _ = try await server.send("PUT", "/healthcheck")
            let lines = try await Self.metrics(server)
            #expect(
                Array(lines.prefix(2)) == [
                    "# HELP request_count_total Counter of requests", "# TYPE request_count_total counter",
                ])
            #expect(lines.contains(#"request_count_total{path="GET:/6/streams/{stream_id}",status_code="200"} 2.0"#))
            #expect(lines.contains(#"request_count_total{path="GET:/6/streams/{stream_id}",status_code="404"} 1.0"#))
            #expect(lines.contains(#"request_count_total{path="GET:/healthcheck",status_code="308"} 1.0"#))
            #expect(lines.contains(#"request_count_total{path="PUT:/healthcheck",status_code="405"} 1.0"#))
            #expect(lines.contains(#"request_count_total{path="DELETE:*",status_code="404"} 2.0"#))
            #expect(!lines.joined().contains(stream))

            #expect(lines.contains("# HELP requests Histogram of request time metrics"))
            #expect(lines.contains("# TYPE requests histogram"))
            let series = lines.filter { $0.contains(#"{route="GET:/6/streams/{stream_id}",status_code="200""#) }
            #expect(series.first?.hasPrefix("requests_sum{") == true)
            #expect(series.last == #"requests_count{route="GET:/6/streams/{stream_id}",status_code="200"} 2.0"#)
            let bounds = [
                "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.075", "0.1",
                "0.25",
                "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0", "+Inf",
            ]
            let buckets = series.dropFirst().dropLast()
            for (line, bound) in zip(buckets, bounds) {
                #expect(
                    line.hasPrefix(
                        #"requests_bucket{route="GET:/6/streams/{stream_id}",status_code="200",le="\#(bound)"} "#))
            }
            let counts = buckets.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            #expect(counts.count == bounds.count && counts == counts.sorted() && counts.last == 2)
        }
    }

    @Test func runningStreamsAreCountedAndOthersAreNot() async throws {
        let running = UUID()
        var statistics = StreamStatistics()
        (statistics.framesDecoded, statistics.framesAnalysed, statistics.detections) = (100, 50, 7)
        (statistics.framesDropped, statistics.packetsCorrupt, statistics.framesWaiting) = (6, 5, 4)
        (statistics.events, statistics.reconnections, statistics.callbacksDue) = (3, 2, 8)
        (statistics.framesFailed, statistics.stalls, statistics.doubted) = (9, 1, 11)
        statistics.packetsLost = 12
        let health = StreamHealth([.init(.pictureFrozen, since: .now)]), limits = SourceLimitCounts()
        limits.count(.tracks)
        let views = ViewBoard(), viewer = views.view(of: running).viewer(PictureForm())
        try await withServer(counting: { [statistics] store, hub in
            [
                StreamMetrics(
                    hub: hub, views: views, maximum: 64, limits: limits, statistics: { [running: statistics] },
                    health: { [running: health] }),
                StoreMetrics(store: store),
                ProcessMetrics { 1_000_000 },
            ]
        }) { server in
            _ = try await server.createStream()
            let feed = server.hub.subscribe(to: running)
            server.hub.offer(.analyticError(resultName: "crowd", "frame 7"), to: running)
            let lines = try await Self.metrics(server)
            #expect(lines.contains(#"sightline_sources_refused_total{reason="tracks"} 1.0"#))
            let shown = lines.filter { $0.contains("stream_id=") }
            let id = "{stream_id=\"\(running.uuidString.lowercased())\"}"
            #expect(
                shown.sorted() == [
                    "sightline_stream_analysis_failing\(id) 0.0", "sightline_stream_analysis_too_slow\(id) 0.0",
                    "sightline_stream_callbacks_due_total\(id) 8.0",
                    "sightline_stream_detections_doubted_total\(id) 11.0",
                    "sightline_stream_detections_total\(id) 7.0", "sightline_stream_events_total\(id) 3.0",
                    "sightline_stream_frames_analysed_total\(id) 50.0",
                    "sightline_stream_frames_decoded_total\(id) 100.0",
                    "sightline_stream_frames_dropped_total\(id) 6.0", "sightline_stream_frames_failed_total\(id) 9.0",
                    "sightline_stream_frames_waiting\(id) 4.0", "sightline_stream_messages_waiting\(id) 1.0",
                    "sightline_stream_packets_corrupt_total\(id) 5.0", "sightline_stream_packets_lost_total\(id) 12.0",
                    "sightline_stream_picture_black\(id) 0.0",
                    "sightline_stream_picture_covered\(id) 0.0", "sightline_stream_picture_frozen\(id) 1.0",
                    "sightline_stream_picture_memory_bytes\(id) 0.0",
                    "sightline_stream_reconnecting\(id) 0.0", "sightline_stream_restarts_total\(id) 2.0",
                    "sightline_stream_source_stalled\(id) 0.0", "sightline_stream_stalls_total\(id) 1.0",
                    "sightline_stream_subscribers\(id) 2.0",
                ])
            #expect(lines.contains("sightline_streams_running 1.0"))
            #expect(lines.contains("sightline_event_writes_waiting 0.0"))
            #expect(lines.contains("process_resident_memory_bytes 1000000.0"))
            server.hub.unsubscribe(feed, from: running)
        }
        withExtendedLifetime(viewer) {}
    }

    @Test func metricsCanBeSwitchedOff() async throws {
        try await withServer({ $0.servesMetrics = false }) { server in
            try await server.send("GET", "/metrics", headers: [:]).expectError(
                403, 12049, "Forbidden", "Resource is disabled.")
            #expect(try await server.send("OPTIONS", "/metrics", headers: [:]).status == 200)
        }
    }
}
