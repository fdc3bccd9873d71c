import Logging
import Synchronization
import Testing

@testable import Setup

/// Nobody who logs has to think of secrets.
struct RedactingLogHandlerTests {
    private final class Lines: Sendable {
        let text = Mutex("")
    }
    private struct Collector: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.text.withLock {
                $0 += "\(event.message) \(event.metadata ?? [:]) \(metadata) \(String(describing: event.error))"
            }
        }
    }

    @Test func everythingThatIsLoggedGoesThroughTheRedaction() {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in RedactingLogHandler(Collector(lines: lines)) }
        logger[metadataKey: "source"] = "rtsp://u:canary@h/1"
        logger.trace(
            "GET /6/streams?token=canary HTTP/1.1",
            metadata: ["error": "http://h/?sig=canary", "list": ["a", ["x": "rtsp://u:canary@h/1"]], "n": "\(1)"])
        let text = lines.text.withLock { $0 }
        #expect(text.contains("token=***") && text.contains("rtsp://u:***@h/1") && text.contains("sig=***"))
        #expect(!text.contains("canary"))
    }
}
