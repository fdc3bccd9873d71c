import Foundation
import Logging
import Records
import Scene
import Store
import Testing

@testable import Housekeeping

struct LogRetentionTests {
    private static let noon = Date(timeIntervalSince1970: 1_715_418_701)

    @Test(
        arguments: [
            (.weeks, 1_209_600), (.days, 172_800), (.hours, 7200), (.minutes, 120), (.seconds, 2),
        ] as [(LogRetentionConfiguration.Unit, Double)])
    func anIntervalIsCountedInItsUnit(unit: LogRetentionConfiguration.Unit, seconds: Double) {
        let configuration = LogRetentionConfiguration(interval: 2, unit: unit)
        #expect(Self.noon.timeIntervalSince(configuration.bound(at: Self.noon)) == seconds)
    }

    private func statuses(in store: Store) async throws -> [StreamStatus] {
        try await store.streamLogs(Filter<StreamLogRecord>()).map { $0.status }
    }

    /// A store with two records of one stream, of `noon` and a second later.
    private func withStore(_ body: (Store, LogRetention) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try Store(directory: directory)
        let account = UUID()
        try await store.insert(
            Account(
                id: account, login: "one@example.org", kind: .user, description: "", createTime: .now,
                lastUpdateTime: .now), passwordHash: "none")
        let stream = try await store.createStream(
            StreamSpecification(source: SourceSpecification(kind: .file, reference: "a.mp4"), analytics: []),
            account: account, at: Self.noon)
        #expect(
            try await store.stopStream(id: stream.id, account: account, at: Self.noon.addingTimeInterval(1)) == .done)
        let configuration = LogRetentionConfiguration(
            isActive: true, interval: 1, unit: .hours, checkInterval: .milliseconds(1))
        try await body(
            store, LogRetention(store: store, configuration: configuration, logger: Logger(label: "test")))
    }

    @Test func oldRecordsGoAndTheNewestStays() async throws {
        try await withStore { store, retention async throws in
            await retention.removeOldRecords(at: Self.noon.addingTimeInterval(3600))
            #expect(try await statuses(in: store) == [.stop, .pending])
            await retention.removeOldRecords(at: Self.noon.addingTimeInterval(3601))
            #expect(try await statuses(in: store) == [.stop])
            await retention.removeOldRecords(at: Self.noon.addingTimeInterval(1e6))
            #expect(try await statuses(in: store) == [.stop])
        }
    }

    @Test func theServiceRemovesByItselfUntilItIsCancelled() async throws {
        try await withStore { store, retention async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await retention.run() }
                while try await store.streamLogs(Filter<StreamLogRecord>()).count > 1 { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await statuses(in: store) == [.stop])
        }
    }
}
