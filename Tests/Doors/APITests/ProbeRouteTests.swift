import Analytics
import DoorSupport
import Foundation
import Frames
import Identity
import JSON
import Media
import Pipeline
import Probing
import Records
import Scene
import Store
import TestSupport
import Testing
import WorkerSupport

@testable import API

/// `/6/streams/probe`.
struct ProbeRouteTests {
    private static let answerKeys: Set = [
        "status", "stage", "error", "advice", "time_to_open", "observed", "source", "picture", "cost",
    ]
    private static let analytics = AnalyticCatalogue(
        entries: TestServer.analytics.entries + [Presence.entry()], abilities: Abilities(findsFaces: true))
    private static let body: JSONValue = [
        "data": ["type": "videofile", "reference": "film.mp4"], "analytics": [["analytic_name": "presence"]],
    ]

    private static func prober(_ folder: PatternFolder) throws -> SourceProber {
        try folder.ffmpeg([
            "-f", "lavfi", "-i", "color=c=white:s=320x240:r=25:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p",
            "film.mp4",
        ])
        var configuration = MediaConfiguration()
        configuration.mediaRoots = [folder.url]
        configuration.openDeadline = .seconds(60)
        let workshop = Workshop(
            opener: TestWorkers.opener(configuration), models: Sights(people: [Sights.body(100, 30)]),
            catalogue: analytics)
        return SourceProber(workshop: workshop, time: .seconds(60))
    }
    /// How dark the darkest place of a picture is.
    private static func darkest(_ answer: JSONValue, _ folder: PatternFolder) throws -> UInt8 {
        let picture = try #require(answer["picture"]?.string.flatMap { Data(base64Encoded: $0) })
        try picture.write(to: folder.url.appending(path: "picture.jpg"))
        return try #require(
            try folder.ffmpeg(["-i", "picture.jpg", "-vf", "format=gray", "-f", "rawvideo", "-"]).min())
    }

    @Test func aSourceIsToldWithEachField() async throws {
        let folder = try PatternFolder()
        try await withServer(prober: Self.prober(folder), analytics: Self.analytics) { server in
            let reply = try await server.send("POST", "/6/streams/probe", Self.body)
            #expect(reply.status == 200 && reply.headers["connection"] == "close")
            let answer = try reply.json
            #expect(Set(try #require(answer.object).keys) == Self.answerKeys)
            #expect(answer["status"] == "opened" && answer["error"] == .null && answer["advice"] == .null)
            let source = try #require(answer["source"]), video = try #require(source["video"])
            #expect(
                Set(try #require(source.object).keys) == [
                    "container", "transport", "segments", "duration", "video", "timestamps", "audio", "data",
                ])
            #expect(
                Set(try #require(video.object).keys) == [
                    "codec", "profile", "size", "stored_size", "pixel_aspect_ratio", "rotation", "mirrored",
                    "frame_rate", "bit_rate", "keyframes", "packets", "frames_decoded", "damaged",
                ])
            #expect(video["codec"] == "h264" && video["packets"] == 25 && video["frames_decoded"] == 25)
            #expect(source["timestamps"]?["kind"] == "relative")
            #expect((answer["cost"]?["total"]?.double ?? 0) > 0 && answer["cost"]?["looks_per_second"]?.double == 25)
            #expect(try Self.darkest(answer, folder) > 200)
        }
    }

    @Test func whatCannotBeOpenedIsAnAnswer() async throws {
        let folder = try PatternFolder()
        try await withServer(prober: Self.prober(folder), analytics: Self.analytics) { server in
            let reply = try await server.send(
                "POST", "/6/streams/probe", ["data": ["type": "videofile", "reference": "gone.mp4"]])
            #expect(reply.status == 200)
            let answer = try reply.json
            #expect(answer["status"] == "failed" && answer["stage"] == "address" && answer["source"] == .null)
            #expect(answer["error"]?.string?.contains("no such file") == true)
            #expect(answer["advice"]?.string?.isEmpty == false && answer["cost"] == .null)
        }
    }

    @Test func aStreamIsTriedByItsId() async throws {
        let folder = try PatternFolder()
        try await withServer(prober: Self.prober(folder), analytics: Self.analytics) { server in
            func stream(_ privacy: Privacy?, of account: Account) async throws -> String {
                try await server.store.createStream(
                    StreamSpecification(
                        source: SourceSpecification(kind: .file, reference: "film.mp4"),
                        analytics: [AnalyticChoice(name: "presence")], privacy: privacy), account: account.id
                ).id.wire
            }
            let plain = try await stream(nil, of: server.user)
            let answer = try await server.send("POST", "/6/streams/probe", ["stream_id": .string(plain)]).json
            #expect(answer["status"] == "opened")
            #expect(try Self.darkest(answer, folder) > 200)
            // What its stream hides is hidden here.
            let hiding = try await stream(Privacy(.people, by: .mask), of: server.user)
            let covered = try await server.send("POST", "/6/streams/probe", ["stream_id": .string(hiding)]).json
            #expect(try Self.darkest(covered, folder) < 50)
            let withheld = try await stream(Privacy(.countsOnly), of: server.user)
            let none = try await server.send("POST", "/6/streams/probe", ["stream_id": .string(withheld)]).json
            #expect(none["status"] == "opened" && none["picture"] == .null && none["cost"] != .null)
            // Nor is anything said of what belongs to somebody else, be it an administrator who asks.
            let foreign = try await stream(nil, of: server.stranger)
            for account in [server.user, server.admin] {
                try await server.send(
                    "POST", "/6/streams/probe", ["stream_id": .string(foreign)], headers: TestServer.basic(account)
                ).expectError(404, 44001, "Object not found", "Stream with id '\(foreign)' not found")
            }
        }
    }

    /// What is registered is shown to whoever may see it; what is not shows only what the caller brings.
    @Test func aTokenMustAlsoSeeTheStream() async throws {
        let folder = try PatternFolder()
        try await withServer(prober: Self.prober(folder), analytics: Self.analytics) { server in
            let stream = try await server.store.createStream(
                StreamSpecification(
                    source: SourceSpecification(kind: .file, reference: "film.mp4"),
                    analytics: [AnalyticChoice(name: "presence")]), account: server.user.id
            ).id.wire
            func ask(_ rights: [String], _ body: JSONValue) async throws -> Reply {
                let token = try await server.identity.createToken(
                    TokenSpecification(permissions: TokenPermissions(["video_stream": rights])), account: server.user.id
                )
                return try await server.send(
                    "POST", "/6/streams/probe", body, headers: ["Authorization": "Bearer \(token.jwt)"])
            }
            let byID: JSONValue = ["stream_id": .string(stream)]
            #expect(try await ask(["creation"], Self.body).status == 200)
            #expect(try await ask(["creation"], byID).json["error_code"] == 11059)
            #expect(try await ask(["creation", "view"], byID).status == 200)
        }
    }

    @Test func anAddressIsTriedUnderThePrivacyThatIsSaid() async throws {
        let folder = try PatternFolder()
        try await withServer(prober: Self.prober(folder), analytics: Self.analytics) { server in
            guard var body = Self.body.object else { return }
            body["privacy"] = ["mode": "people", "method": "mask"]
            let answer = try await server.send("POST", "/6/streams/probe", .object(body)).json
            #expect(try Self.darkest(answer, folder) < 50)
        }
    }

    @Test(
        arguments: [
            ([:], "data"), (["stream_id": "1"], "stream_id"),
            (["stream_id": "6f5e0f5c-0000-4000-8000-000000000000", "data": [:]], "data"),
            (["stream_id": "6f5e0f5c-0000-4000-8000-000000000000", "privacy": .null], "privacy"),
            (["data": ["type": "videofile"]], "data.reference"),
            (["data": ["type": "film", "reference": "a"]], "data.type"),
            (["data": ["type": "stream", "reference": "rtsp://admin:a#b@10.0.0.5/1"]], "data.reference"),
            (["data": ["type": "videofile", "reference": "a"], "analytics": []], "analytics"),
            (
                ["data": ["type": "videofile", "reference": "a"], "analytics": [["analytic_name": "none"]]],
                "analytics.0.analytic_name"
            ),
            (["data": ["type": "videofile", "reference": "a"], "name": "x"], "name"),
            (["data": ["type": "videofile", "reference": "a"], "privacy": ["mode": "all"]], "privacy.mode"),
        ] as [(JSONValue, String)])
    func whatIsNoneIsRefusedAsForAStream(body: JSONValue, path: String) async throws {
        try await withServer(analytics: Self.analytics) { server in
            let reply = try await server.send("POST", "/6/streams/probe", body)
            #expect(reply.status == 400)
            let answer = try reply.json
            #expect(
                answer["error_code"] == 12022 && answer["detail"]?.string?.contains("'\(path)'") == true, "\(answer)")
        }
    }

    /// The first four sources are open and show one picture, until whoever asked has gone.
    @Test func threeAtOnceAreEnoughForAnAccount() async throws {
        let opened = Counter()
        let opener = SyntheticOpener { rates in
            opened.increment()
            return SyntheticSource(count: 1, rates: rates, waitsAtEnd: opened.value <= 4)
        }
        let workshop = Workshop(opener: opener, models: Sights(), catalogue: Self.analytics)
        let prober = SourceProber(workshop: workshop, time: .seconds(600))
        try await withServer(prober: prober, analytics: Self.analytics) { server in
            let waiting = (0..<3).map { _ in
                Task { try await server.send("POST", "/6/streams/probe", Self.body) }
            }
            while opened.value < 3 { try await Task.sleep(for: .milliseconds(10)) }
            let reply = try await server.send("POST", "/6/streams/probe", Self.body)
            try reply.expectError(
                503, 37001, "Internal server error", "The account tries all 3 sources that it may try at once")
            #expect(reply.headers["retry-after"] == "3")
            // Another account has places of its own.
            let other = Task {
                try await server.send(
                    "POST", "/6/streams/probe", Self.body, headers: TestServer.basic(server.stranger))
            }
            while opened.value < 4 { try await Task.sleep(for: .milliseconds(10)) }
            // Who leaves gives the place back.
            for task in waiting + [other] { task.cancel() }
            for task in waiting + [other] { _ = try? await task.value }
            var next = try await server.send("POST", "/6/streams/probe", Self.body)
            while next.status == 503 {
                try await Task.sleep(for: .milliseconds(10))
                next = try await server.send("POST", "/6/streams/probe", Self.body)
            }
            #expect(next.status == 200 && opened.value == 5)
        }
    }
}
