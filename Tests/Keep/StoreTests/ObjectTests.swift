import Foundation
import KeepSupport
import ObjectStore
import Records
import SQL
import Scene
import Testing

@testable import Store

@Suite(.onEachBackend) struct ObjectTests {
    private let fixture: TemporaryStore
    private let directory = TemporaryDirectory()
    private let noon = TemporaryStore.noon
    private var account: UUID { fixture.account.id }

    init() async throws {
        fixture = try await TemporaryStore()
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
    }
    private func store(_ change: (inout ObjectConfiguration) -> Void = { _ in }) throws -> Store {
        var objects = ObjectConfiguration()
        change(&objects)
        return try directory.store(on: fixture.store.database, objects: objects)
    }

    @Test func whatIsKeptIsGivenBackToItsAccountAlone() async throws {
        let store = try store(), bytes = [UInt8](0...255)
        let upload = store.upload()
        for part in [bytes.prefix(100), bytes.suffix(156)] { try await upload.append(Array(part)) }
        let object = try await store.keep(
            upload,
            as: ObjectDraft(
                accountID: account, kind: .image, contentType: "image/png", meta: ["Gate": "north"],
                lifetime: Lifetime(days: 7)), at: noon)
        let found = try #require(try await store.object(id: object.id, kind: .image, account: account, at: noon))
        #expect(found == object && found.meta == ["Gate": "north"] && found.size == 256)
        #expect(found.expiry == noon.addingTimeInterval(7 * 86_400))
        #expect(try await store.bytes(0..<256, of: found) == bytes)
        #expect(try await store.bytes(10..<12, of: found) == [10, 11])
        #expect(try await store.object(id: object.id, kind: .image, account: nil, at: noon) == object)
        #expect(try await store.object(id: object.id, kind: .object, account: account, at: noon) == nil)
        #expect(try await store.object(id: object.id, kind: .image, account: UUID(), at: noon) == nil)
        #expect(try await store.object(id: object.id, kind: .image, account: account, at: found.expiry!) == nil)
        #expect(try await !store.deleteObject(id: object.id, kind: .image, account: UUID(), at: noon))
        #expect(try await store.deleteObject(id: object.id, kind: .image, account: account, at: noon))
        #expect(try await store.bytes(0..<256, of: found) == nil)
        #expect(try await store.objectTotals() == ObjectTotals(count: 0, bytes: 0))
    }

    @Test func withoutALifetimeOfItsOwnItHasThatOfItsBucket() async throws {
        let store = try store {
            $0.images = Lifetime(days: 30)!
            $0.bodySamples = Lifetime(days: 1)!
        }
        var days: [StoredObject.Kind: Double] = [:]
        for kind in StoredObject.Kind.allCases {
            let object = try await store.keep([1], kind, for: account, at: noon)
            days[kind] = object.expiry.map { $0.timeIntervalSince(noon) / 86_400 }
        }
        #expect(days == [.image: 30, .bodySample: 1])
        let kept = try await store.keep([1], .image, for: account, lifetime: .forever, at: noon)
        #expect(kept.expiry == nil)
    }

    @Test func anAccountHasNoMoreBytesThanItsQuota() async throws {
        let store = try store { $0.accountQuota = 1000 }
        let other = try await fixture.createAccount("two@example.org")
        let first = try await store.keep([UInt8](repeating: 1, count: 600), .object, for: account, at: noon)
        await #expect(throws: StoreError.quotaExceeded(limit: 1000)) {
            try await store.keep([UInt8](repeating: 1, count: 401), .object, for: account, at: noon)
        }
        await #expect(throws: StoreError.quotaExceeded(limit: 1000)) {
            try await store.checkRoom(for: 401, of: account)
        }
        try await store.checkRoom(for: 400, of: account)
        _ = try await store.keep([UInt8](repeating: 1, count: 1000), .object, for: other.id, at: noon)
        _ = try await store.keep([UInt8](repeating: 1, count: 400), .image, for: account, at: noon)
        #expect(try await store.objectTotals() == ObjectTotals(count: 3, bytes: 2000))
        #expect(try directory.objectFiles().count == 3)  // of what was refused nothing is left
        #expect(try await store.deleteObject(id: first.id, kind: .object, account: account, at: noon))
        try await store.checkRoom(for: 600, of: account)
    }

    @Test func whenTheReserveIsTouchedNothingIsTaken() async throws {
        let room = DiskRoom(DiskReserveConfiguration(bytes: 10), measure: { DiskRoom.Space(free: 9, size: 100) })
        let store = try directory.store(on: fixture.store.database, room: room)
        await #expect(throws: StoreError.noRoomForObjects) { try await store.checkRoom(for: 1, of: account) }
    }

    @Test func whatHasExpiredGoes() async throws {
        let store = try store()
        for days in [1, 1, 7, -1] {
            _ = try await store.keep([1, 2], .object, for: account, lifetime: Lifetime(days: days), at: noon)
        }
        #expect(try await store.deleteExpiredObjects(at: noon.addingTimeInterval(86_399)) == 0)
        #expect(try await store.deleteExpiredObjects(at: noon.addingTimeInterval(86_400)) == 2)
        #expect(try directory.objectFiles().count == 2)
        #expect(try await store.deleteExpiredObjects(at: noon.addingTimeInterval(400 * 86_400)) == 1)
        #expect(try await store.objectTotals() == ObjectTotals(count: 1, bytes: 2))
    }

    @Test func theOldestGoWhenThereAreTooManyOrTooOldOrTooLarge() async throws {
        let store = try store()
        var ids: [UUID] = []
        for second in 0..<450 {
            ids.append(
                try await store.keep([1, 2, 3], .object, for: account, at: noon.addingTimeInterval(Double(second))).id)
        }
        func left() async throws -> [UUID] {
            try await store.read { try $0.rows("SELECT id FROM object ORDER BY sequence", []) { $0[0] as UUID } }
        }
        #expect(try await store.deleteObjects(before: noon.addingTimeInterval(10)) == 10)
        #expect(try await left() == Array(ids[10...]))
        #expect(try await store.deleteObjects(beyondCount: 40) == 400)
        #expect(try await left() == Array(ids[410...]))
        #expect(try await store.deleteObjects(beyondBytes: 100) == 7)
        #expect(try await left() == Array(ids[417...]))
        #expect(try await store.deleteObjects(beyondBytes: 99) == 0)
        #expect(try directory.objectFiles() == Set(ids[417...]))
        #expect(try await store.objectTotals() == ObjectTotals(count: 33, bytes: 99))
    }
}

extension Store {
    /// Bytes that are at hand, as an object.
    func keep(
        _ bytes: [UInt8], _ kind: StoredObject.Kind, for account: UUID, lifetime: Lifetime? = nil,
        at now: Date = TemporaryStore.noon
    ) async throws -> StoredObject {
        let upload = upload()
        try await upload.append(bytes)
        return try await keep(
            upload,
            as: ObjectDraft(accountID: account, kind: kind, contentType: "image/jpeg", lifetime: lifetime), at: now)
    }
}
extension TemporaryDirectory {
    /// Ids of the files that lie in the tree of this directory's stores, those on their way in included.
    func objectFiles() throws -> Set<UUID> {
        let folder = url.appending(path: Store.objectsName).path
        return Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap {
                UUID(uuidString: ($0 as NSString).lastPathComponent)
            })
    }
}
