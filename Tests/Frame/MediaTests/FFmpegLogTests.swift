import Testing

@testable import Media

struct FFmpegLogTests {
    @Test func passwordsInLogLinesAreCovered() {
        let line = "[rtsp @ 0x1] Could not open 'rtsp://admin:canary@10.0.0.5/1' after http://u:canary@h/"
        let shown = FFmpegLog.redacted(line)
        #expect(!shown.contains("canary"))
        #expect(shown.contains("rtsp://admin:***@10.0.0.5/1"))
    }
}
