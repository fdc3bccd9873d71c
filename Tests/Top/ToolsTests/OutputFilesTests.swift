import Foundation
import Testing
import Tools

struct OutputFilesTests {
    private static func clash(_ inputs: String..., outputs: [(String, String?)]) -> String? {
        do { try OutputFiles.check(inputs, outputs.map { (option: $0.0, path: $0.1) }) } catch { return "\(error)" }
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
                Self.clash(path("in.mp4"), outputs: [("--events", nil), ("--annotate", path(name))])
                    == "--annotate would write over the input: \(path(name)).")
        }
        #expect(
            Self.clash(path("in.mp4"), outputs: [("--events", path("out")), ("--why", path("./out"))])
                == "--why would write over --events: \(path("./out")).")
        #expect(
            Self.clash(path("in.mp4"), outputs: [("--events", path("a")), ("--why", path("b")), ("--mot", nil)]) == nil)
        #expect(Self.clash("rtsp://127.0.0.1/a", outputs: [("--events", path("a"))]) == nil)
        // What keeps nothing may be named as often as one likes.
        #expect(Self.clash(path("in.mp4"), outputs: [("--events", "/dev/null"), ("--why", "/dev/null")]) == nil)
    }
    @Test func eachOfSeveralInputsIsOne() {
        #expect(
            Self.clash("/nowhere", "/nowhere/a.png", "/nowhere/b.png", outputs: [("--detections", "/nowhere/b.png")])
                == "--detections would write over the input: /nowhere/b.png.")
    }

    /// Both would make the file that is not there yet.
    @Test func aLinkToWhatIsNotThereIsWhereItLeads() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "outputs-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "inner"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let links = [
            ("near", "gone"), ("far", path("gone")), ("twice", "near"), ("inner/up", "../gone"), ("round", "round"),
            ("folder", "inner"),
        ]
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
        }
        for name in ["near", "far", "twice", "inner/up", "folder/up", "folder/../gone"] {
            #expect(
                Self.clash(path("in.mp4"), outputs: [("--events", path("gone")), ("--why", path(name))])
                    == "--why would write over --events: \(path(name)).")
        }
        #expect(
            Self.clash(path("in.mp4"), outputs: [("--events", path("inner/a")), ("--why", path("folder/a"))]) != nil)
        #expect(
            Self.clash(path("in.mp4"), outputs: [("--events", path("near")), ("--why", path("round"))]) == nil)
    }
}
