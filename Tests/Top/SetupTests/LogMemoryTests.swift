import LogSupport
import Logging
import Testing

@testable import Setup

/// What of the log may be read over the API.
struct LogMemoryTests {
    private static func logger(_ memory: LogMemory, _ log: LogCollector = LogCollector()) -> Logger {
        var logger = Logger(label: "test") { _ in RedactingLogHandler(RememberingLogHandler(log.handler, in: memory)) }
        logger.logLevel = .info
        return logger
    }

    @Test func whatIsLoggedIsRememberedInALineAndGoesOn() throws {
        let memory = LogMemory(), log = LogCollector()
        var logger = Self.logger(memory, log)
        logger[metadataKey: "stream"] = "gate"
        logger.notice("Opened", metadata: ["pixels": "\(640 * 480)", "codec": "h264"])
        logger.debug("Too small to be told")
        let line = try #require(memory.last(10).first)
        #expect(memory.last(10).count == 1 && log.lines.count == 1)
        #expect(
            line.wholeMatch(
                of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z notice Opened codec=h264 pixels=307200 stream=gate/) != nil,
            "\(line)")
    }

    @Test func secretsAreHiddenBefore() {
        let memory = LogMemory()
        let logger = Self.logger(memory)
        logger.error(
            "GET /6/streams?token=canary", metadata: ["error": "http://h/?sig=canary", "source": "rtsp://u:canary@h/1"])
        let text = memory.last(1).joined()
        #expect(text.contains("token=***") && text.contains("rtsp://u:***@h/1") && !text.contains("canary"))
    }

    @Test func theLastThousandLinesAreKeptInOrder() {
        let memory = LogMemory()
        for number in 1...2500 { memory.add("\(number)") }
        #expect(memory.last(5000) == (1501...2500).map(String.init))
        #expect(memory.last(2) == ["2499", "2500"])
        #expect(memory.last(0) == [] && LogMemory().last(9) == [])
    }

    @Test func aLongLineIsCut() throws {
        let memory = LogMemory()
        memory.add(String(repeating: "ä", count: 100_000))
        let line = try #require(memory.last(1).first)
        #expect(line.count == LogMemory.lineLength && line.last == "…")
    }
}
