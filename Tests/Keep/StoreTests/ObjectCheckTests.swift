import Foundation
import KeepSupport
import ObjectStore
import Records
import SQL
import Testing

@testable import Store

/// What a process leaves that was killed in the midst of storing or deleting, and what its successor makes of it.
@Suite(.onEachBackend) struct ObjectCheckTests {
    private let unwell: UnwellStore
    private var database: FlakyDatabase { unwell.database }
    private var account: UUID { unwell.fixture.account.id }
    private var directory: TemporaryDirectory { unwell.directory }

    init() async throws { unwell = try await UnwellStore() }

    /// A process that has begun.
    private func process() async throws -> Store {
        database.become(.well)
        let store = try unwell.process()
        try await store.claimObjects()
        return store
    }
    private func rows() async throws -> Set<UUID> {
        Set(try await unwell.fixture.store.read { try $0.rows("SELECT id FROM object", []) { $0[0] as UUID } })
    }
    private func expectBothSidesAlike() async throws { #expect(try await rows() == directory.objectFiles()) }

    @Test func afterACleanStopNothingIsLookedThrough() async throws {
        let store = try await process()
        let object = try await store.keep([1], .object, for: account)
        store.tree.close()
        let next = try await process()
        // A file that no row names, and a row without its file: nobody looks.
        try await next.tree.keep([1], as: UUID())
        await next.tree.remove([object.id])
        #expect(try await next.mendObjects() == 0)
    }

    /// Storing writes the database once, and deleting does.
    @Test(arguments: [FlakyDatabase.Condition.gone, .deaf])
    func cutOffAtTheDatabaseBothSidesAreAlikeAfterwards(condition: FlakyDatabase.Condition) async throws {
        let store = try await process()
        let kept = try await store.keep([1], .object, for: account)
        let old = try await store.keep([1], .object, for: account)
        database.become(condition)
        await #expect(throws: StoreError.self) { try await store.keep([2], .object, for: account) }
        await #expect(throws: StoreError.self) {
            try await store.deleteObject(id: old.id, kind: .object, account: account)
        }
        // The process dies here; or it goes on, and looks by itself.
        for next in [store, try await process()] {
            database.become(.well)
            _ = try await next.mendObjects()
            try await expectBothSidesAlike()
            #expect(try await rows().contains(kept.id))
            #expect(try await next.mendObjects() == 0)
        }
    }

    @Test func cutOffBetweenFileAndRowBothSidesAreAlikeAfterwards() async throws {
        let store = try await process()
        let kept = try await store.keep([1], .object, for: account),
            lost = try await store.keep([2], .object, for: account)
        let gone = try await store.keep([3], .object, for: account)
        // Storing: the file has its name, and no row yet.
        try await store.tree.keep([1], as: UUID())
        let upload = store.upload()
        try await upload.append([4])
        // Deleting: the row is gone, and the file not yet.
        _ = try await store.write { try $0.removeObjects(where: "id = ?", [gone.id]) }
        // The disk has lost a file.
        await store.tree.remove([lost.id])
        let next = try await process()
        #expect(try await next.mendObjects() == 3)
        #expect(try await rows() == [kept.id])
        try await expectBothSidesAlike()
        #expect(unwell.reports.list == [.objectsMended(files: 2, rows: 1)])
        #expect(try await next.objectTotals() == ObjectTotals(count: 1, bytes: 1))
    }

    @Test func whatIsBeingStoredMeanwhileStays() async throws {
        let first = try await process()
        for _ in 0..<20 { try await first.tree.keep([1], as: UUID()) }
        let store = try await process()
        let ids = try await withThrowingTaskGroup(of: UUID?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    _ = try await store.mendObjects()
                    return nil
                }
            }
            for _ in 0..<100 {
                group.addTask { try await store.keep([1], .object, for: account).id }
                store.tree.doubt()
            }
            return try await group.reduce(into: Set<UUID>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(try await rows() == ids)
        _ = try await store.mendObjects()
        #expect(try await rows() == ids)
        try await expectBothSidesAlike()
    }

    @Test func anotherDatabasesFilesStay() async throws {
        let store = try await process()
        let object = try await store.keep([1], .object, for: account)
        let other = try await TemporaryStore()
        let stranger = try directory.store(on: other.store.database) { [reports = unwell.reports] in reports.add($0) }
        #expect(try await !stranger.claimObjects())
        #expect(try await stranger.mendObjects() == 0)
        #expect(unwell.reports.list.contains(.objectsOfAnother(isMarked: true)))
        #expect(try directory.objectFiles() == [object.id])
    }

    /// A folder that is another than it was, such as one of a disk that is not mounted.
    @Test func withoutAnyFileTheRowsStay() async throws {
        let store = try await process()
        let object = try await store.keep([1], .object, for: account)
        try FileManager.default.removeItem(at: directory.url.appending(path: Store.objectsName))
        let next = try await process()
        next.tree.doubt()
        #expect(try await next.mendObjects() == 0)
        #expect(unwell.reports.list.contains(.objectsOfAnother(isMarked: false)))
        #expect(try await rows() == [object.id])
        // Whoever says that this is all there is has it so.
        try Data().write(to: directory.url.appending(path: "\(Store.objectsName)/mark"))
        #expect(try await next.mendObjects() == 1)
        #expect(try await rows().isEmpty)
    }
}
