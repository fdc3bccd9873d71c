import Foundation
import KeepSupport
import Testing

@testable import ObjectStore

struct ObjectTreeTests {
    private let directory = TemporaryDirectory()
    private var folder: URL { directory.url.appending(path: "objects") }
    private func tree() throws -> ObjectTree {
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        return try ObjectTree(folder)
    }
    private func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
            UUID(uuidString: ($0 as NSString).lastPathComponent) != nil
        }
    }

    @Test func bytesAreAFileOfTheirIDBelowTwoFolders() async throws {
        let tree = try tree(), id = UUID(), name = id.uuidString.lowercased()
        let upload = tree.upload()
        for part in [[UInt8](0..<100), [UInt8](100..<200)] { try await upload.append(part) }
        #expect(upload.size == 200)
        #expect(try await upload.bytes() == [UInt8](0..<200))
        #expect(try files().map { $0.hasPrefix("incoming/") } == [true])
        try await tree.keep(upload, as: id)
        #expect(try files() == ["\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"])
        #expect(try await tree.read(0..<200, of: id) == [UInt8](0..<200))
        #expect(try await tree.read(150..<160, of: id) == [UInt8](150..<160))
        #expect(await tree.remove([id, UUID()]) == 1)
        await #expect(throws: ObjectFileError.gone) { try await tree.read(0..<1, of: id) }
    }

    @Test func nothingIsAFileToo() async throws {
        let tree = try tree(), id = UUID()
        try await tree.keep(tree.upload(), as: id)
        #expect(try await tree.size(of: id) == 0)
        #expect(try await tree.read(0..<0, of: id) == [])
    }

    @Test func severalAtOnceAreFilesAndOneThatCannotBeCostsTheOthersNothing() async throws {
        let tree = try tree(), first = UUID()
        var second = UUID().uuid
        (second.0, second.1) = (first.uuid.0, first.uuid.1)
        var other = UUID().uuid
        other.0 = first.uuid.0 &+ 1
        let (beside, elsewhere) = (UUID(uuid: second), UUID(uuid: other))
        // What ought to be a folder is none.
        try Data().write(to: folder.appending(path: String(elsewhere.uuidString.lowercased().prefix(2))))
        let kept = await tree.keep([(first, [1]), (elsewhere, [2]), (beside, [3, 4])])
        #expect(kept == [first, beside])
        #expect(try await tree.read(0..<9, of: first) == [1])
        #expect(try await tree.read(0..<9, of: beside) == [3, 4])
        #expect(try files().count == 2, "nothing is left on the way")
        #expect(await tree.keep([]).isEmpty)
    }

    @Test func whatWasNotKeptGoesWithItsUploadOrWithTheNextOpening() async throws {
        let tree = try tree()
        do {
            let upload = tree.upload()
            try await upload.append([1])
        }
        #expect(try files().isEmpty)
        let upload = tree.upload()
        try await upload.append([1])
        #expect(try files().count == 1)
        _ = try self.tree()
        #expect(try files().isEmpty)
    }

    @Test func onlyAProcessThatDidNotCloseItLeavesItInDoubt() async throws {
        let first = try tree()
        #expect(!first.isDoubtful)
        first.close()
        let second = try tree()
        #expect(!second.isDoubtful)
        let third = try tree()
        #expect(third.isDoubtful)
        third.close()  // what was not looked through stays in doubt
        let fourth = try tree()
        #expect(fourth.isDoubtful)
        fourth.trust()
        fourth.close()
        #expect(try !tree().isDoubtful)
    }

    @Test func aWalkFindsEveryFileOnce() async throws {
        let tree = try tree(), ids = (0..<300).map { _ in UUID() }
        for id in ids { try await tree.keep([1], as: id) }
        var found: [UUID] = [], position: ObjectTree.Position?
        repeat {
            let (portion, next) = try await tree.walk(from: position, limit: 70)
            found += portion
            position = next
        } while position != nil
        #expect(found.count == 300 && Set(found) == Set(ids))
    }

    @Test func anotherDatabasesFilesAreKnownByTheirMark() async throws {
        let tree = try tree()
        #expect(try tree.owner("one", isUsed: false) == .own)
        #expect(try tree.owner("one", isUsed: true) == .own)
        #expect(try tree.owner("two", isUsed: false) == .another)
        try FileManager.default.removeItem(at: folder.appending(path: "mark"))
        #expect(try tree.owner("two", isUsed: true) == .unmarked)  // a folder that is not the one it should be
        try await tree.keep([1], as: UUID())
        #expect(try tree.owner("two", isUsed: false) == .unmarked)
        try Data().write(to: folder.appending(path: "mark"))
        #expect(try tree.owner("two", isUsed: true) == .own)
    }

    @Test func whoeverHoldsAFileTwiceLetsGoOfItTwice() throws {
        let tree = try tree(), id = UUID(), other = UUID()
        tree.hold([id])
        tree.hold([id])
        tree.letGo([id])
        #expect(tree.unheld(of: [id, other]) == [other])
        tree.letGo([id])
        #expect(tree.unheld(of: [id, other]) == [id, other])
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskKeepsNothing() async throws {
        let disk = try SmallDisk(megabytes: 1)
        let tree = try ObjectTree(disk.url.appending(path: "objects"))
        let upload = tree.upload()
        try await upload.append([1, 2, 3])
        disk.fill()
        await #expect(throws: ObjectFileError.noRoom) { try await upload.append([UInt8](repeating: 1, count: 1 << 20)) }
        disk.empty()
        try await tree.keep([1, 2, 3], as: UUID())
    }
}
