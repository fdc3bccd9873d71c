import Analytics
import DecodeWorker
import DoorSupport
import Foundation
import Frames
import Inference
import JSON
import Jobs
import LogSupport
import Media
import Pipeline
import Records
import Scene
import Store
import TestSupport
import Testing
import WorkerSupport

@testable import API

/// `/6/videosdk`, over HTTP, on videos that are decoded as ever. Who is in them is a script's.
struct VideoSDKTests {
    /// Two seconds with ten frames in each, 320 x 240; and the same, cut off.
    private struct Clips {
        static let length = 2.0
        let folder: PatternFolder
        init() throws {
            folder = try PatternFolder()
            try folder.ffmpeg([
                "-f", "lavfi", "-i", "testsrc=s=320x240:r=10:d=2", "-c:v", "libx264", "-crf", "4", "-g", "10", "-bf",
                "0",
                "-pix_fmt", "yuv420p", "-movflags", "+faststart", "whole.mp4",
            ])
            let bytes = try Data(contentsOf: folder.url.appending(path: "whole.mp4"))
            try bytes.prefix(bytes.count * 3 / 4).write(to: folder.url.appending(path: "cut.mp4"))
            try Data("no video".utf8).write(to: folder.url.appending(path: "text.mp4"))
        }
    }
    /// Opens what lies in a folder as if it were fetched from there.
    private struct FolderOpener: FrameSourceOpener {
        let folder: URL
        func open(
            _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
        ) async throws -> any FrameSource {
            guard request.isDownloadable, let url = URL(string: request.reference) else { throw MediaError.unknownHost }
            var request = request
            (request.reference, request.isDownloadable) = (String(url.path.dropFirst()), false)
            var configuration = MediaConfiguration()
            configuration.mediaRoots = [folder]
            return try await TestWorkers.opener(configuration).open(request, rates: rates, answerWithin: patience)
        }
    }
    /// Somebody whose face is seen, from the fourth frame to the last.
    private struct Somebody: ModelShelf {
        func model(_ choice: ModelChoice) async throws -> LoadedModel {
            let found = choice == .faces ? Sights.face(60, 40) : Sights.body(40, 30, confidence: 0.9)
            return LoadedModel(
                finder: ScriptedFinder { $0.index >= 3 ? [found] : [] },
                thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.2, nmsIoU: 0.3, birth: 0.5))
        }
    }
    private static func catalogue(findsFaces: Bool = true) throws -> AnalyticCatalogue {
        try AnalyticCatalogue(
            directory: TestServer.documentFolder.deletingLastPathComponent().appending(path: "analytics"),
            abilities: Abilities(findsFaces: findsFaces))
    }
    private static func withVideos(
        opener: any FrameSourceOpener,
        _ change: (inout JobConfiguration) -> Void = { _ in }, _ body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = JobConfiguration()
        change(&configuration)
        let catalogue = try catalogue()
        let workshop = Workshop(opener: opener, models: Somebody(), catalogue: catalogue)
        let videos = VideoLook(workshop: workshop, configuration: configuration)
        try await withServer(videos: videos, analytics: catalogue, body)
    }
    private static func withClips(
        _ change: (inout JobConfiguration) -> Void = { _ in }, _ body: (TestServer) async throws -> Void
    ) async throws {
        let clips = try Clips()
        try await withVideos(opener: FolderOpener(folder: clips.folder.url), change, body)
    }

    private static func body(
        _ name: String = "whole.mp4", _ video: [String: JSONValue] = [:], _ analytics: [JSONValue] = [counting]
    ) -> JSONValue {
        [
            "video": .object(video.merging(["url": .string("http://videos.example.org/\(name)")]) { $1 }),
            "analytics": .array(analytics),
        ]
    }
    private static let everyFrame: JSONValue = ["unit": "frame", "period": 1]
    private static let counting: JSONValue = [
        "name": "people_count", "targets": ["coordinates", "overview"], "parameters": ["rate": everyFrame],
    ]
    private static let following: JSONValue = [
        "name": "human_tracking",
        "targets": [
            "face_detection", "landmarks5", "head_pose", "ags", "warp_quality", "body_detection", "overview",
            "aggregated_face_samples", "aggregated_face_thumbnail", "aggregated_body_samples",
            "aggregated_body_thumbnail",
        ],
        "parameters": [
            "tracking": ["detector_type": "human"],
            "face_samples": ["count": 2, "filters": ["head_yaw": 90, "head_pitch": 90, "head_roll": 90]],
        ],
    ]
    private static func analyse(_ server: TestServer, _ body: JSONValue, accept: String? = nil) async throws -> Reply {
        var headers = TestServer.basic(server.user)
        headers["Accept"] = accept
        return try await server.send("POST", "/6/videosdk", body, headers: headers)
    }
    private static func answer(_ server: TestServer, _ body: JSONValue) async throws -> JSONValue {
        let reply = try await analyse(server, body)
        #expect(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
        return try reply.json
    }
    private static func events(_ answer: JSONValue, _ index: Int = 0, _ name: String = "crowd") throws -> [JSONValue] {
        try #require(answer["analytics"]?.array?[index]["result"]?[name]?["events"]?.array)
    }
    private static func picture(_ shot: JSONValue?) throws -> StillImage {
        let bytes = try #require(shot?["image"]?.string.flatMap { Data(base64Encoded: $0) })
        return try StillWork.decode(Array(bytes), maximumPixels: 1 << 24)
    }

    // MARK: What is told

    @Test func aCrowdIsToldWithEachOfItsFrames() async throws {
        try await Self.withClips { server in
            let answer = try await Self.answer(server, Self.body())
            #expect(
                answer["video_data"] == [
                    "frames_count": 20, "frame_rate": 10, "duration": 2, "error_count": 0,
                    "processed_parts": [["start_offset": 0, "end_offset": 2]],
                ])
            let events = try Self.events(answer), event = try #require(events.first)
            #expect(events.count == 1 && answer["analytics"]?.array?[0]["name"] == "people_count")
            #expect(
                Set((event.object ?? [:]).keys) == [
                    "event_id", "track_id", "people_count", "video_segment", "frames_estimations", "overview",
                ])
            #expect(event["people_count"] == 1)
            #expect(event["video_segment"] == ["start_time_offset": 0.3, "end_time_offset": 1.9])
            let frames = try #require(event["frames_estimations"]?.array)
            #expect(frames.count == 17)
            #expect(frames[0] == ["people_count": 1, "time_offset": 0.3, "people_coordinates": [[80, 120]]])
            let overview = try #require(event["overview"])
            #expect(overview["time_offset"] == 0.3 && overview["people_coordinates"] == [[80, 120]])
            #expect(try Self.picture(overview).size == PixelSize(width: 320, height: 240))
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func aPersonIsToldWithFaceAndBody() async throws {
        try await Self.withClips { server in
            let answer = try await Self.answer(server, Self.body("whole.mp4", [:], [Self.counting, Self.following]))
            #expect(answer["analytics"]?.array?.map { $0["name"] } == ["people_count", "human_tracking"])
            #expect(answer["analytics"]?.array?[1]["result"]?["tracking"]?["track_count"] == 1)
            let event = try #require(try Self.events(answer, 1, "tracking").first)
            #expect(
                Set((event.object ?? [:]).keys) == [
                    "event_id", "track_id", "video_segment", "frames_estimations", "aggregated_estimations", "overview",
                ])
            let frames = try #require(event["frames_estimations"]?.array)
            #expect(frames.count == 17 && frames[0]["time_offset"] == 0.3)
            let face = try #require(frames[16]["estimated"]?["face"])
            #expect(
                Set((face.object ?? [:]).keys) == ["detection", "landmarks5", "head_pose", "ags", "warp_quality"])
            #expect(face["detection"]?["bbox"] == ["x": 60, "y": 40, "width": 50, "height": 50])
            #expect(frames[16]["estimated"]?["body"]?["detection"]?["score"] == 0.9)
            let aggregated = try #require(event["aggregated_estimations"])
            #expect(aggregated["face"]?["samples"]?.array?.count == 2)
            #expect(aggregated["body"]?["samples"]?.array?.count == 5)
            #expect(aggregated["face"]?["thumbnail"] == aggregated["face"]?["samples"]?.array?[0])
            let sample = try Self.picture(aggregated["face"]?["thumbnail"])
            #expect(sample.size == PixelSize(width: 250, height: 250))
            let body = try Self.picture(aggregated["body"]?["thumbnail"])
            #expect(body.size.width == 80)
            #expect(Set((event["overview"]?.object ?? [:]).keys) == ["time_offset", "image", "detection"])
            #expect(event["overview"]?["detection"]?["body"]?["bbox"]?["x"] == 40)
        }
    }

    @Test func nobodyIsToldWhereNothingWasAskedFor() async throws {
        try await Self.withClips { server in
            let answer = try await Self.answer(
                server, Self.body("whole.mp4", [:], [["name": "human_tracking"], ["name": "people_count"]]))
            let person = try #require(try Self.events(answer, 0, "tracking").first)
            #expect(person["aggregated_estimations"] == ["face": nil, "body": nil] && person["overview"] == nil)
            #expect(
                Set((person["frames_estimations"]?.array?[0]["estimated"]?["face"]?.object ?? [:]).keys) == [
                    "detection"
                ])
            #expect(person["frames_estimations"]?.array?[0]["estimated"]?["body"] == .null)
            // One frame in ten, three of which it takes.
            #expect(try Self.events(answer, 1).isEmpty)
        }
    }

    /// With its ids numbered, since they are new each time.
    private static func numbered(_ value: JSONValue, _ known: inout [String: Int]) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map { numbered($0, &known) })
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                guard ["event_id", "track_id"].contains(name), let id = member.string else {
                    result[name] = numbered(member, &known)
                    continue
                }
                known[id] = known[id] ?? known.count
                result[name] = .integer(Int64(known[id]!))
            }
            return .object(result)
        default: return value
        }
    }

    @Test func asMessagePackTheSameIsToldAndPicturesAreBytes() async throws {
        try await Self.withClips { server in
            let body = Self.body("whole.mp4", [:], [Self.counting, Self.following])
            let text = try await Self.answer(server, body)
            let reply = try await Self.analyse(server, body, accept: "application/msgpack")
            #expect(reply.status == 200 && reply.headers["content-type"] == "application/msgpack")
            var (written, read): ([String: Int], [String: Int]) = ([:], [:])
            let packed = try MessagePackReader.value(of: reply.body)
            #expect(Self.numbered(packed, &read) == Self.numbered(text, &written))
            #expect(read.count == 4)
            // Eight pictures of the person, one of the crowd: none of them is text.
            let mark = Data([0xa5]) + Data("image".utf8)
            var place = reply.body.startIndex, count = 0
            while let range = reply.body.range(of: mark, in: place..<reply.body.endIndex) {
                #expect([0xc4, 0xc5, 0xc6].contains(reply.body[range.upperBound]))
                (place, count) = (range.upperBound, count + 1)
            }
            #expect(count == 11)
        }
    }

    @Test func aVideoIsTurnedAndItsClockIsSet() async throws {
        try await Self.withClips { server in
            let answer = try await Self.answer(
                server, Self.body("whole.mp4", ["orientation": ["angle": 90], "pts": ["start_time": 100]]))
            let event = try #require(try Self.events(answer).first)
            #expect(event["video_segment"] == ["start_time_offset": 100.3, "end_time_offset": 101.9])
            #expect(event["frames_estimations"]?.array?[1]["time_offset"] == 100.4)
            #expect(event["overview"]?["time_offset"] == 100.3)
            #expect(try Self.picture(event["overview"]).size == PixelSize(width: 240, height: 320))
            #expect(
                answer["video_data"]?["processed_parts"] == [["start_offset": 100, "end_offset": 102]])
            #expect(answer["video_data"]?["duration"] == 2)
        }
    }

    // MARK: What goes wrong

    private static func url(_ name: String) -> String { "http://videos.example.org/\(name)" }

    @Test func whatIsCutOffFailsOrIsToldAsFarAsItGoes() async throws {
        try await Self.withClips { server in
            try await Self.analyse(server, Self.body("cut.mp4")).expectError(
                400, 43004, "Bad/incomplete input data",
                "Error occurred while decoding video by url '\(Self.url("cut.mp4"))'")
            let answer = try await Self.answer(server, Self.body("cut.mp4", ["error_handling": ["action": "stop"]]))
            #expect(answer["video_data"]?["error_count"] == 1 && answer["video_data"]?["frames_count"] == 20)
            let end = try #require(
                answer["video_data"]?["processed_parts"]?.array?.first?["end_offset"]?.double)
            #expect(end > 0.5 && end < 1.9)
            let event = try #require(try Self.events(answer).first)
            #expect(event["video_segment"]?["end_time_offset"]?.double == end)
            let whole = Self.body("whole.mp4", ["error_handling": ["action": "stop"]])
            #expect(try await Self.answer(server, whole)["video_data"]?["error_count"] == 0)
        }
    }

    @Test func whatIsNoVideoOrNotThereIsSaidSo() async throws {
        try await Self.withClips { server in
            let text = try await Self.analyse(server, Self.body("text.mp4"))
            let textError = try text.json
            #expect(text.status == 400 && textError["error_code"] == 43003)
            #expect(textError["detail"]?.string?.hasPrefix("Unsupported video format") == true)
            let nothing = try await Self.analyse(server, Self.body("nothing.mp4"))
            let error = try nothing.json, detail = try #require(error["detail"]?.string)
            #expect(nothing.status == 400 && error["error_code"] == 11027)
            #expect(error["desc"] == "External request failed")
            #expect(detail.hasPrefix("Failed to download video by url '\(Self.url("nothing.mp4"))'"))
        }
    }

    private struct Refusing: FrameSourceOpener {
        let error: any SourceFailure
        func open(
            _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
        ) async throws -> any FrameSource { throw error }
    }

    @Test func whatIsTooLargeOrTooLongIsRefused() async throws {
        try await Self.withVideos(opener: Refusing(error: MediaError.downloadTooLarge(limit: 1000))) { server in
            try await Self.analyse(server, Self.body()).expectError(
                413, 37003, "Payload too large",
                "The video has more than 1000 bytes (setting jobs.videosdk_size_limit)")
        }
        try await Self.withClips {
            $0.videoDurationLimit = .seconds(1.5)
        } _: { server in
            try await Self.analyse(server, Self.body()).expectError(
                413, 37003, "Payload too large",
                "The video is longer than 1.5 s (setting jobs.videosdk_duration_limit)")
        }
        try await Self.withClips {
            $0.videoAnswerLimit = 3000
        } _: { server in
            let reply = try await Self.analyse(server, Self.body())
            let code = try reply.json["error_code"]
            #expect(reply.status == 413 && code == 37003)
        }
    }

    @Test func aRegionOutsideTheFrameIsRefused() async throws {
        try await Self.withClips { server in
            let roi: JSONValue = ["mode": "abs", "x": 0, "y": 0, "width": 321, "height": 240]
            let counting: JSONValue = ["name": "people_count", "parameters": ["roi": roi]]
            try await Self.analyse(server, Self.body("whole.mp4", [:], [counting])).expectError(
                400, 100_016, "Failed validation", "Invalid rectangle")
        }
    }

    /// The states of all jobs there are.
    private static func jobs(_ server: TestServer) async throws -> [String] {
        let jobs = try await server.send("GET", "/6/jobs").json["jobs"]?.array ?? []
        return jobs.compactMap { $0["state"]?.string }
    }
    private static func endless() -> SyntheticOpener {
        SyntheticOpener { SyntheticSource(count: 10, rates: $0, waitsAtEnd: true) }
    }

    @Test func whatTakesTooLongIsEnded() async throws {
        try await Self.withVideos(opener: Self.endless()) {
            $0.videoTimeout = .milliseconds(300)
        } _: { server in
            let reply = try await Self.analyse(server, Self.body())
            try reply.expectError(
                503, 37001, "Internal server error", "Service did not process a request within 1 seconds")
            #expect(reply.headers["retry-after"] != nil && reply.headers["connection"] == "close")
            #expect(try await Self.jobs(server) == ["cancelled"])
        }
    }

    @Test func workEndsWithItsClient() async throws {
        try await Self.withVideos(opener: Self.endless()) { server in
            let body = Self.body().text
            let head = [
                "POST /6/videosdk HTTP/1.1", "Host: localhost", "Content-Type: application/json",
                "Content-Length: \(body.utf8.count)",
                "Authorization: \(TestServer.basic(server.user)["Authorization"]!)",
            ]
            try await RawConnection.open(port: server.port) { connection in
                try await connection.write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
                while try await Self.jobs(server) != ["running"] { try await Task.sleep(for: .milliseconds(5)) }
            }
            let start = ContinuousClock.now
            while try await Self.jobs(server) == ["running"], .now - start < .seconds(5) {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(.now - start < .seconds(2))
            #expect(try await Self.jobs(server) == ["cancelled"])
            #expect(!server.log.lines.contains { $0.contains("Request failed") })
        }
    }

    @Test func whoLeavesBeforeAllIsSaidLeavesNothingBehind() async throws {
        try await Self.withVideos(opener: Self.endless()) { server in
            for rest in ["", "{\"video\""] {
                try await RawConnection.open(port: server.port) { connection in
                    try await connection.write(
                        "POST /6/videosdk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
                            + "Authorization: \(TestServer.basic(server.user)["Authorization"]!)\r\n\r\n" + rest)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(try await Self.jobs(server).isEmpty)
        }
    }

    @Test func aServerThatStopsWaitsForNoVideo() async throws {
        try await Self.withVideos(opener: Self.endless()) { server in
            async let reply = Self.analyse(server, Self.body())
            while try await Self.jobs(server) != ["running"] { try await Task.sleep(for: .milliseconds(5)) }
            await server.shutDown()
            try await reply.expectError(503, 37001, "Internal server error", "Service is being stopped")
        }
    }

    @Test func whoCancelsTheJobEndsTheRequest() async throws {
        try await Self.withVideos(opener: Self.endless()) { server in
            async let reply = Self.analyse(server, Self.body())
            var id: String?
            while id == nil {
                let job = try await server.send("GET", "/6/jobs?states=running").json["jobs"]?.array?.first
                id = job?["job_id"]?.string
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await server.send("PATCH", "/6/jobs/\(id!)?action=cancel").status == 204)
            try await reply.expectError(409, 90_022, "Conflict input data", "The job was cancelled")
        }
    }

    @Test func aJobSaysHowItEndedAndHowFarItCame() async throws {
        try await Self.withClips { server in
            _ = try await Self.answer(server, Self.body())
            _ = try await Self.analyse(server, Self.body("text.mp4"))
            #expect(Set(try await Self.jobs(server)) == ["done", "failed"])
            let job = try #require(
                try await server.send("GET", "/6/jobs?states=failed").json["jobs"]?.array?.first)
            #expect(job["error"]?.string?.contains("not recognised") == true, "\(job)")
        }
    }

    // MARK: What cannot be asked

    @Test func whatIsNoAnalyticOfVideosIsRefused() async throws {
        try await Self.withClips { server in
            for name in ["face_count", "", "crowd"] {
                let asked = Self.body("whole.mp4", [:], [Self.counting, ["name": .string(name)]])
                try await Self.analyse(server, asked).expectError(
                    403, 43006, "Forbidden", "Unsupported analytics \(name)")
            }
        }
    }

    @Test func whatThereIsNoModelForIsRefused() async throws {
        try await Self.withClips { server in
            for (target, feature) in [
                ("emotions", "Emotions"), ("aggregated_liveness", "Liveness"),
                ("aggregated_body_attributes", "Body attributes"),
            ] {
                let asked = Self.body("whole.mp4", [:], [["name": "human_tracking", "targets": [.string(target)]]])
                try await Self.analyse(server, asked).expectError(
                    403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
            }
        }
    }

    @Test(
        arguments: [
            ([:], "video", "Field required"),
            (["video": [:], "analytics": []], "video.url", "Field required"),
            (body("a", ["extra": 1]), "video.extra", "Extra inputs are not permitted"),
            (body("a", ["orientation": nil]), "video.orientation", "Input should be a valid dictionary"),
            (body("a", ["orientation": [:]]), "video.orientation.angle", "Field required"),
            (body("a", ["orientation": ["angle": 45]]), "video.orientation.angle", "Input should be 0, 90, 180 or 270"),
            (
                body("a", ["pts": ["start_time": -1]]), "video.pts.start_time",
                "Input should be greater than or equal to 0"
            ),
            (
                body("a", ["error_handling": ["action": "skip"]]), "video.error_handling.action",
                "Input should be 'fail' or 'stop'"
            ),
            (body("a", [:], []), "analytics", "List should have at least 1 item after validation, not 0"),
            (body("a", [:], [[:]]), "analytics.0.name", "Field required"),
            (body("a", [:], [["name": 1]]), "analytics.0.name", "Input should be a valid string"),
            (
                body("a", [:], [counting, ["name": "people_count", "targets": ["faces"]]]), "analytics.1.targets.0",
                "Input should be 'coordinates' or 'overview'"
            ),
            (
                body("a", [:], [["name": "people_count", "callbacks": []]]), "analytics.0.callbacks",
                "Extra inputs are not permitted"
            ),
            (
                body("a", [:], [["name": "people_count", "parameters": ["event_policy": ["trigger": "end"]]]]),
                "analytics.0.parameters.event_policy", "Extra inputs are not permitted"
            ),
            (
                body(
                    "a", [:],
                    [["name": "human_tracking", "parameters": ["handler_id": "1b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061"]]]),
                "analytics.0.parameters.handler_id", "Extra inputs are not permitted"
            ),
            (
                body("a", [:], [["name": "people_count", "parameters": ["probe_count": -1]]]),
                "analytics.0.parameters.probe_count", "Input should be greater than or equal to 0"
            ),
            (
                ["video": ["url": "rtsp://camera/1"], "analytics": [counting]], "video.url",
                "Input should be a valid URL that begins with 'http' or 'https'"
            ),
            (
                ["video": ["url": "/etc/passwd"], "analytics": [counting]], "video.url",
                "Input should be a valid URL that begins with 'http' or 'https'"
            ),
        ] as [(JSONValue, String, String)])
    func whatIsWrongIsNamedByItsPath(body: JSONValue, path: String, message: String) async throws {
        try await Self.withVideos(opener: Self.endless()) { server in
            try await Self.analyse(server, body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }
}
