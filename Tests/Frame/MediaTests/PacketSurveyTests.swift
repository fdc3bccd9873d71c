import Frames
import Testing

@testable import Media

/// What is concluded from how packets come.
struct PacketSurveyTests {
    /// Packets at a steady rate, by stamp and by arrival; the first of each `group` is a key frame.
    private static func seen(
        _ count: Int, isLive: Bool = true, group: Int = 10, stamp: (Int) -> Double?,
        arrival: (Int) -> Double = { Double($0) / 25 }
    ) -> SourceFacts.Sightings {
        var survey = PacketSurvey(isLive: isLive)
        for index in 0..<count {
            survey.add(
                stamp: stamp(index), isKeyframe: index % group == 0, byteCount: 1000, arrival: arrival(index))
        }
        return survey.seen
    }

    @Test func ratesAndDistancesAreMeasuredByTimeStamps() throws {
        let seen = Self.seen(31) { 100 + Double($0) / 12.5 }
        #expect(seen.packets == 31 && seen.keyframes == 4 && seen.keyframeDistance == 10)
        #expect(try abs(#require(seen.frameRate) - 12.5) < 1e-6 && abs(#require(seen.keyframeSeconds) - 0.8) < 1e-6)
        #expect(try abs(#require(seen.bitRate) - 100_000) < 1e-3)
        #expect(seen.stamps == .relative && seen.jumps == 0 && seen.missingStamps == 0)
    }

    @Test func theLongestDistanceOfKeyframesCounts() {
        var survey = PacketSurvey(isLive: false)
        for (index, isKeyframe) in [true, false, true, false, false, true, false].enumerated() {
            survey.add(stamp: Double(index), isKeyframe: isKeyframe, byteCount: 1, arrival: 0)
        }
        #expect(survey.seen.keyframeDistance == 3 && survey.seen.keyframeSeconds == 3)
    }

    @Test func oneKeyframeHasNoDistance() {
        let seen = Self.seen(20, group: 100) { Double($0) / 25 }
        #expect(seen.keyframes == 1 && seen.keyframeDistance == nil && seen.keyframeSeconds == nil)
    }

    /// What waited while the source was being opened came at once, and says nothing of the rate.
    @Test func withoutTimeStampsALiveSourceHasTheRateOfItsArrival() throws {
        let arrival = { (index: Int) in index < 10 ? 0.001 * Double(index) : Double(index - 9) / 10 }
        let live = Self.seen(40, stamp: { _ in nil }, arrival: arrival)
        #expect(try abs(#require(live.frameRate) - 10) < 1e-6)
        #expect(live.stamps == .none && live.missingStamps == 40 && live.drift == nil)
        #expect(Self.seen(40, isLive: false, stamp: { _ in nil }, arrival: arrival).frameRate == nil)
    }

    @Test func jumpsOfTimeStampsAreCountedAndChangeNoRate() throws {
        let seen = Self.seen(30) { Double($0) / 25 + ($0 < 10 ? 500 : $0 < 20 ? 0 : 1000) }
        #expect(seen.jumps == 2 && seen.drift == nil)
        #expect(try abs(#require(seen.frameRate) - 25) < 1e-6)
    }

    /// Whatever the network adds to each packet.
    @Test func driftIsWhatTheTimeStampsGain() throws {
        let late = { (index: Int) in index % 7 == 3 ? 0 : 0.02 * Double(index % 5) }
        let fast = Self.seen(75, stamp: { Double($0) / 25 * 1.01 }) { Double($0) / 25 + late($0) }
        let steady = Self.seen(75, stamp: { Double($0) / 25 }) { Double($0) / 25 + late($0) }
        #expect(try #require(fast.drift) > 0.01 && abs(#require(steady.drift)) < 1e-6)
        #expect(Self.seen(75, isLive: false, stamp: { Double($0) / 25 }).drift == nil)
        #expect(Self.seen(10, stamp: { Double($0) / 25 }).drift == nil)
    }
}
