import Foundation
public import Logging
import Records
import Synchronization

/// The end of the log, for those who may read it over the API. So many lines, and of each so much.
public final class LogMemory: Sendable {
    /// Lines that are remembered.
    public static let capacity = 1000
    /// Characters of one.
    static let lineLength = 2000

    private struct State {
        /// A ring, once it is full.
        var lines: [String] = []
        var oldest = 0
    }
    private let state = Mutex(State())
    public init() {}

    func add(_ line: String) {
        let line = line.count > Self.lineLength ? "\(line.prefix(Self.lineLength - 1))…" : line
        state.withLock { state in
            if state.lines.count < Self.capacity {
                state.lines.append(line)
            } else {
                state.lines[state.oldest] = line
                state.oldest = (state.oldest + 1) % Self.capacity
            }
        }
    }

    /// The last `count` lines at most, the oldest of them first.
    public func last(_ count: Int) -> [String] {
        state.withLock { Array(($0.lines[$0.oldest...] + $0.lines[..<$0.oldest]).suffix(max(0, count))) }
    }
}

/// Remembers what goes on to another handler. Whoever hides secrets stands before it.
public struct RememberingLogHandler: LogHandler {
    private var inner: any LogHandler
    private let memory: LogMemory
    public init(_ inner: any LogHandler, in memory: LogMemory) { (self.inner, self.memory) = (inner, memory) }

    public var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }
    public var metadataProvider: Logger.MetadataProvider? {
        get { inner.metadataProvider }
        set { inner.metadataProvider = newValue }
    }
    public var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let words = ["\(Date.now.rfc3339) \(event.level)", event.message.description] + facts.map { "\($0)=\($1)" }
        memory.add(words.joined(separator: " "))
        inner.log(event: event)
    }
}
