import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// What is secret lies sealed, wherever it lies.
@Suite(.onEachBackend) struct SealingTests {
    private static let canary = "canary-6b1f"
    private static let reference = "rtsp://admin:\(canary)@10.0.0.5/1"
    private static func callback() throws -> Callback {
        try Callback(
            JSONReader([
                "type": "http", "url": .string("http://hook.example/?token=\(canary)"),
                "params": ["headers": ["X-Api-Key": .string(canary)]],
            ]))
    }
    /// A stream, a token and a delivery, with the canary wherever it may be.
    private static func fill(_ fixture: TemporaryStore) async throws -> RegisteredStream {
        var specification = TemporaryStore.specification(reference: reference)
        specification.source.authorization = SourceAuthorization(login: "admin", password: canary)
        specification.analytics = [
            AnalyticChoice(name: "people_count", parameters: ["callbacks": [try callback().wire]])
        ]
        let stream = try await fixture.createStream(specification)
        try await fixture.store.insert(
            Token(
                id: UUID(), accountID: fixture.account.id,
                specification: TokenSpecification(
                    description: "", expirationTime: nil, visibility: .account, permissions: TokenPermissions()),
                jwt: canary, createTime: TemporaryStore.noon, lastUpdateTime: TemporaryStore.noon))
        _ = try await fixture.store.secret("token key", length: 32)
        let crowd = Event.crowd(from: 1, to: 2)
        try await fixture.store.record(
            [crowd.update(.opened)], deliveries: [Delivery(eventID: crowd.id, callback: try callback())],
            of: stream.definition)
        return stream
    }
    /// Everything in the tables with secrets, as text; bytes as they are on SQLite, and in hexadecimal on PostgreSQL.
    private static func contents(_ store: Store) async throws -> String {
        try await store.read { connection in
            var text = ""
            for (table, column) in [
                ("stream", "reference"), ("stream", "analytics"), ("stream", "credentials"), ("token", "jwt"),
                ("lane", "callback"),
                ("secret", "value"),
            ] {
                let values: [[UInt8]] = try connection.rows("SELECT \(column) FROM \(table)", []) { $0[0] }
                text += values.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
            }
            return text
        }
    }

