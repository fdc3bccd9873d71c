import DecodeWorker
import Foundation
import Media
import TestSupport
import Testing
import WorkerSupport

@testable import Archives

/// What archives hold, read in a process of its own as the daemon does, and in this one.
struct ArchiveTests {
    /// What came of each file: its bytes as text, or why not; and how it ended.
    private static func read(
        _ bytes: [UInt8], isolation: MediaConfiguration.Isolation = .none, limits: ArchiveLimits = ArchiveLimits()
    ) async throws -> (files: [String], error: ArchiveError?) {
        let place = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID())").path
        try Data(bytes).write(to: URL(filePath: place))
        defer { try? FileManager.default.removeItem(atPath: place) }
        var configuration = MediaConfiguration()
        configuration.isolation = isolation
        let opener = TestWorkers.opener(configuration).archives
        var files: [String] = []
        do {
            let source = try opener.open(place, try #require(ArchiveForm(bytes)), limits: limits)
            while let piece = try await source.next() {
                switch piece {
                case .file(let file): files.append("\(file.name): \(file.refusal ?? "")")
                case .bytes(let bytes): files[files.count - 1] += String(decoding: bytes, as: UTF8.self)
                case .damage(let reason):
                    #expect(!reason.isEmpty)
                    files[files.count - 1] += "|damaged"
                }
            }
            return (files, nil)
        } catch let error as ArchiveError { return (files, error) }
    }
    private static func file(_ name: String, _ content: String = "x") -> ZIPFile.Entry {
        ZIPFile.Entry(name, Array(content.utf8))
    }

