import Foundation
import JSON
import Testing

/// `sightline probe`, as a user runs it, with the real detector.
struct ProbeTests {
    @Test func aFilmIsToldInLinesAndAsJSON() async throws {
        let clip = try await Footage.shared.clip()
        let outcome = try await Program.run("sightline", ["probe", clip.path])
        #expect(outcome.status == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        for name in ["container", "video", "frame rate", "key frames", "time stamps", "cost", "opened in"] {
            #expect(lines.contains { $0.hasPrefix(name) }, "\(name): \(outcome.output)")
        }
        let json = try await Program.run("sightline", ["probe", clip.path, "--json"])
        #expect(json.status == 0, "\(json.error)")
        let answer = try JSONValue(parsing: Data(json.output.utf8))
        #expect(answer["status"] == "opened" && answer["source"]?["transport"] == "file")
        #expect((answer["cost"]?["analyse"]?.double ?? 0) > 0 && (answer["cost"]?["decode"]?.double ?? 0) > 0)
        let picture = try #require(answer["picture"]?.string.flatMap { Data(base64Encoded: $0) })
        #expect(picture.starts(with: [0xff, 0xd8]))
    }

    @Test func whatCannotBeUsedEndsWithOneAndAdvice() async throws {
        let outcome = try await Program.run("sightline", ["probe", "/nowhere/film.mp4"])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("failed at") && outcome.output.contains("advice"), "\(outcome.output)")
        let wrong = try await Program.run("sightline", ["probe", "rtsp://admin:a#b@10.0.0.5/1"])
        #expect(wrong.status == 2 && wrong.error.contains("%23") && !wrong.error.contains("a#b"))
    }
}
