import Addresses
import Analytics
import CameraSupport
import Foundation
import Frames
import JSON
import Media
import Pipeline
import Records
import Scene
import TestSupport
import Testing

@testable import Probing

struct SourceProberTests {
    private static let somebody = ScriptedFinder { _ in
        [Detection(box: BoundingBox(minX: 100, minY: 60, maxX: 160, maxY: 200), confidence: 0.9)]
    }

    @Test func aFilmIsToldWithAPictureAndItsCost() async throws {
        let folder = try ProbedFolder()
        try folder.film()
        // Looks at one frame in ten, for a millisecond at least.
        let finder = ScriptedFinder { _ in
            Thread.sleep(forTimeInterval: 0.001)
            return []
        }
        let prober = folder.prober(finder: finder, analytics: [Presence.entry(rate: .frames(10))])
        let report = try await prober.probe(ProbedFolder.wish("film.mp4"))
        #expect(report.failure == nil)
        #expect(report.properties?.facts?.seen.keyframeDistance == 25 && report.statistics.framesDecoded == 125)
        let picture = try folder.brightness(of: try #require(report.picture))
        #expect(picture(10, 10) > 230 && picture(130, 130) > 230)
        let cost = try #require(report.cost)
        #expect(abs(cost.looksPerSecond - 2.5) < 0.01 && cost.decoding > 0)
        #expect(cost.looking >= 0.25, "2.5 looks a second of a millisecond are a quarter per cent")

        let answer = report.json
        #expect(answer["status"] == "opened" && answer["stage"] == .null && answer["error"] == .null)
        let video = answer["source"]?["video"]
        #expect(video?["codec"] == "h264" && video?["size"] == ["width": 320, "height": 240])
        #expect(video?["frame_rate"]?["told"]?.double == 25 && video?["frame_rate"]?["seen"]?.double == 25)
        #expect(video?["keyframes"] == ["count": 5, "distance_frames": 25, "distance": .number(1)])
        #expect(answer["source"]?["transport"] == "file" && answer["source"]?["audio"] == [])
    }

    /// Sixty frames a second are looked at by whom wants each, and by whom wants two a second.
    @Test func looksAreReckonedAtTheSourcesOwnRate() async throws {
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 1, rates: $0) }, models: Models(Self.somebody),
            catalogue: AnalyticCatalogue(entries: [
                Presence.entry(name: "all"), Presence.entry(name: "few", rate: .seconds(0.5)),
            ]))
        let all = try await workshop.prepare([AnalyticChoice(name: "few"), AnalyticChoice(name: "all")])
        let few = try await workshop.prepare([AnalyticChoice(name: "few")])
        #expect(abs(all.looksPerSecond(at: 60) - 60) < 0.01 && abs(few.looksPerSecond(at: 60) - 2) < 0.05)
        #expect(few.looksPerSecond(at: 0) == 0)
    }

    @Test func whoIsHiddenInTheStreamIsHiddenInThePicture() async throws {
        let folder = try ProbedFolder()
        try folder.film()
        let prober = folder.prober(finder: Self.somebody)
        for privacy in [nil, Privacy(.people, by: .mask)] {
            let report = try await prober.probe(ProbedFolder.wish("film.mp4", privacy: privacy))
            let picture = try folder.brightness(of: try #require(report.picture))
            #expect(privacy == nil ? picture(130, 130) > 230 : picture(130, 130) < 30)
            #expect(picture(10, 10) > 230)
        }
        let nothing = try await prober.probe(ProbedFolder.wish("film.mp4", privacy: Privacy(.countsOnly)))
        #expect(nothing.failure == nil && nothing.picture == nil && nothing.json["picture"] == .null)
        #expect(nothing.cost != nil)
    }

    @Test func itEndsWhenItsTimeIsOver() async throws {
        let folder = try ProbedFolder()
        let camera = try Self.camera(folder)
        defer { camera.stop() }
        let prober = folder.prober(time: .seconds(5)) { $0.network.allowsLoopback = true }
        let report = try await prober.probe(ProbedFolder.wish(camera.address, kind: .stream))
        #expect(report.failure == nil && report.picture != nil && report.observed >= 5)
        #expect(report.json["source"]?["transport"] == "tcp")
        #expect((report.properties?.facts?.seen.packets ?? 0) > 0)
    }

    /// The camera says what it has, and sends nothing of it.
    @Test func aSilentCameraFails() async throws {
        let folder = try ProbedFolder()
        let camera = try Self.camera(folder, silentAfter: 0)
        defer { camera.stop() }
        let prober = folder.prober {
            $0.network.allowsLoopback = true
            $0.openDeadline = .seconds(2)
        }
        let report = try await prober.probe(ProbedFolder.wish(camera.address, kind: .stream))
        let failure = try #require(report.failure)
        #expect(failure.stage == .connect && failure.error.contains("2 s"), "\(failure)")
        #expect(report.json["status"] == "failed" && report.picture == nil)
    }
    private static func camera(_ folder: ProbedFolder, silentAfter: Int? = nil) throws -> RTSPCamera {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=4 -c:v libx264 -pix_fmt yuv420p -g 25 -bf 0 film.h264")
        let bytes = Array(try Data(contentsOf: folder.url.appending(path: "film.h264")))
        var script = RTSPCamera.Script(film: try #require(H264Film(annexB: bytes)))
        script.silentAfter = silentAfter
        return RTSPCamera(script)
    }

    @Test func whatCannotBeUsedIsToldWithTheStageAndWhatToTry() async throws {
        let folder = try ProbedFolder()
        try Data("no video at all".utf8).write(to: folder.url.appending(path: "text.mp4"))
        try folder.ffmpeg("-f lavfi -i sine=d=1 sound.m4a")
        let refusing = RTSPCamera(RTSPCamera.Script())
        refusing.stop()
        let locked = Self.camera(answering: "401 Unauthorized"), empty = Self.camera(answering: "404 Not Found")
        defer {
            locked.stop()
            empty.stop()
        }
        let prober = folder.prober { $0.network.allowsLoopback = true }
        let strict = folder.prober()
        for (reference, stage, isAllowed) in [
            ("gopher://10.0.0.5/1", .address, true), ("nothing.mp4", .address, true), ("/etc/hostname", .address, true),
            ("rtsp://no-such-host.invalid/1", .lookup, true), ("rtsp://127.0.0.1/1", .rules, false),
            (refusing.address, .connect, true), (locked.address, .login, true), (empty.address, .find, true),
            ("text.mp4", .recognise, true), ("sound.m4a", .recognise, true),
        ] as [(String, ProbeFailure.Stage, Bool)] {
            let kind: SourceSpecification.Kind = reference.contains("://") ? .stream : .file
            let report = try await (isAllowed ? prober : strict).probe(ProbedFolder.wish(reference, kind: kind))
            let failure = try #require(report.failure, "\(reference)")
            #expect(failure.stage == stage, "\(reference): \(failure)")
            #expect(!failure.error.isEmpty && failure.advice.hasSuffix("."))
            #expect(report.properties == nil && report.cost == nil && report.picture == nil)
            #expect(report.json["status"] == "failed" && report.json["stage"] == .string(stage.rawValue))
            #expect(report.json["source"] == .null)
        }
    }
    private static func camera(answering status: String) -> RTSPCamera {
        var script = RTSPCamera.Script()
        script.answer = { request in
            guard request.hasPrefix("DESCRIBE") else { return nil }
            let sequence = request.split(separator: "\r\n").first { $0.hasPrefix("CSeq:") } ?? "CSeq: 1"
            return "RTSP/1.0 \(status)\r\n\(sequence)\r\nContent-Length: 0\r\n\r\n"
        }
        return RTSPCamera(script)
    }

    @Test func framesThatCannotBeLookedAtAreTheAnalysissFailure() async throws {
        let folder = try ProbedFolder()
        try folder.film()
        let prober = folder.prober(finder: ScriptedFinder { _ in throw SyntheticFailure("broken", isTransient: false) })
        let report = try await prober.probe(ProbedFolder.wish("film.mp4"))
        #expect(report.failure?.stage == .analyse && report.failure?.error.contains("broken") == true)
        #expect(report.properties?.facts != nil && report.cost == nil)
    }

    @Test func whoeverLeavesEndsIt() async throws {
        let folder = try ProbedFolder()
        let camera = try Self.camera(folder, silentAfter: 0)
        defer { camera.stop() }
        let prober = folder.prober(time: .seconds(600)) { $0.network.allowsLoopback = true }
        let work = Task { try await prober.probe(ProbedFolder.wish(camera.address, kind: .stream)) }
        while camera.accepted == 0 { try await Task.sleep(for: .milliseconds(10)) }
        work.cancel()
        await #expect(throws: CancellationError.self) { _ = try await work.value }
    }

    // MARK: The table

    /// Advice where FFmpeg's words alone say too little.
    @Test(
        arguments: [
            (-111, false, "nothing listens"), (-113, false, "no way to the host"), (-110, false, "in time"),
            (-104, false, "ended the connection"), (-5, true, "TLS"), (-1_094_995_529, false, "something else"),
        ] as [(Int32, Bool, String)])
    func eachWayNotToConnectHasItsAdvice(status: Int32, isEncrypted: Bool, word: String) {
        let failure = ProbeFailure(
            MediaError.cannotOpen(FFmpegStatus(rawValue: status)),
            of: "\(isEncrypted ? "rtsps" : "rtsp")://camera.example/1")
        #expect(failure.stage == .connect && failure.advice.contains(word), "\(failure)")
    }

    @Test func whatPassesByItselfIsOtherThanWhatTheSourceIs() {
        #expect(ProbeFailure(MediaError.stalled(after: .seconds(2)), of: "rtsp://a/1").stage == .receive)
        #expect(ProbeFailure(MediaError.nothingDecoded(packets: 9), of: "rtsp://a/1").stage == .decode)
        #expect(
            ProbeFailure(PipelineError.invalidRectangle(analytic: "a", frame: "1×1"), of: "rtsp://a/1").stage
                == .analyse)
        #expect(ProbeFailure(without: SourceStatistics(), after: .seconds(3)).advice.contains("sends nothing"))
        var some = SourceStatistics()
        some.packetsRead = 9
        #expect(ProbeFailure(without: some, after: .seconds(3)).advice.contains("key frame"))
    }

    @Test func noPasswordIsTold() {
        let failure = ProbeFailure(.address, "rtsp://admin:hidden@10.0.0.5/1 is bad", "Try.")
        #expect(!failure.error.contains("hidden"))
    }
}
