import Foundation
import Testing
import Tools

struct OutputFilesTests {
    private static func clash(_ input: String, _ outputs: [(String, String?)]) -> String? {
        do { try OutputFiles.check(input, outputs.map { (option: $0.0, path: $0.1) }) } catch { return "\(error)" }
        return nil
    }

    /// By whatever path it is named.
    @Test func noOutputIsTheInputOrAnother() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "outputs-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        try Data("video".utf8).write(to: folder.appending(path: "in.mp4"))
        try FileManager.default.createSymbolicLink(atPath: path("soft.mp4"), withDestinationPath: path("in.mp4"))
        try FileManager.default.linkItem(atPath: path("in.mp4"), toPath: path("hard.mp4"))
        for name in ["in.mp4", "soft.mp4", "hard.mp4", "./in.mp4", "../\(folder.lastPathComponent)/in.mp4"] {
            #expect(
                Self.clash(path("in.mp4"), [("--events", nil), ("--annotate", path(name))])
                    == "--annotate would write over the input: \(path(name)).")
        }
        #expect(
            Self.clash(path("in.mp4"), [("--events", path("out")), ("--why", path("./out"))])
                == "--why would write over --events: \(path("./out")).")
        #expect(Self.clash(path("in.mp4"), [("--events", path("a")), ("--why", path("b")), ("--mot", nil)]) == nil)
        #expect(Self.clash("rtsp://127.0.0.1/a", [("--events", path("a"))]) == nil)
        // What keeps nothing may be named as often as one likes.
        #expect(Self.clash(path("in.mp4"), [("--events", "/dev/null"), ("--why", "/dev/null")]) == nil)
    }
}