    @Test(.timeLimit(.minutes(30)), arguments: [MediaConfiguration.Isolation.worker, .none])
    func filesComeInTheirOrder(isolation: MediaConfiguration.Isolation) async throws {
        // Of more pieces than one.
        let long = (0..<30_000).map(String.init).joined()
        var deflated = Self.file("b.txt", long)
        deflated.isDeflated = true
        let zip = ZIPFile([Self.file("a.txt", "first"), Self.file("empty", ""), deflated]).bytes
        let found = try await Self.read(zip, isolation: isolation)
        #expect(found.files == ["a.txt: first", "empty: ", "b.txt: " + long] && found.error == nil)
        let sevenZip = try #require(
            Data(
                base64Encoded:
                    "N3q8ryccAAMCX41vdAAAAAAAAAAgAAAAAAAAAAno2j0AMxpKrAx1iDm7gBY/0g5R//6bGAAAAIEzB64Pz0tvjAfIQ4CDgVv/rHbPeD8OahwBsRDpktbxCqmRDQJkY6k4SyOotDwlg9/aJl7SZ6aT9CpeCdjdVeHqkvFo6ppFVHfIwZlq8k+rd49vTutq3///3YAAABcGFQEJXwAHCwEAASMDAQEFXQAAgAAMZAoBQ6gH8wAA"
            ))
        #expect(
            try await Self.read(Array(sevenZip), isolation: isolation).files == [
                "a.txt: first", "folder/b.txt: Files must be on the root level of the archive",
            ])
    }

    @Test(.timeLimit(.minutes(30)), arguments: [MediaConfiguration.Isolation.worker, .none])
    func namesAreUTF8OrOfTheOldCodePage(isolation: MediaConfiguration.Isolation) async throws {
        let zip = ZIPFile([
            Self.file("Tür 数.txt"), ZIPFile.Entry(bytes: Array("Rīga".utf8), [0x78]),
            ZIPFile.Entry(bytes: [0x54, 0x81, 0x72], [0x78]), Self.file("./c"),
        ]).bytes
        #expect(
            try await Self.read(zip, isolation: isolation).files == ["Tür 数.txt: x", "Rīga: x", "Tür: x", "c: x"])
    }

    /// What is one character to a person may be many scalars.
    @Test func namesAreTakenApartByScalars() {
        let mark = "\u{301}"
        #expect(ArchiveName("../\(mark)x.jpg").refusal == "Names with .. are not supported")
        #expect(ArchiveName("..\\\(mark)x.jpg").refusal == "Names with .. are not supported")
        #expect(ArchiveName("/\(mark)x.jpg").refusal == "Absolute names are not supported")
        #expect(ArchiveName("a/\(mark)x.jpg").refusal == "Files must be on the root level of the archive")
        #expect(ArchiveName(".\(mark)x.jpg").isLeftOut)
        // A mark of two bytes.
        let long = ArchiveName("e" + String(repeating: mark, count: 100_000))
        #expect(long.refusal == "The name has more than 255 bytes")
        #expect(long.text == "e" + String(repeating: mark, count: 29) + "…")
        #expect("aé".beginning(bytes: 2) == "a" && "aé".beginning(bytes: 3) == "aé")
    }

    @Test(.timeLimit(.minutes(30))) func whatIsNoFileAtTheRootIsRefusedByItself() async throws {
        var link = Self.file("link", "/etc/passwd")
        link.mode = 0o120777
        var folder = Self.file("folder/", "")
        folder.mode = 0o040755
        var damaged = Self.file("damaged")
        damaged.isDamaged = true
        let secret = ZIPFile.Entry("secret", Array("0123456789abcdef".utf8), flags: 1 << 11 | 1)
        let zip = ZIPFile([
            folder, Self.file("folder/a"), Self.file("folder\\b"), Self.file("/etc/passwd"), Self.file("C:\\a"),
            Self.file("../../a"), Self.file("__MACOSX/._a"), Self.file(".DS_Store"), link, damaged, secret,
            Self.file("a\u{1}b"), Self.file(String(repeating: "n", count: 256)), Self.file("good"),
        ]).bytes
        let found = try await Self.read(zip)
        let root = "Files must be on the root level of the archive", absolute = "Absolute names are not supported"
        #expect(
            found.files == [
                "folder/a: \(root)", "folder/b: \(root)", "/etc/passwd: \(absolute)", "C:/a: \(absolute)",
                "../../a: Names with .. are not supported", "link: Links and what else is no file are not supported",
                "damaged: |damaged", "secret: The file is encrypted",
                "a?b: Names with control characters are not supported",
                "\(String(repeating: "n", count: 60))…: The name has more than 255 bytes", "good: x",
            ])
        #expect(found.error == nil)
    }

    @Test(.timeLimit(.minutes(30))) func anArchiveThatHoldsTooMuchIsRefusedWhole() async throws {
        let zeros = ZIPFile.Entry("zeros", [UInt8](repeating: 0, count: 4 << 20), isDeflated: true)
        let bomb = ZIPFile([Self.file("a"), zeros]).bytes
        #expect(
            try await Self.read(bomb).error == .refused("The archive holds more than 200 times the bytes that it has"))
        var limits = ArchiveLimits()
        (limits.ratio, limits.bytes) = (100_000, 1 << 20)
        #expect(
            try await Self.read(bomb, limits: limits).error == .refused("The archive holds more than 1048576 bytes"))
        // So does what nobody reads.
        for name in ["folder/zeros", ".zeros", "__MACOSX/zeros"] {
            let unread = ZIPFile([Self.file("a"), ZIPFile.Entry(name, zeros.content, isDeflated: true)]).bytes
            let found = try await Self.read(unread)
            #expect(found.error == .refused("The archive holds more than 200 times the bytes that it has"))
            #expect(found.files == ["a: x"])
            #expect(
                try await Self.read(unread, limits: limits).error
                    == .refused("The archive holds more than 1048576 bytes"))
        }
        // Folders and what is left out count, too.
        let many = ZIPFile((0...10_000).map { _ in Self.file(".a", "") }).bytes
        #expect(try await Self.read(many).error == .refused("The archive has more than 10000 entries"))
        let most = ZIPFile((0..<10_000).map { _ in Self.file(".a", "") }).bytes
        #expect(try await Self.read(most).error == nil)
    }

    /// Whole pieces come of one that is cut off, and then the reason; nothing else happens wherever it is cut or changed.
    @Test(.timeLimit(.minutes(30))) func whatIsCutOffOrChangedHarmsNobody() async throws {
        let zip = ZIPFile([Self.file("a", "first"), ZIPFile.Entry("b", [UInt8](0...255), isDeflated: true)]).bytes
        let cut = try await Self.read(Array(zip.prefix(60)))
        #expect(cut.files.first == "a: first" && cut.error != nil)
        for length in stride(from: 4, to: zip.count, by: 7) { _ = try await Self.read(Array(zip.prefix(length))) }
        for place in 4..<zip.count {
            var changed = zip
            changed[place] ^= 0xff
            _ = try await Self.read(changed)
        }
    }

    @Test(.timeLimit(.minutes(30))) func anArchiveThatCrashesItsReaderIsToldAndTheNextIsRead() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID())").path
        try Data(ZIPFile([Self.file("a")]).bytes).write(to: URL(filePath: place))
        defer { try? FileManager.default.removeItem(atPath: place) }
        var opener = TestWorkers.opener(MediaConfiguration(), trap: WorkerTrap(.crash, at: -1)).archives
        for (deed, death) in [(WorkerTrap.Deed.crash, SIGSEGV), (.execute, SIGSYS)] {
            opener.trap = WorkerTrap(deed, at: -1)
            let source = try opener.open(place, .zip)
            await #expect(throws: WorkerFailure.died(.signal(death), times: 1)) { try await source.next() }
        }
        opener.trap = nil
        let source = try opener.open(place, .zip)
        #expect(try await source.next() == .file(ArchivedFile(name: "a")))
        #expect(try await source.next() == .bytes([0x78]))
        #expect(try await source.next() == nil)
    }
}
