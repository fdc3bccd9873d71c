import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import Scene
import Store
import Testing

@testable import Housekeeping

struct ObjectSweepTests {
    private let noon = TemporaryStore.noon

    private func keep(
        _ fixture: TemporaryStore, bytes: Int = 10, lifetime: Lifetime? = nil, at time: Date
    ) async throws -> UUID {
        let upload = fixture.store.upload()
        try await upload.append([UInt8](repeating: 1, count: bytes))
        return try await fixture.store.keep(
            upload,
            as: ObjectDraft(
                accountID: fixture.account.id, kind: .object, contentType: "text/plain", lifetime: lifetime), at: time
        ).id
    }

    @Test func whatHasExpiredGoesWithoutAnySetting() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        for days in [1, 7, -1] { _ = try await keep(fixture, lifetime: Lifetime(days: days), at: noon) }
        let sweep = Sweep.objects(of: fixture.store, ObjectRetentionConfiguration())
        #expect(try await sweep.run(noon.addingTimeInterval(86_399)) == 0)
        #expect(try await sweep.run(noon.addingTimeInterval(86_401)) == 1)
        #expect(try await sweep.run(noon.addingTimeInterval(4000 * 86_400)) == 1)
        #expect(try await fixture.store.objectTotals().count == 1)
    }

    @Test func theOldestGoByAgeNumberAndSize() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        for hour in 0..<100 { _ = try await keep(fixture, at: noon.addingTimeInterval(Double(hour) * 3600)) }
        var configuration = ObjectRetentionConfiguration()
        func run() async throws -> Int {
            try await Sweep.objects(of: fixture.store, configuration).run(noon.addingTimeInterval(100 * 3600))
        }
        #expect(try await run() == 0)
        configuration.days = 4
        #expect(try await run() == 4)
        configuration.count = 90
        #expect(try await run() == 6)
        configuration.bytes = 505
        #expect(try await run() == 40)
        let left = try await fixture.store.objectTotals()
        #expect(left.count == 50 && left.bytes == 500)
    }

    @Test func whatAKilledProcessHasLeftGoesByItself() async throws {
        let directory = TemporaryDirectory()
        let fixture = try await TemporaryStore(in: directory, .sqlite)
        try await fixture.store.claimObjects()
        let id = try await keep(fixture, at: noon).uuidString.lowercased()
        // A copy of its folder is what a process leaves that is killed now.
        let copy = TemporaryDirectory()
        try FileManager.default.copyItem(at: directory.url, to: copy.url)
        try FileManager.default.copyItem(
            at: directory.url.appendingPathExtension("key"), to: copy.url.appendingPathExtension("key"))
        let orphan = "\(UUID().uuidString.lowercased())"
        let folder = copy.url.appending(path: "objects/\(orphan.prefix(2))/\(orphan.dropFirst(2).prefix(2))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data([1]).write(to: folder.appending(path: orphan))
        let store = try Store(directory: copy.url)
        #expect(try await Sweep.orphans(of: store).run(.now) == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: orphan).path))
        let kept = copy.url.appending(path: "objects/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))/\(id)")
        #expect(FileManager.default.fileExists(atPath: kept.path))
        #expect(try await Sweep.orphans(of: store).run(.now) == 0)
    }
}