    @Test func nothingSecretCanBeReadInTheTables() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await Self.fill(fixture)
        let contents = try await Self.contents(fixture.store)
        #expect(contents.count > 400 && !contents.contains(Self.canary) && !contents.contains("10.0.0.5"))
        #expect(try await fixture.store.stream(id: stream.id, account: nil) == stream)
        #expect(try await fixture.store.tokens(Filter()).map(\.jwt) == [Self.canary])
        guard Backend.current == .sqlite else { return }
        for file in try FileManager.default.contentsOfDirectory(
            at: fixture.directory.url, includingPropertiesForKeys: nil)
        where !file.hasDirectoryPath {
            #expect(try Data(contentsOf: file).range(of: Data(Self.canary.utf8)) == nil, "\(file.lastPathComponent)")
        }
    }

    @Test func nothingSecretCanBeReadInTheSpool() async throws {
        let fixture = try await TemporaryStore(), directory = TemporaryDirectory()
        let stream = try await fixture.createStream().definition
        let database = FlakyDatabase(fixture.store.database)
        database.become(.gone)
        let crowd = Event.crowd(from: 1, to: 2)
        let store = try directory.store(on: database)
        try await store.record(
            [crowd.update(.opened)], deliveries: [Delivery(eventID: crowd.id, callback: try Self.callback())],
            of: stream)
        let spool = try String(contentsOf: directory.url.appending(path: "events.spool"), encoding: .utf8)
        #expect(spool.contains(crowd.id.wire) && !spool.contains(Self.canary) && !spool.contains("hook.example"))
    }
    /// As daemons before have left it.
    @Test func aReportThatWaitedUnsealedIsSealedOnItsWay() throws {
        let vault = try Vault.inMemory(), event = UUID(), stream = UUID()
        let line: JSONValue = [
            "stream": .string(stream.wire), "account": .string(stream.wire), "time": 1, "changes": [],
            "due": [[.string(event.wire), .string(try Self.callback().wire.text)]],
        ]
        let due = try #require(try EventBatch(line: Array(line.data), vault: vault).deliveries.first)
        #expect(due.eventID == event)
        #expect(try vault.openText(due.lane.callback, at: .callback(ofLane: due.lane.id)) == Self.callback().wire.text)
    }

    @Test func aReferenceIsFoundByItsHash() async throws {
        let fixture = try await TemporaryStore()
        let stream = try await Self.fill(fixture)
        _ = try await fixture.createStream()
        func found(_ reference: String) async throws -> [UUID] {
            var filter = Filter<RegisteredStream>(accountID: fixture.account.id)
            filter.require(.reference, [.text(reference)])
            #expect(try await fixture.store.streamCount(filter) == fixture.store.streams(filter).count)
            return try await fixture.store.streams(filter).map(\.id)
        }
        #expect(try await found(Self.reference) == [stream.id])
        #expect(try await found("rtsp://admin:***@10.0.0.5/1") == [])
        _ = try await fixture.store.replaceStream(
            id: stream.id, TemporaryStore.specification(reference: "rtsp://other/"), account: fixture.account.id)
        #expect(try await found(Self.reference) == [])
        #expect(try await found("rtsp://other/") == [stream.id])
    }

    // MARK: The key

    @Test func aDatabaseOpensUnderItsOwnKeyAlone() async throws {
        let directory = TemporaryDirectory(), choice = try Backend.current.database(), key = SealingKey.random()
        try await Store(directory: directory.url, database: choice, keys: .given(key)).close()
        let file = directory.url.appendingPathExtension("key")
        for wrong in [KeySource.given(.random()), .file(file)] {
            #expect {
                try Store(directory: directory.url, database: choice, keys: wrong)
            } throws: { error in
                guard case OpeningError.unusableKey(let reason) = error else { return false }
                return reason.contains("sealed under the key \(key.name)") && !reason.contains(key.text)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: file.path))  // no new key is made for what it could not open
        try await Store(directory: directory.url, database: choice, keys: .given(key)).close()
    }

    /// Whether the call is cut off before the database has changed, or after.
    @Test(arguments: [nil, false, true])
    func anotherKeyTakesOverWithoutLosingASecret(isChangedWhenCutOff: Bool?) async throws {
        let directory = TemporaryDirectory(), database = try Backend.current.database()
        let (stream, tokenKey) = try await Self.onFilledStore(directory, database)
        let source = KeySource.beside(directory.url), old = try source.keys()[0]
        func open(_ body: (Store) async throws -> Void) async throws {
            let store = try Store(directory: directory.url, database: database)
            try await body(store)
            try await store.close()
        }
        if let isChangedWhenCutOff {
            let new = SealingKey.random()
            try source.write([new, old])
            if isChangedWhenCutOff { try await open { try await $0.changeKey(to: new) } }
            // Whoever starts the daemon in between finds everything.
            try await open { store in
                #expect(store.keyName == (isChangedWhenCutOff ? new : old).name)
                let found = try await store.stream(id: stream.id, account: nil)
                #expect(found == stream)
            }
        }
        try await open { store in
            try await store.rotateKey(in: source, to: nil)
            #expect(try source.keys().map(\.name) == [store.keyName])
            #expect(store.keyName != old.name)
        }

        try await open { after in
            #expect(try await after.stream(id: stream.id, account: nil) == stream)
            #expect(try await after.tokens(Filter()).map(\.jwt) == [Self.canary])
            #expect(try await after.secret("token key", length: 32) == tokenKey)
            var filter = Filter<RegisteredStream>()
            filter.require(.reference, [.text(Self.reference)])
            #expect(try await after.streams(filter).map(\.id) == [stream.id])
            let lane = try #require(try await after.dueLanes(at: .distantFuture).first)
            let letter = try await after.nextLetter(of: lane.id)
            let callback = try Self.callback()
            #expect(letter?.callback == callback)
            // What comes later is due behind it.
            let now = Lane(callback.wire.text, of: stream.id, vault: after.vault)
            #expect(lane.id == now.id && lane.receiver == now.receiver)
        }
        #expect(throws: OpeningError.self) {
            try Store(directory: directory.url, database: database, keys: .given(old))
        }
    }
    /// A store that is filled, closed and let go of.
    private static func onFilledStore(
        _ directory: TemporaryDirectory, _ database: DatabaseChoice
    ) async throws -> (RegisteredStream, Data) {
        let fixture = try await TemporaryStore(in: directory, database)
        let stream = try await fill(fixture)
        let key = try await fixture.store.secret("token key", length: 32)
        try await fixture.store.close()
        return (stream, key)
    }
}
