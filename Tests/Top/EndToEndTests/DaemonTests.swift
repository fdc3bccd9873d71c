import Foundation
import JSON
import Records
import Scene
import Store
import Testing

/// The whole daemon as a process, on rendered footage, with the real detector.
struct DaemonTests {
    private static func body(_ clip: URL, type: String = "videofile") -> JSONValue {
        [
            "data": ["type": .string(type), "reference": .string(clip.lastPathComponent)],
            "analytics": [
                [
                    "analytic_name": "human_tracking",
                    "parameters": [
                        "targets": ["overview", "aggregated_body_samples", "aggregated_body_thumbnail"],
                        "parameters": ["tracking": ["detector_type": "body"]],
                    ],
                ],
                [
                    "analytic_name": "people_count",
                    "parameters": ["parameters": ["rate": ["unit": "frame", "period": 1]]],
                ],
            ],
        ]
    }

    @Test func aStreamRunsFromRegistrationToStoredEvents() async throws {
        let clip = try await Footage.shared.clip()
        let data = TemporaryFolder()
        let daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let (status, created) = try await daemon.request("POST", "/6/streams", Self.body(clip))
        #expect(status == 201)
        let stream = try #require(created["stream_id"]?.string)
        #expect(try await daemon.wait(for: stream, [2, 4]) == 2)

        let logs = try await daemon.request("GET", "/6/streams/logs?stream_ids=\(stream)").1
        #expect(logs["logs"]?.array?.map { $0["status"]?.integer } == [2, 1, 0])
        #expect(await daemon.terminate() == 0)

        let store = try Store(directory: data.url)
        let records = try await store.events(account: daemon.accountID)
        #expect(records.map(\.sequence) == records.indices.map { Int64($0) + 1 })
        #expect(Set(records.map(\.event.type)) == ["crowd", "human_tracking"])
        #expect(records.allSatisfy { $0.event.state == .closed })
        #expect(records.filter { $0.phase == .started }.count == records.filter { $0.phase == .finished }.count)

        // What events name is there, as what they name it, and nothing else is.
        var named: Set<String> = []
        for event in records.filter({ $0.phase == .finished }).map(\.event) where event.type == "human_tracking" {
            let body = try #require(event.body["event"]), detections = try #require(body["detections"]?.array)
            let samples = detections.compactMap { $0["samples"]?["body"]?["url"]?.string }
            #expect(!samples.isEmpty && samples.count == detections.count)
            let listed = try #require(body["aggregate_estimations"]?["body"]?["samples"]?.array)
            #expect(listed.compactMap { $0["image"]?.string } == samples)
            #expect(body["aggregate_estimations"]?["body"]?["thumbnail"] == listed.first)
            let overview = try #require(body["overview"]?["image"]?.string)
            #expect(detections.first?["image_origin"]?.string == overview)
            named.formUnion(samples + [overview])
        }
        #expect(try await store.objectTotals().count == named.count)
        for path in named {
            let kind: StoredObject.Kind = path.hasPrefix("/6/images/") ? .image : .bodySample
            let id = try #require(UUID(uuidString: String(path.suffix(36))))
            let object = try #require(try await store.object(id: id, kind: kind, account: daemon.accountID))
            #expect(try await store.bytes(0..<2, of: object) == [0xff, 0xd8])
        }
    }

    @Test func theDaemonTellsOfItselfAndOfWhatRuns() async throws {
        let clip = try await Footage.shared.longClip()
        let data = TemporaryFolder()
        let daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let stream = try #require(
            try await daemon.request("POST", "/6/streams", Self.body(clip, type: "stream")).1["stream_id"]?.string)
        var metrics = ""
        let analysed = try Regex(#"sightline_stream_frames_analysed_total\{stream_id="\#(stream)"\} [1-9]"#)
        while metrics.firstMatch(of: analysed) == nil {
            metrics = try await daemon.text("/metrics", accept: "*/*")
        }
        #expect(metrics.contains("\nsightline_streams_running 1.0\n"))
        #expect(metrics.firstMatch(of: /\nprocess_resident_memory_bytes [1-9]/) != nil)
        #expect(try await daemon.request("GET", "/6/healthcheck?include_luna_services=1").0 == 200)
        #expect(try await daemon.request("PATCH", "/6/streams/\(stream)?action=stop").0 == 204)
        while metrics.contains(stream) { metrics = try await daemon.text("/metrics", accept: "*/*") }

        let document = try await daemon.text("/6/docs/spec", accept: "application/x-yaml")
        #expect(document.contains("\nopenapi: 3.1.0\n"))
        #expect(try await daemon.text("/6/docs/spec", accept: "text/html").hasPrefix("<!DOCTYPE html>"))
        let shown = try await daemon.request("GET", "/6/config").1
        #expect(shown["SIGHTLINE"]?["DATA_DIR"] == .string(data.url.path))
        #expect(shown["SIGHTLINE"]?["PORT"] == 0)
        #expect(shown["STORE"]?["DISK_RESERVE"]?.integer ?? 0 > 0, "what the default comes to on this disk")
        #expect(await daemon.terminate() == 0)
    }

    @Test func aKilledDaemonGoesOnWhereItsLedgerStood() async throws {
        let clip = try await Footage.shared.longClip()
        let data = TemporaryFolder()
        var daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let created = try await daemon.request("POST", "/6/streams", Self.body(clip, type: "stream")).1
        let stream = try #require(created["stream_id"]?.string)
        #expect(try await daemon.wait(for: stream, [1, 2, 4]) == 1)
        await daemon.kill()

        daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        var statuses: [Int64?] = []
        while statuses.count < 5 {
            let logs = try await daemon.request("GET", "/6/streams/logs?stream_ids=\(stream)").1
            statuses = try #require(logs["logs"]?.array).map { $0["status"]?.integer }
        }
        #expect(statuses == [1, 0, 3, 1, 0])
        #expect(try await daemon.request("PATCH", "/6/streams/\(stream)?action=stop").0 == 204)
        #expect(await daemon.terminate() == 0)

        let store = try Store(directory: data.url)
        let records = try await store.events(account: daemon.accountID)
        #expect(records.map(\.sequence) == records.indices.map { Int64($0) + 1 })
        #expect(records.allSatisfy { $0.event.state != .open })
    }
}
