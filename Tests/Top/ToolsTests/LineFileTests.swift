import Foundation
import Testing

@testable import Tools

struct LineFileTests {
    /// As root, `--events /dev/null` would otherwise leave the machine without that device.
    @Test func whatIsThereStaysWhatItIs() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (target, link) = (folder.appending(path: "target"), folder.appending(path: "link"))
        try Data("much more than what comes".utf8).write(to: target)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
        for _ in 0..<2 {
            let file = try LineFile(path: link.path)
            try file.write("line")
            try file.close()
            #expect(try String(contentsOf: target, encoding: .utf8) == "line\n")
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == target.path)
    }

    @Test func aPlaceThatCannotBeWrittenToIsNamed() {
        #expect(throws: (any Error).self) { try LineFile(path: "/nowhere/lines") }
    }
    @Test func aFullDiskIsSaidWithTheFile() throws {
        let file = try LineFile(path: "/dev/full")
        try file.write("line")
        let error = #expect(throws: (any Error).self) { try file.close() }
        #expect(error.map { "\($0)" } == "The file /dev/full cannot be written: the disk is full.")
    }
}
