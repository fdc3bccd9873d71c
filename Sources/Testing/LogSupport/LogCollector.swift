public import Logging
import Synchronization

/// Everything that was logged, as text.
public final class LogCollector: Sendable {
    private let state = Mutex<[String]>([])
    public init() {}
    public var lines: [String] { state.withLock { $0 } }
    public var handler: any LogHandler { Handler(collector: self) }
    /// Of all levels.
    public var logger: Logger {
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        return logger
    }
    /// How many lines say `message` at `level`, whatever their metadata.
    public func count(of message: String, at level: Logger.Level) -> Int {
        lines.count { $0.hasPrefix("\(level) \(message) [") }
    }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let facts = metadata.merging(event.metadata ?? [:]) { _, last in last }
            let error = event.error.map { " \($0)" } ?? ""
            collector.state.withLock {
                $0.append("\(event.level) \(event.message) \(facts.sorted { $0.key < $1.key })\(error)")
            }
        }
    }
}
