import Foundation
import JSON
import Records
import Scene
import Synchronization
import Testing

@testable import Analytics

struct PeopleCountTests {
    @Test(arguments: [(0, 1), (1, 1), (2, 2), (3, 3)])
    func anEventOpensAfterProbeCountFramesAndBeginsWithTheFirst(probeCount: Int, frames: Int) throws {
        var analytic = try PeopleCount(#"{"parameters": {"probe_count": \#(probeCount)}}"#)
        #expect(analytic.observe(Observation(at: 0, count: 0)).isEmpty)
        for frame in 1..<max(frames, 1) { #expect(analytic.observe(Observation(at: Double(frame), count: 1)).isEmpty) }
        let opened = try #require(analytic.observe(Observation(at: Double(frames), count: 1)).first)
        #expect(opened.change == .opened && opened.status == .started && !opened.isReported)
        #expect(opened.event.begin == FrameTime(at: 1) && opened.event.end == FrameTime(at: Double(frames)))
    }
    @Test func aRunBrokenWhileItIsProbedLeavesNothingBehind() throws {
        let all = updates(of: try PeopleCount(#"{"parameters": {"probe_count": 3}}"#), counts: [5, 5, 0, 1, 1, 1])
        #expect(all.summary == ["opened started", "closed finished sent"])
        #expect(all[0].event.begin == FrameTime(at: 1.2) && all[0].event.peopleCount == 1)
    }
    @Test func theMaximumIncludesTheFramesOfTheProbe() throws {
        let all = updates(of: try PeopleCount(#"{"targets": ["overview"]}"#), counts: [1, 7, 2, 3])
        #expect(all.map(\.peopleCount) == [2, 3, 3] && all.last?.event.peopleCount == 7)
        let overview = try #require(all.last?.event.overview)
        #expect(overview.time == FrameTime(at: 0.4) && overview.people?.count == 7)
    }
    @Test func flickerDoesNotEndAnEventAndItsEndIsTheLastFrameThatQualified() throws {
        let all = updates(
            of: try PeopleCount(#"{"parameters": {"probe_count": 1}}"#), counts: [1, 0, 1, 0, 0, 1, 0, 0, 0, 1])
        #expect(
            all.summary == [
                "opened started", "continued in_progress", "continued in_progress", "closed finished sent",
                "opened started",
                "closed finished sent",
            ])
        #expect(Set(all.prefix(4).map(\.event.id)).count == 1 && all[3].event.id != all[4].event.id)
        #expect(all[3].event.trackID != all[4].event.trackID)
        #expect(all[3].event.end == FrameTime(at: 2) && all[3].time == FrameTime(at: 2))
    }
    @Test func anEventTellsOfEachOfItsFramesWhereThatIsKept() throws {
        var analytic = try PeopleCount(#"{"targets": ["coordinates"], "parameters": {"probe_count": 2}}"#)
        analytic.keepEstimations()
        // A run that comes to nothing, the probe, a frame in between, and frames that end it.
        let all = updates(of: analytic, counts: [1, 0, 1, 2, 0, 3, 0, 0, 0, 0, 1, 1])
        let ended = all.filter { $0.change == .closed }.map(\.event)
        #expect(ended.map(\.estimatedTimes) == [[80, 120, 160, 200], [400, 440]])
        #expect(ended[0].estimations.map { $0.facts.members["people_count"]?.integer } == [1, 2, 0, 3])
        #expect(ended[0].estimations[1].facts.members["people_coordinates"] == [[20, 50], [21, 50]])
        #expect(all.filter { $0.change != .closed }.allSatisfy { $0.event.estimations.isEmpty })
    }
    @Test func nothingIsKeptOfFramesForWhoDoesNotAsk() throws {
        #expect(updates(of: try PeopleCount("{}"), counts: [1, 1, 1, 1]).allSatisfy { $0.event.estimations.isEmpty })
    }
    @Test func onlyEnoughPeopleQualify() throws {
        let analytic = try PeopleCount(#"{"parameters": {"probe_count": 1, "people_count_threshold": 3}}"#)
        #expect(updates(of: analytic, counts: [2, 2, 3, 4, 2]).map(\.peopleCount) == [3, 4, 4])
        #expect(updates(of: analytic, counts: [2, 2, 0]).isEmpty)
    }
    @Test func aThresholdOfZeroLastsAsLongAsTheStream() throws {
        let all = updates(
            of: try PeopleCount(#"{"parameters": {"probe_count": 0, "people_count_threshold": 0}}"#),
            counts: [0, 0, 2, 0, 0, 0, 0, 0, 0])
        #expect(all.count == 10 && Set(all.map(\.event.id)).count == 1)
        #expect(all.last?.event.end == FrameTime(at: 3.2) && all.last?.event.peopleCount == 2)
    }
    @Test func emptyFramesBringNothing() throws {
        #expect(updates(of: try PeopleCount("{}"), counts: Array(repeating: 0, count: 50)).isEmpty)
        var idle = try PeopleCount("{}")
        #expect(idle.finish().isEmpty)
    }
    @Test func aStreamThatEndsWhileAnEventIsProbedHasNoEvent() throws {
        #expect(updates(of: try PeopleCount("{}"), counts: [1, 1]).isEmpty)
    }
    @Test func afterFinishNothingIsOpen() throws {
        var analytic = try PeopleCount(#"{"parameters": {"probe_count": 1}}"#)
        _ = analytic.observe(Observation(at: 0, count: 1))
        #expect(analytic.finish().summary == ["closed finished sent"])
        #expect(analytic.finish().isEmpty)
    }

    // MARK: Region

    static let droi = #"""
        {"parameters": {"probe_count": 1, "people_count_threshold": 0, "droi": {"mode": "percent", "form": "common", "area": [
          [{"x": 0, "y": 0}, {"x": 20, "y": 0}, {"x": 20, "y": 100}, {"x": 0, "y": 100}],
          [{"x": 80, "y": 0}, {"x": 100, "y": 0}, {"x": 100, "y": 100}, {"x": 80, "y": 100}]]}}}
        """#

    @Test func onlyPeopleCentredInTheUnionOfTheRegionsCount() throws {
        var analytic = try PeopleCount(Self.droi)
        let people = [Point(x: 10, y: 50), Point(x: 50, y: 50), Point(x: 90, y: 50), Point(x: 21, y: 50)]
        let frame = Observation(at: 0, people: people, in: analytic.requirements.counting)
        #expect(analytic.observe(frame).map(\.peopleCount) == [2])
    }
    @Test func aRegionInPercentFollowsTheFrameSize() throws {
        var analytic = try PeopleCount(Self.droi)
        let person = [Point(x: 90, y: 50)]
        func count(_ width: Int, at seconds: Double) -> Int64? {
            analytic.observe(
                Observation(
                    at: seconds, people: person, in: analytic.requirements.counting,
                    size: PixelSize(width: width, height: 100))
            ).first?.peopleCount
        }
        #expect(count(100, at: 0) == 1 && count(200, at: 1) == 0 && count(1000, at: 2) == 1 && count(100, at: 3) == 1)
    }
    @Test func aRegionInPixelsDoesNotFollowTheFrameSize() throws {
        var analytic = try PeopleCount(Self.droi.replacing("percent", with: "abs"))
        let person = [Point(x: 90, y: 50)]
        for (index, width) in [100, 200, 1000].enumerated() {
            let size = PixelSize(width: width, height: 100)
            let found = analytic.observe(
                Observation(at: Double(index), people: person, in: analytic.requirements.counting, size: size))
            #expect(found.map(\.peopleCount) == [1])
        }
    }

    // MARK: Targets

    @Test func coordinatesComeOnlyWithTheirTarget() throws {
        var plain = try PeopleCount(#"{"parameters": {"probe_count": 1}}"#)
        var detailed = try PeopleCount(#"{"targets": ["coordinates"], "parameters": {"probe_count": 1}}"#)
        let frame = Observation(at: 0, people: [Point(x: 64, y: 28)])
        #expect(plain.observe(frame).first?.people == nil)
        #expect(detailed.observe(frame).first?.people == [Point(x: 64, y: 28)])
    }
    @Test func aPictureIsTakenOnlyForTheTargetAndWhenTheCountRises() throws {
        final class Counter: Sendable { let times = Mutex<[Double]>([]) }
        for (targets, expected) in [("[]", []), (#"["overview"]"#, [0, 0.4, 1.6])] as [(String, [Double])] {
            let counter = Counter()
            var analytic = try PeopleCount(#"{"targets": \#(targets), "parameters": {"probe_count": 2}}"#)
            for (index, count) in [1, 3, 2, 3, 4, 0, 1].enumerated() {
                let plain = Observation(at: Double(index) * 0.4, count: count)
                let frame = Observation(
                    time: plain.time, frameSize: plain.frameSize, headcount: plain.headcount
                ) {
                    counter.times.withLock { $0.append(plain.time.pts.seconds) }
                    return plain.snapshot($0, $1)
                }
                _ = analytic.observe(frame)
            }
            #expect(counter.times.withLock { $0 } == expected)
            #expect(analytic.finish().first?.event.overview?.text == (expected.isEmpty ? nil : "frame at 1.6"))
        }
    }
    @Test func aPictureThatCannotBeEncodedCostsNoEvent() throws {
        var analytic = try PeopleCount(#"{"targets": ["overview"], "parameters": {"probe_count": 1}}"#)
        let person = Headcount.Person(box: BoundingBox(centerX: 5, centerY: 5), confidence: 0.4)
        let frame = Observation(
            time: FrameTime(at: 0), frameSize: PixelSize(width: 10, height: 10),
            headcount: Headcount([person]))
        let opened = try #require(analytic.observe(frame).first)
        #expect(opened.event.pictures.isEmpty)
    }

    // MARK: Event policy

    @Test func startSendsTheEventOnceWhenItOpens() throws {
        let analytic = try PeopleCount(#"{"parameters": {"probe_count": 1, "event_policy": {"trigger": "start"}}}"#)
        #expect(
            updates(of: analytic, counts: [1, 1]).summary
                == ["opened started sent", "continued in_progress", "closed finished"])
    }
    @Test func periodCutsTheCrowdIntoEventsOnAGridFromItsBeginning() throws {
        let analytic = try PeopleCount(
            #"{"targets": ["overview"], "parameters": {"probe_count": 1, "event_policy": {"trigger": "period", "interval": 1}}}"#
        )
        // Begins at 0.4, cut at 1.6 and 2.4.
        let all = updates(of: analytic, counts: [0, 1, 2, 1, 5, 1, 1, 1], step: 0.4)
        #expect(
            all.summary == [
                "opened started", "continued in_progress", "continued in_progress", "closed – sent",
                "opened in_progress",
                "continued in_progress", "closed – sent", "opened in_progress", "continued in_progress",
                "closed finished sent",
            ])
        let events = all.filter { $0.change == .closed }.map(\.event)
        #expect(Set(events.map(\.id)).count == 3 && Set(events.map(\.trackID)).count == 1)
        #expect(
            events.map(\.begin.pts.seconds) == [0.4, 1.6, 2.4] && events.map(\.end.pts.seconds) == [1.2, 2.0, 2.8])
        #expect(events.map(\.peopleCount) == [2, 5, 1])
        #expect(events.map { $0.overview?.people?.count } == [2, 5, 1])
        for (opened, closed) in zip(all.filter { $0.change == .opened }, events) {
            #expect(opened.event.id == closed.id)
        }
    }
    @Test func anIntervalWithoutAnybodyHasNoEventAndLeavesTheGridAlone() throws {
        let analytic = try PeopleCount(
            #"{"parameters": {"probe_count": 4, "event_policy": {"trigger": "period", "interval": 1}}}"#)
        // Frames of half a second; from 1.5 to 3.0 s the count is 0, one frame short of ending the event.
        let all = updates(of: analytic, counts: [1, 1, 1, 1, 0, 0, 0, 1, 1, 1], step: 0.5)
        #expect(all.filter { $0.change == .opened }.map(\.event.begin.pts.seconds) == [0, 3.5, 4])
    }
    @Test(arguments: ["1e-300", "5e-324", "1e-9", "0.0001"])
    func aTinyIntervalMakesEachFrameAnEvent(interval: String) throws {
        let analytic = try PeopleCount(
            #"{"parameters": {"probe_count": 1, "event_policy": {"trigger": "period", "interval": \#(interval)}}}"#)
        let all = updates(of: analytic, counts: [1, 1, 1, 1], step: 100_000)
        #expect(Set(all.map(\.event.id)).count == 4)
    }

    @Test func theRateAndTheRegionAreWhatThePipelineIsAskedFor() throws {
        #expect(
            try PeopleCount("{}").requirements
                == AnalyticRequirements(rate: .frames(10), tracking: TrackingRequirement(probeCount: 3)))
        let text =
            #"{"parameters": {"rate": {"unit": "second", "period": 0.5}, "roi": {"mode": "abs", "x": 1, "y": 2, "width": 3, "height": 4}}}"#
        #expect(
            try PeopleCount(text).requirements
                == AnalyticRequirements(
                    rate: .seconds(0.5), roi: .pixels(PixelRect(x: 1, y: 2, width: 3, height: 4)),
                    tracking: TrackingRequirement(probeCount: 3)))
    }

    /// A camera's clock that becomes known, or is set, while somebody is in sight.
    @Test func anEventLastsAsLongAsItTookWhateverTheCamerasClock() throws {
        var analytic = try PeopleCount(#"{"parameters": {"probe_count": 2}, "targets": ["overview"]}"#)
        var updates: [EventUpdate] = []
        for (index, count) in [1, 1, 2, 1, 0, 0, 0, 0, 1, 1, 1].enumerated() {
            let (found, step) = (Observation(at: Double(index), count: count), index < 2 ? 0 : 3600.0)
            let time = FrameTime(
                index: found.time.index, pts: found.time.pts, wallClock: found.time.wallClock + step, clockStep: step)
            let observation = Observation(
                time: time, frameSize: found.frameSize, headcount: found.headcount,
                snapshot: { Snapshot.text(at: Double(index), $0, of: $1) })
            updates += analytic.observe(observation)
        }
        let closed = try #require(updates.first { $0.change == .closed }).event
        #expect(closed.end.wallClock.timeIntervalSince(closed.begin.wallClock) == 3)
        #expect(closed.pictures.map(\.time.wallClock) == [FrameTime(at: 2).wallClock])
        let next = try #require(updates.last).event
        #expect(next.begin.wallClock == FrameTime(at: 8).wallClock + 3600)
    }
}
