import Foundation
import JSON
import KeepSupport
import Records
import Store
import Testing

/// The whole daemon on a data directory whose disk is full for a while.
@Suite(.enabled(if: SmallDisk.isPossible), .timeLimit(.minutes(30))) struct FullDiskTests {
    private static func until(_ isTrue: () async throws -> Bool) async throws {
        while try await !isTrue() { try await Task.sleep(for: .milliseconds(100)) }
    }

    @Test func noStreamFailsNothingIsLostAndHealthSaysWhy() async throws {
        let clip = try await Footage.shared.longClip(), disk = try SmallDisk(megabytes: 64)
        let daemon = try await RunningDaemon(data: disk.url, media: clip.deletingLastPathComponent())
        let stream = try #require(
            try await daemon.request(
                "POST", "/6/streams",
                [
                    "data": ["type": "stream", "reference": .string(clip.lastPathComponent)],
                    "analytics": [
                        [
                            "analytic_name": "human_tracking",
                            "parameters": ["parameters": ["tracking": ["detector_type": "body"]]],
                        ], ["analytic_name": "people_count"],
                    ],
                ]
            ).1["stream_id"]?.string)
        func metric(_ name: String) async throws -> Double {
            let page = try await daemon.text("/metrics", accept: "*/*")
            let line = page.split(separator: "\n").first { $0.hasPrefix(name) && !$0.hasPrefix("#") }
            return line.flatMap { Double($0.split(separator: " ").last!) } ?? 0
        }
        #expect(try await daemon.wait(for: stream, [1, 2, 4]) == 1)
        disk.fill()
        try await Self.until { try await metric("sightline_event_writes_in_memory ") > 0 }
        let (status, health) = try await daemon.request("GET", "/6/healthcheck")
        #expect(status == 502)
        let error = try #require(health["errors"]?.array?.first)
        #expect(error["component"] == "database")
        #expect(error["error"]?["detail"]?.string?.contains("writes of events wait for the database: ") == true)
        #expect(try await daemon.wait(for: stream, [1, 2, 3, 4]) == 1)

        disk.empty()
        try await Self.until { try await daemon.request("GET", "/6/healthcheck").0 == 200 }
        #expect(try await metric("sightline_event_writes_spooled ") == 0)
        #expect(try await metric("sightline_event_writes_in_memory ") == 0)
        #expect(try await metric("sightline_event_writes_lost_total ") == 0)
        #expect(try await daemon.request("PATCH", "/6/streams/\(stream)?action=stop").0 == 204)
        #expect(await daemon.terminate() == 0)

        let records = try await Store(directory: disk.url).events(account: daemon.accountID)
        #expect(records.map(\.sequence) == records.indices.map { Int64($0) + 1 } && !records.isEmpty)
        #expect(records.allSatisfy { $0.event.state == .closed })
    }
}
