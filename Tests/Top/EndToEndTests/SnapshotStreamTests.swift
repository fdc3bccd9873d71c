import CameraSupport
import Foundation
import JSON
import Testing

/// A camera that has one picture at a time, from its registration to what is found in its pictures.
struct SnapshotStreamTests {
    @Test(.timeLimit(.minutes(30))) func peopleInSnapshotsAreFoundAsLongAsTheyAreThere() async throws {
        let clip = try await Footage.shared.clip(), data = TemporaryFolder()
        let picture = data.url.appending(path: "picture.jpg")
        let made = try await Program.run(
            ["ffmpeg", "-v", "error", "-ss", "4", "-i", clip.path, "-frames:v", "1", "-q:v", "2", picture.path])
        #expect(made.status == 0, "\(made.error)")
        var script = SnapshotCamera.Script { [bytes = try [UInt8](Data(contentsOf: picture))] _ in bytes }
        (script.account, script.tellsVersions) = (("admin", "p#ss", .digest), true)
        let camera = SnapshotCamera(script)
        defer { camera.stop() }

        let daemon = try await RunningDaemon(
            data: data.url, media: clip.deletingLastPathComponent(),
            environment: ["SIGHTLINE_MEDIA_SNAPSHOT_INTERVAL": "0.2"])
        let body: JSONValue = [
            "data": [
                "type": "stream", "reference": .string(camera.address()),
                "authorization": ["login": "admin", "password": "p#ss"],
            ],
            "analytics": [
                [
                    "analytic_name": "people_count",
                    "parameters": [
                        "parameters": [
                            "probe_count": 3, "people_count_threshold": 1, "event_policy": ["trigger": "start"],
                        ]
                    ],
                ]
            ],
        ]
        let stream = try #require(try await daemon.request("POST", "/6/streams", body).1["stream_id"]?.string)
        #expect(try await daemon.wait(for: stream, [1, 2, 4]) == 1)
        let path = "/6/general/events?event_type=crowd&stream_ids=\(stream)"
        var events: [JSONValue] = []
        while events.isEmpty {
            events = try await daemon.request("GET", path).1["events"]?.array ?? []
            try await Task.sleep(for: .milliseconds(50))
        }
        // Most of what was looked at was the picture before, which the camera did not send again.
        while camera.unchanged < 5 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try await daemon.request("GET", "/6/streams/\(stream)").1["status"] == 1)
        #expect(await daemon.terminate() == 0)
    }
}
