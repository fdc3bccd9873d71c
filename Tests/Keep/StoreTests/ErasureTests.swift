import Foundation
import KeepSupport
import Records
import SQL
import Synchronization
import Testing

@testable import Store

/// What is deleted of faces is in no file any more, however it is deleted.
struct ErasureTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let account: UUID
    init() async throws {
        fixture = try await TemporaryStore(.sqlite)
        (store, account) = (fixture.store, fixture.account.id)
    }

    /// All that the files of the data directory hold.
    private func contents() throws -> Data {
        let files = try #require(
            FileManager.default.enumerator(at: fixture.directory.url, includingPropertiesForKeys: nil))
        var contents = Data(count: 8)
        for case let file as URL in files where !file.hasDirectoryPath {
            contents += try Data(contentsOf: file)
        }
        #expect(contents.range(of: Data("SQLite format 3".utf8)) != nil)
        return contents
    }
    /// The numbers of those of which a part is there, by eight bytes out of each 64.
    private func found(_ descriptors: [Descriptor]) throws -> Set<Int> {
        var numbers: [UInt64: Int] = [:]
        for (number, descriptor) in descriptors.enumerated() {
            descriptor.bytes.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: 64) {
                    numbers[bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)] = number
                }
            }
        }
        return try contents().withUnsafeBytes { contents in
            var found: Set<Int> = []
            for offset in 0...contents.count - 8 {
                if let number = numbers[contents.loadUnaligned(fromByteOffset: offset, as: UInt64.self)] {
                    found.insert(number)
                }
            }
            return found
        }
    }
    private func isAnywhere(_ descriptor: Descriptor) throws -> Bool { try !found([descriptor]).isEmpty }
    private func face(_ descriptor: Descriptor, on lists: [UUID] = [], at now: Date = .now) async throws -> UUID {
        try await store.createFace(on: lists, .features(.example(descriptor)), account: account, at: now).id
    }

    @Test func aFaceThatIsDeletedIsInNoFile() async throws {
        let gone = Descriptor.random(), kept = Descriptor.random()
        let ids = [try await face(gone), try await face(kept)]
        #expect(try isAnywhere(gone) && isAnywhere(kept))
        try await store.deleteFaces([ids[0]], account: account)
        #expect(try !isAnywhere(gone) && isAnywhere(kept))
    }

    /// Rows lie on pages, which are divided and joined while others come and go: SQLite overwrites what is deleted, but not always the copy that
    /// a row has left behind on the page that it was moved from.
    @Test func ofManyThatComeAndGoNoneIsLeft() async throws {
        var there: [(id: UUID, descriptor: Descriptor)] = [], gone: [Descriptor] = []
        var random = SeededGenerator(seed: 7)
        for round in 0..<12 {
            for _ in 0..<25 {
                let descriptor = Descriptor.random()
                there.append((try await face(descriptor), descriptor))
            }
            for _ in 0..<(round == 11 ? there.count : 20) {
                let index = Int.random(in: there.indices, using: &random)
                let (id, descriptor) = there.remove(at: index)
                if round % 3 == 0 {
                    #expect(try await store.setFeatures(.features(.example(nil)), ofFace: id, account: account))
                } else {
                    try await store.deleteFaces([id], account: account)
                }
                gone.append(descriptor)
            }
            #expect(try found(gone) == [], "round \(round)")
            #expect(try found(there.map(\.descriptor)).count == there.count)
        }
        #expect(gone.count == 300)
        // Their places are used again.
        let places = try await store.database.read { try $0.value("SELECT count(*) FROM descriptor", []) ?? 0 as Int }
        #expect(places < 100)
    }

    @Test func soIsWhateverElseTakesADescriptorAway() async throws {
        let descriptors = (0..<7).map { _ in Descriptor.random() }, noon = TemporaryStore.noon
        let replaced = try await face(descriptors[0]), removed = try await face(descriptors[1])
        let list = try await store.createList(account: account)
        _ = try await face(descriptors[2], on: [list.id])
        let week = try await store.createList(faceDays: 7, account: account)
        _ = try await face(descriptors[3], on: [week.id], at: noon)
        let attribute = try await store.createAttribute(.example(descriptors[4]), account: account)
        _ = try await store.createAttribute(.example(descriptors[5]), account: account, at: noon)
        for descriptor in descriptors.dropLast() { #expect(try isAnywhere(descriptor)) }

        #expect(try await store.setFeatures(.features(.example()), ofFace: replaced, account: account))
        #expect(try !isAnywhere(descriptors[0]))
        #expect(try await store.deleteFeatures(ofFace: removed, account: account))
        #expect(try !isAnywhere(descriptors[1]))
        #expect(try await store.deleteListsWithFaces([list.id], account: account) == 1)
        #expect(try !isAnywhere(descriptors[2]))
        #expect(try await store.releaseFaces() == 1)
        #expect(try !isAnywhere(descriptors[3]))
        #expect(try await store.deleteAttribute(id: attribute.id, account: account))
        #expect(try !isAnywhere(descriptors[4]))
        #expect(try await store.deleteExpiredAttributes(at: noon.addingTimeInterval(301)) == 1)
        #expect(try !isAnywhere(descriptors[5]))

        let other = try await fixture.createAccount("two@example.org")
        _ = try await store.createFace(.init(), .features(.example(descriptors[6])), account: other.id)
        #expect(try isAnywhere(descriptors[6]))
        #expect(try await store.deleteAccount(login: other.login) != nil)
        #expect(try !isAnywhere(descriptors[6]))
    }

    @Test func anEventTakesWhatSomebodyLooksLikeWithIt() async throws {
        let (gone, kept) = (Descriptor.random(), Descriptor.random())
        for (descriptor, time) in [(gone, TemporaryStore.noon), (kept, TemporaryStore.noon + 60)] {
            let event = RawEvent(
                accountID: account, handlerID: BuiltInHandler.id(of: account), begin: time, end: time, members: [:],
                descriptor: descriptor)
            try await store.save(event, at: time)
        }
        #expect(try isAnywhere(gone) && isAnywhere(kept))
        #expect(try await store.deleteEvents(before: TemporaryStore.noon + 1) == 1)
        #expect(try !isAnywhere(gone) && isAnywhere(kept))
        #expect(try await store.deleteEvents(beyond: 0) == 1)
        #expect(try !isAnywhere(kept))
    }

    @Test func whatSomebodyElsesReadingHoldsBackGoesWithASweepAfterIt() async throws {
        let directory = TemporaryDirectory(), database = FlakyDatabase(fixture.store.database)
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        let store = try directory.store(on: database)
        #expect(try await store.eraseWhatIsLeft() == 1)
        let descriptors = [Descriptor.random(), Descriptor.random(), Descriptor.random()]
        var ids: [UUID] = []
        for descriptor in descriptors { ids.append(try await face(descriptor)) }
        database.become(.read)
        for id in ids.dropLast() { try await store.deleteFaces([id], account: account) }
        // They are deleted all the same, and nobody tries again and again.
        #expect(try await store.faceCount(Filter()) == 1)
        #expect(database.folds.load(ordering: .relaxed) == 2)
        #expect(try isAnywhere(descriptors[0]))
        await #expect(throws: StoreError.self) { try await store.eraseWhatIsLeft() }
        database.become(.well)
        #expect(try await store.eraseWhatIsLeft() == 1)
        for descriptor in descriptors.dropLast() { #expect(try !isAnywhere(descriptor)) }
        try await store.deleteFaces([ids[2]], account: account)
        #expect(try !isAnywhere(descriptors[2]))
    }

    @Test func whatAKilledProcessHasLeftInTheLogGoesWithTheNextSweep() async throws {
        let descriptor = Descriptor.random(), id = try await face(descriptor)
        // The row is removed, and the process dies before the log is folded in.
        try await store.write { _ = try $0.execute("DELETE FROM face WHERE id = ?", [id]) }
        #expect(try isAnywhere(descriptor))
        #expect(try await store.eraseWhatIsLeft() == 1)
        #expect(try !isAnywhere(descriptor))
        #expect(try await store.eraseWhatIsLeft() == 0)
    }
}
