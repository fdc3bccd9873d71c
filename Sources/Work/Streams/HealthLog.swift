import Logging
import Records

/// Writes to the log what changes in the health of streams: for a reason of a stream one line a minute at most, and the end of what was
/// written.
struct HealthLog {
    private struct Key: Hashable {
        let stream: StreamVersion
        let reason: StreamHealth.Reason
    }
    private static let interval: Duration = .seconds(60)
    private let logger: Logger
    /// What was said to be wrong and is.
    private var told: Set<Key> = []
    private var lastLine: [Key: ContinuousClock.Instant] = [:]

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter health: of all streams that run.
    mutating func look(_ health: [StreamVersion: StreamHealth], at now: ContinuousClock.Instant = .now) {
        var present: Set<Key> = []
        for (stream, health) in health {
            for trouble in health.troubles {
                let key = Key(stream: stream, reason: trouble.reason)
                present.insert(key)
                guard !told.contains(key), lastLine[key].map({ now - $0 >= Self.interval }) ?? true else { continue }
                told.insert(key)
                lastLine[key] = now
                var metadata = Self.metadata(key)
                metadata[LogKey.error] = trouble.lastError.map { "\($0)" }
                logger.warning("Stream unwell", metadata: metadata)
            }
        }
        for key in told.subtracting(present) where health[key.stream] != nil {
            logger.notice("Stream well again", metadata: Self.metadata(key))
        }
        told.formIntersection(present)
        lastLine = lastLine.filter { now - $0.value < Self.interval && health[$0.key.stream] != nil }
    }
    private static func metadata(_ key: Key) -> Logger.Metadata {
        [LogKey.stream: "\(key.stream.id.wire)", LogKey.reason: "\(key.reason.rawValue)"]
    }
}
