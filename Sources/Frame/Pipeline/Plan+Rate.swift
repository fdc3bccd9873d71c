import Foundation
import Frames
import Records
import Scene

extension Plan {
    private static let longestTrial = 60.0, mostFrames = 6000

    /// How many frames a second are looked at of a source that has so many: tried with a minute of frames, at most 6,000.
    public func looksPerSecond(at frameRate: Double) -> Double {
        guard frameRate > 0, frameRate.isFinite else { return 0 }
        var samplers = rates.map(FrameSampler.init)
        let count = max(1, Int(min(Self.longestTrial * frameRate, Double(Self.mostFrames)))), now = Date()
        var wanted = 0
        for index in 0..<count {
            let time = FrameTime(index: index, pts: MediaTime(seconds: Double(index) / frameRate), wallClock: now)
            var isWanted = false
            for sampler in samplers.indices where samplers[sampler].wants(time) { isWanted = true }
            if isWanted { wanted += 1 }
        }
        return Double(wanted) * frameRate / Double(count)
    }
}
