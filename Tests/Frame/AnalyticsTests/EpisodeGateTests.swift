import Scene
import Testing

@testable import Analytics

struct EpisodeGateTests {
    /// One letter a frame: `.` idle, `p` probing, `o` opened, `c` continued, `-` paused, `x` closed.
    func verdicts(_ frames: String, probeCount: Int, step: Double) -> String {
        var gate = EpisodeGate(probeCount: probeCount)
        return String(
            frames.enumerated().map { index, frame -> Character in
                switch gate.observe(frame == "1", at: MediaTime(seconds: Double(index) * step)) {
                case .idle: "."
                case .probing: "p"
                case .opened: "o"
                case .continued: "c"
                case .paused: "-"
                case .closed: "x"
                }
            })
    }

    @Test(arguments: [
        (0, "0110", ".oc-"), (1, "0110", ".oc-"), (2, "0110", ".po-"), (3, "0110", ".pp."), (3, "1101110", "pp.ppo-"),
    ])
    func anEpisodeBeginsAfterProbeCountFramesInARow(probeCount: Int, frames: String, expected: String) {
        #expect(verdicts(frames, probeCount: probeCount, step: 0.04) == expected)
    }
    @Test(arguments: [
        (0.04, "1" + String(repeating: "0", count: 25), "o" + String(repeating: "-", count: 24) + "x"),  // 1 s decides
        (0.4, "1000", "o--x"),  // 0.8 s is too short
        (0.6, "100", "o-x"),  // 1.2 s
        (5, "100", "o-x"),  // a second passes between two frames: the frames decide
        (5, "10101", "o-c-c"),  // one missed frame never ends it
        (0.4, "10010", "o--c-"),  // two within a second do not either
    ])
    func itEndsWhenBothFramesAndTimeSaySo(step: Double, frames: String, expected: String) {
        #expect(verdicts(frames, probeCount: 1, step: step) == expected)
    }
    @Test func aLargerProbeCountAsksForAsManyMissedFrames() {
        #expect(verdicts("11110000", probeCount: 4, step: 2) == "pppo---x")
    }
    @Test func aNewEpisodeIsProbedAnew() {
        #expect(verdicts("1100110", probeCount: 2, step: 1) == "po-xpo-")
    }
    @Test func whenTheClockGoesBackTheFramesDecide() {
        var gate = EpisodeGate(probeCount: 1)
        _ = gate.observe(true, at: MediaTime(seconds: 1000))
        #expect(gate.observe(false, at: .zero) == .paused)
        #expect(gate.observe(false, at: MediaTime(seconds: 0.04)) == .closed)
    }
}
