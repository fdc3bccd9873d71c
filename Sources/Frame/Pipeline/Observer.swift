import Analytics
import Frames
import Inference
import Records
import Scene
import Tracking

/// The trackers and analytics of a running stream. They take frames strictly in order and see no pixels.
struct Observer: Sendable {
    /// People who are followed and counted, as known after the latest frame.
    private struct Following: Sendable {
        var tracker: any Tracker
        var census: Census
        var tracks: [Track] = []
        var headcount = Headcount()
        /// The frame that they were last updated with: analytics that share them find them as they are then.
        var frame: Int?
    }
    private var consumers: [Plan.Consumer]
    private var followings: [Following]
    /// Where people count, by consumer.
    private var regions: [CountingRegion]

    /// - Parameter trackers: one for each of the plan's followings.
    init(_ plan: Plan, trackers: [any Tracker]) {
        consumers = plan.consumers
        regions = plan.consumers.map { CountingRegion($0.counting) }
        followings = zip(plan.followings, trackers).map { following, tracker in
            let confidence = plan.looks[following.look].model.thresholds.confidence
            return Following(
                tracker: tracker, census: Census(configuration: following.configuration, confidence: confidence))
        }
    }

    /// Shows the frame to one analytic.
    mutating func observe(
        _ frame: Frame, _ found: FrameViews.Found, by index: Int,
        snapshot: @escaping @Sendable (SnapshotPolicy) -> Snapshot?
    ) -> AnalyticResult {
        let probeCount = consumers[index].probeCount
        let following = consumers[index].following.map { follow(frame, found, $0) }
        let headcount = following?.headcount ?? Headcount(found: found.people)
        let observation = Observation(
            time: frame.time, frameSize: frame.size, detections: found.people,
            tracks: following?.tracks.map { $0.probed(probeCount) } ?? [],
            headcount: regions[index].narrow(headcount, in: frame.size), snapshot: snapshot)
        let updates = consumers[index].analytic.observe(observation)
        return AnalyticResult(
            observation: observation, updates: AnalyticUpdates(origin: consumers[index].origin, updates: updates),
            marking: consumers[index].marking)
    }

    private mutating func follow(_ frame: Frame, _ found: FrameViews.Found, _ index: Int) -> Following {
        if followings[index].frame != frame.time.index {
            followings[index].frame = frame.time.index
            followings[index].tracks = followings[index].tracker.update(
                with: found.detections, at: frame.time.pts, frameSize: frame.size)
            followings[index].headcount = followings[index].census.count(
                found.detections, tracks: followings[index].tracks, at: frame.time.pts)
        }
        return followings[index]
    }

    /// Ends every event that is still going on.
    mutating func finish() -> [AnalyticUpdates] {
        var updates: [AnalyticUpdates] = []
        for index in consumers.indices {
            let last = consumers[index].analytic.finish()
            if !last.isEmpty { updates.append(AnalyticUpdates(origin: consumers[index].origin, updates: last)) }
        }
        return updates
    }
}
