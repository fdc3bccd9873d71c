import LogSupport
import Logging
import Testing

@testable import Setup

/// Nobody who logs has to think of secrets.
struct RedactingLogHandlerTests {
    @Test func everythingThatIsLoggedGoesThroughTheRedaction() {
        let log = LogCollector()
        var logger = Logger(label: "test") { _ in RedactingLogHandler(log.handler) }
        logger[metadataKey: "source"] = "rtsp://u:canary@h/1"
        logger.trace(
            "GET /6/streams?token=canary HTTP/1.1",
            metadata: ["error": "http://h/?sig=canary", "list": ["a", ["x": "rtsp://u:canary@h/1"]], "n": "\(1)"])
        let text = log.lines.joined()
        #expect(text.contains("token=***") && text.contains("rtsp://u:***@h/1") && text.contains("sig=***"))
        #expect(!text.contains("canary"))
    }
}
