import Foundation
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// Files of the data directory that are deleted, replaced or looked into.
@Suite(.timeLimit(.minutes(30))) struct LostFileTests {
    private let directory = TemporaryDirectory(), reports = Reports()

    private func file(_ name: String) -> URL { directory.url.appending(path: name) }
    private func open() throws -> Store { try Store(directory: directory.url) { [reports] in reports.add($0) } }
    private static func account(_ login: String, in store: Store) async throws -> Account {
        let account = Account(
            id: UUID(), login: login, kind: .user, description: "of \(login)", createTime: TemporaryStore.noon,
            lastUpdateTime: TemporaryStore.noon)
        try await store.insert(account, passwordHash: "none")
        return account
    }
    /// Names of the files that hold `bytes`.
    private func files(with bytes: Data) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.url.path).filter {
            try file($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory != true
                && Data(contentsOf: file($0)).range(of: bytes) != nil
        }
    }

    @Test(arguments: [(Store.fileName, false), (Store.fileName + "-wal", false), (Store.fileName, true)])
    func aFileThatIsGoneOrAnotherTakesNothing(name: String, isReplaced: Bool) async throws {
        let store = try open(), account = try await Self.account("one@example.org", in: store)
        let stream = try await store.createStream(TemporaryStore.specification(), account: account.id).definition
        let events = (0..<2).map { Event.crowd(from: Double($0), to: Double($0) + 0.5) }
        try await store.record([events[0]], of: stream)
        try await store.check()

        try FileManager.default.moveItem(at: file(name), to: file("aside"))
        if isReplaced { try FileManager.default.copyItem(at: file("aside"), to: file(name)) }
        await #expect {
            try await store.check()
        } throws: {
            "\($0)" == "the database does not answer: its file was replaced or deleted"
        }
        let gone = StoreError.unavailable(reason: "the file of the database was replaced or deleted")
        await #expect(throws: gone) { try await Self.account("two@example.org", in: store) }
        try await store.record([events[1]], of: stream)
        #expect(store.spooledEventWrites == 2 && store.eventWritesInMemory == 0)
        #expect(reports.list.contains(.began(reason: "the file of the database was replaced or deleted")))
        await #expect {
            try await store.check()
        } throws: {
            "\($0)" == "2 writes of events wait for the database: its file was replaced or deleted"
        }

        if isReplaced { try FileManager.default.removeItem(at: file(name)) }
        try FileManager.default.moveItem(at: file("aside"), to: file(name))
        try await store.settle()
        #expect(try await store.events(account: account.id).map(\.event.id) == events.flatMap { [$0.id, $0.id] })
        try await store.check()
        try await store.close()
    }

    @Test func nothingOfADeletedAccountIsLeftInAnyFile() async throws {
        let canary = "canary@example.org", store = try open()
        let account = try await Self.account(canary, in: store)
        _ = try await store.createStream(TemporaryStore.specification(name: canary), account: account.id)
        #expect(try !files(with: Data(canary.utf8)).isEmpty)
        #expect(try await store.deleteAccount(login: canary) != nil)
        #expect(try files(with: Data(canary.utf8)) == [])
        try await store.close()
    }

    @Test func nothingThatTheFormerKeySealedIsLeftInAnyFile() async throws {
        let store = try open(), account = try await Self.account("one@example.org", in: store)
        let stream = try await store.createStream(TemporaryStore.specification(), account: account.id)
        let sealed: [UInt8] = try #require(
            try await store.read { try $0.value("SELECT reference FROM stream WHERE id = ?", [stream.id]) })
        #expect(try !files(with: Data(sealed)).isEmpty)
        try await store.rotateKey(in: .beside(directory.url), to: nil)
        #expect(try files(with: Data(sealed)) == [])
        try await store.close()
    }

    @Test func whatIsTooLittleReadsAsTooLittle() {
        let trouble = StoreTrouble(kind: .reserveTouched(room: (6 << 20) - 1, reserve: 6 << 20), detail: "")
        #expect(
            trouble.description
                == "the disk has 5.9 MiB free and 6.0 MiB are to stay free: events are stored without pictures")
    }
}
