import Foundation
import JSON
import Records
import Scene
public import Setup
import Store
import Synchronization

/// `sightline bench-events`: how many events a second the database takes from streams that each wait for their own write.
public struct EventBenchmark: Sendable {
    /// One count of streams.
    public struct Row: Sendable {
        public var streams: Int
        /// Beginning and end of an event, both durable: this many events per second.
        public var eventsPerSecond: Double
        /// From the update to its being durable [ms].
        public var latencyP50, latencyP99: Double
    }
    /// Why nothing was measured.
    public struct NotEmpty: Error, CustomStringConvertible {
        public var description: String { "The database holds accounts already; the measurement needs an empty one." }
    }

    private let store: Store
    private let seconds: Double

    /// Opens the database of the settings, or makes it. What the measurement writes stays in it.
    /// - Throws: `OpeningError`, `SettingsError`; `NotEmpty` when somebody uses the database.
    public init(settings: Settings, seconds: Double) async throws {
        store = try Store(
            directory: settings.daemon.dataFolder, database: try settings.database.choice(),
            keys: try settings.database.keys())
        self.seconds = seconds
        guard try await store.accountCount() == 0 else { throw NotEmpty() }
    }

    public func run(streams counts: [Int], onRow: @escaping @Sendable (Row) -> Void) async throws {
        let now = Date()
        let account = Account(
            id: UUID(), login: "bench@example.org", kind: .user, description: "", createTime: now, lastUpdateTime: now)
        try await store.insert(account, passwordHash: "none")
        for count in counts { onRow(try await row(count, account: account.id)) }
        try await store.close()
    }

    private func row(_ count: Int, account: UUID) async throws -> Row {
        var streams: [StreamDefinition] = []
        for index in 0..<count {
            let source = SourceSpecification(kind: .stream, reference: "rtsp://camera/\(index)")
            let specification = StreamSpecification(
                name: "\(count) \(index)", source: source, analytics: [AnalyticChoice(name: "people_count")])
            streams.append(try await store.createStream(specification, account: account).definition)
        }
        let start = ContinuousClock.now
        let deadline = start + .seconds(seconds)
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for stream in streams { group.addTask { try await events(of: stream, until: deadline) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }.sorted()
        let elapsed = (ContinuousClock.now - start).seconds
        func quantile(_ share: Double) -> Double {
            latencies.isEmpty ? 0 : latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))] * 1000
        }
        return Row(
            streams: count, eventsPerSecond: Double(latencies.count / 2) / elapsed, latencyP50: quantile(0.5),
            latencyP99: quantile(0.99))
    }

    /// One event after the other.
    /// - Returns: how long each write took [s], two for each event.
    private func events(of stream: StreamDefinition, until deadline: ContinuousClock.Instant) async throws -> [Double] {
        var latencies: [Double] = []
        var index = 0
        while ContinuousClock.now < deadline {
            let time = FrameTime(index: index, pts: MediaTime(seconds: Double(index)), wallClock: Date())
            let event = Event(trackID: UUID(), type: "crowd", begin: time, end: time, facts: Count())
            for change in [EventUpdate.Change.opened, .closed] {
                let update = EventUpdate(
                    event: event, change: change, status: .inProgress, isReported: change == .closed, time: time,
                    live: event.facts)
                let start = ContinuousClock.now
                try await store.record([update], deliveries: [], of: stream)
                latencies.append((ContinuousClock.now - start).seconds)
            }
            index += 1
        }
        return latencies
    }

    private struct Count: Facts {
        var members: [String: JSONValue] { ["people_count": .integer(2)] }
    }
}

extension EventBenchmark {
    public static let header = "streams  events/s  p50 ms  p99 ms"
}
extension EventBenchmark.Row {
    /// One line under `header`.
    public var text: String {
        String(format: "%7d %9.0f %7.2f %7.2f", streams, eventsPerSecond, latencyP50, latencyP99)
    }
}
