import Logging
import Synchronization

/// Log lines, for tests to count.
final class GatheredLog: Sendable {
    private let gathered = Mutex<[String]>([])
    var lines: [String] { gathered.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: GatheredLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            log.gathered.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }
}
