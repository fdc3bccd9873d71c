import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// A stream's store whose database and disk can be made unwell, and what is reported of them.
struct UnwellStore {
    let fixture: TemporaryStore
    let stream: StreamDefinition
    let database: FlakyDatabase
    let directory = TemporaryDirectory()
    let reports = Reports()

    init() async throws {
        fixture = try await TemporaryStore()
        stream = try await fixture.createStream().definition
        database = FlakyDatabase(fixture.store.database)
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
    }
    /// A store as a process would have it, on the same spool.
    /// - Parameter other: instead of the flaky database.
    func process(on other: (any Database)? = nil, limits: EventSpool.Limits = .init()) throws -> Store {
        try directory.store(on: other ?? database, limits: limits) { [reports] in reports.add($0) }
    }
    /// The same, with files of its own.
    func process(objects change: (inout ObjectConfiguration) -> Void) async throws -> Store {
        var objects = ObjectConfiguration()
        change(&objects)
        let store = try directory.store(on: database, objects: objects)
        try await store.claimObjects()
        return store
    }
    /// Records an event of the stream as it is now.
    /// - Parameter told: whether somebody is told of it.
    func record(_ store: Store, _ event: Event, _ change: EventUpdate.Change, told: Bool = false) async throws {
        var update = event.update(change)
        update.isReported = told
        try await store.record([update], deliveries: [], of: stream, at: TemporaryStore.noon)
    }
    /// What is in the database.
    func records() async throws -> [EventRecord] { try await fixture.store.events(account: fixture.account.id) }
    var file: URL { directory.url.appending(path: "events.spool") }
}
