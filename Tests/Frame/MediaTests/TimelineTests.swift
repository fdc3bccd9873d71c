import Foundation
import Records
import Scene
import Testing

@testable import Media

struct TimelineTests {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)

    private static func timeline(
        _ choice: SourceSpecification.TimestampSource, _ kind: SourceSpecification.Kind = .file, startTime: Double = 0,
        timeBase: Int32 = 1000, hasLabels: Bool = true, frameRate: Int32? = 25, reportPatience: Duration? = nil
    ) throws(MediaError) -> Timeline {
        try Timeline(
            choice, startTime: startTime,
            facts: Timeline.Facts(
                kind: kind, timeBase: (1, timeBase), hasLabels: hasLabels,
                frameRate: frameRate.map { ($0, 1) }, reportPatience: reportPatience))
    }
    /// Milliseconds that the frames get. Frame `n` arrives `n` seconds after the first.
    private static func times(_ timeline: Timeline, _ labels: [Int64?], wallClock: Date = now) throws -> [Double] {
        var timeline = timeline
        let start = ContinuousClock.now
        return try labels.enumerated().map { index, label in
            let time = try #require(
                try timeline.time(index: index, label: label, arrival: start + .seconds(index), wallClock: wallClock))
            #expect(time.index == index)
            return time.pts.seconds * 1000
        }
    }

    @Test func labelsCountFromTheFirst() throws {
        #expect(try Self.times(Self.timeline(.auto), [700, 740, 780, 900]) == [0, 40, 80, 200])
    }

    @Test(arguments: [SourceSpecification.TimestampSource.auto, .pts, .frameRate])
    func theStartTimeIsAdded(choice: SourceSpecification.TimestampSource) throws {
        #expect(try Self.times(Self.timeline(choice, startTime: 10.5), [0, 40]) == [10500, 10540])
    }

    @Test func aFrameRateIgnoresTheLabels() throws {
        #expect(try Self.times(Self.timeline(.frameRate), [5, nil, 5, 3000]) == [0, 40, 80, 120])
    }

    @Test func aFileWithoutLabelsGoesByItsFrameRate() throws {
        #expect(try Self.times(Self.timeline(.auto, hasLabels: false), [0, 0, 0]) == [0, 40, 80])
        #expect(try Self.times(Self.timeline(.auto), [nil, 9000, nil]) == [0, 40, 80])
    }

    @Test func aLiveStreamGoesByTheServersClockUnlessItsLabelsTellTheTime() throws {
        let epoch = Int64(Self.now.timeIntervalSince1970 * 1000)
        let timeline = try Self.timeline(.auto, .stream)
        #expect(try Self.times(timeline, [0, 40, 80]) == [0, 1000, 2000])
        #expect(try Self.times(timeline, [epoch - 86_000_000, epoch - 85_999_960]) == [0, 40])
        #expect(try Self.times(timeline, [epoch - 87_000_000, epoch - 86_999_960]) == [0, 1000])
        var withOrigin = timeline
        withOrigin.wallClockOrigin = Self.now
        #expect(try Self.times(withOrigin, [0, 40, 80]) == [0, 40, 80])
    }

    /// An RTSP camera's first frame has no label, and some have none at all.
    @Test(arguments: [SourceSpecification.TimestampSource.auto, .pts])
    func theFirstFrameThatHasATimeIsAtTheStart(choice: SourceSpecification.TimestampSource) throws {
        var timeline = try Self.timeline(choice, .stream, startTime: 10, reportPatience: .seconds(20))
        let start = ContinuousClock.now
        func time(_ index: Int, _ label: Int64?) throws -> FrameTime? {
            try timeline.time(
                index: index, label: label, arrival: start + .milliseconds(400) * index, wallClock: Self.now)
        }
        for index in 0..<3 { #expect(try time(index, nil) == nil) }
        if choice == .pts { timeline.wallClockOrigin = Self.now }
        let times = try [(3, Int64(1200)), (4, 1600)].map { try time($0, $1)?.pts.seconds }
        #expect(times == [10, 10.4])
    }

    /// The camera's clock is right at first, and is set while the stream runs.
    @Test(arguments: [
        (SourceSpecification.TimestampSource.auto, 3600.0, true), (.auto, 3 * 86_400, false), (.pts, 3 * 86_400, true),
    ])
    func aReportThatIsADayOffIsFollowedOnlyWhenChosen(
        choice: SourceSpecification.TimestampSource, step: Double, isFollowed: Bool
    ) throws {
        var timeline = try Self.timeline(choice, .stream, reportPatience: .seconds(20))
        timeline.wallClockOrigin = Self.now
        let start = ContinuousClock.now
        var time: FrameTime?
        for index in 0..<50 {
            let taken = Self.now + Double(index) * 0.04
            timeline.reportedTime = index < 20 ? taken : taken + step
            time = try timeline.time(
                index: index, label: Int64(index * 40), arrival: start + .milliseconds(40) * index, wallClock: taken)
        }
        let off = try #require(time).wallClock.timeIntervalSince(Self.now + 49 * 0.04)
        #expect(abs(off - (isFollowed ? step : 0)) < 0.001)
    }

    @Test func aLiveStreamMayChooseItsLabels() throws {
        #expect(try Self.times(Self.timeline(.pts, .stream), [50, 90]) == [0, 40])
        #expect(try Self.times(Self.timeline(.server, .stream), [50, 90]) == [0, 1000])
    }

    @Test func missingAndBackwardLabelsAreFilledInAndTimeAlwaysGrows() throws {
        #expect(
            try Self.times(Self.timeline(.auto), [0, 40, 30, 80, nil, 160, 160]) == [0, 40, 60, 80, 100, 160, 180])
    }

    @Test func aClockThatIsSetAnewGoesOnWithoutAJump() throws {
        // Back to 0 as at the joint of two recordings, and two days ahead.
        #expect(try Self.times(Self.timeline(.auto), [5000, 5040, 0, 40, 80]) == [0, 40, 80, 120, 160])
        #expect(try Self.times(Self.timeline(.auto), [0, 40, 172_800_000, 172_800_040]) == [0, 40, 80, 120])
    }

    /// A camera's labels, or those of a file that is one, an hour ahead and an hour back; a frame each second.
    @Test(arguments: [Int64(3_600_000), -3_600_000])
    func labelsOfALiveStreamThatJumpMoveNoTime(jump: Int64) throws {
        let labels = [0, 1000, 2000, jump + 3000, jump + 4000, 5000, 6000].map { Int64($0) + 10_000_000 }
        #expect(
            try Self.times(Self.timeline(.pts, .stream), labels) == [0, 1000, 2000, 3000, 4000, 5000, 6000])
    }

    /// FFmpeg goes on telling the time by the report from before the jump, until the next: an hour off, or half a day, as it counts
    /// without a sign; and it tells it one frame late.
    @Test(arguments: [(3600.0, 3600.0), (-3600, 44_121)], [0, 1])
    func aReportFromBeforeAJumpOfLabelsIsNotFollowed(jump: (labels: Double, told: Double), lag: Int) throws {
        var timeline = try Self.timeline(.pts, .stream, reportPatience: .seconds(20))
        timeline.wallClockOrigin = Self.now
        let start = ContinuousClock.now
        for index in 0..<200 {
            let taken = Self.now + Double(index) * 0.04
            timeline.reportedTime = (50 + lag..<150 + lag).contains(index) ? taken + jump.told : taken
            let label = Int64(index * 40) + (index < 50 ? 0 : Int64(jump.labels * 1000))
            let time = try timeline.time(
                index: index, label: label, arrival: start + .milliseconds(40) * index, wallClock: taken)
            #expect(abs(try #require(time).wallClock.timeIntervalSince(taken)) < 0.05, "\(index)")
        }
    }

    /// How far the camera's clock was set forward, when its time becomes known and when it is set, is told with each frame.
    @Test func aStepOfTheClockIsTold() throws {
        var timeline = try Self.timeline(.auto, .stream, reportPatience: .seconds(20))
        let start = ContinuousClock.now
        var steps: [Double] = [], first: FrameTime?
        for index in 0..<90 {
            let taken = Self.now + Double(index) * 0.04
            if index == 30 { timeline.wallClockOrigin = Self.now + 3600 }
            timeline.reportedTime = index < 30 ? nil : taken + (index < 60 ? 3600 : 5400)
            let time = try #require(
                try timeline.time(
                    index: index, label: Int64(index * 40), arrival: start + .milliseconds(40) * index, wallClock: taken
                ))
            steps.append(time.clockStep.rounded())
            first = first ?? time
            #expect(abs(time.byClock(of: first!).wallClock.timeIntervalSince(taken)) < 0.1, "\(index)")
        }
        #expect(Set(steps) == [0, 3600, 5400] && steps == steps.sorted())
    }

    /// What a file or a camera says may be anything; none of it may end the process.
    @Test(arguments: [Int64.max, .min, .max / 2, 4_000_000_000_000_000, -1], [Int32(1), 1000, 90_000])
    func aWildLabelIsAClockSetAnew(label: Int64, timeBase: Int32) throws {
        let times = try Self.times(
            Self.timeline(.pts, timeBase: timeBase), [0, label, label == .max ? label : label + 1, 5])
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(times.last! < 1e9)
    }

    @Test func framesThatAreYearsApartStillHaveATime() throws {
        var timeline = try Timeline(
            .frameRate, startTime: 4e9,
            facts: Timeline.Facts(kind: .file, timeBase: (1, 1000), hasLabels: false, frameRate: (1, .max)))
        var last = MediaTime.zero
        for index in 0..<100 {
            let pts = try #require(try timeline.time(index: index, label: nil, arrival: .now, wallClock: Self.now)).pts
            #expect(pts > last)
            last = pts
            if pts.seconds > 8e9 { break }
        }
    }

    @Test func aGapOfHoursIsKept() throws {
        #expect(try Self.times(Self.timeline(.auto), [0, 40, 7_200_000]) == [0, 40, 7_200_000])
    }

    @Test func thirtyThousandOverAThousandAndOneIsNotRounded() throws {
        var timeline = try Timeline(
            .frameRate, startTime: 0,
            facts: Timeline.Facts(
                kind: .file, timeBase: (1, 1000), hasLabels: true,
                frameRate: (30000, 1001)))
        _ = try timeline.time(index: 0, label: 0, arrival: .now, wallClock: Self.now)
        let last = try timeline.time(index: 30000, label: 0, arrival: .now, wallClock: Self.now)
        #expect(last?.pts == MediaTime(seconds: 1001))
    }

    @Test func aChoiceThatDoesNotFitIsRefused() throws {
        func source(_ error: MediaError?) -> SourceSpecification.TimestampSource? {
            if case .timestampsUnavailable(let source, _) = error { source } else { nil }
        }
        let server = #expect(throws: MediaError.self) { try Self.timeline(.server, .file) }
        #expect(source(server) == .server)
        let rate = #expect(throws: MediaError.self) { try Self.timeline(.frameRate, .stream) }
        #expect(source(rate) == .frameRate)
        let unknownRate = #expect(throws: MediaError.self) { try Self.timeline(.frameRate, frameRate: nil) }
        #expect(source(unknownRate) == .frameRate)
        let pts = #expect(throws: MediaError.self) { try Self.timeline(.pts, hasLabels: false) }
        #expect(source(pts) == .pts)
        let firstLabel = #expect(throws: MediaError.self) { try Self.times(Self.timeline(.pts), [nil, 40]) }
        #expect(source(firstLabel) == .pts)
        let neither = #expect(throws: MediaError.self) { try Self.times(Self.timeline(.auto, frameRate: nil), [nil]) }
        #expect(source(neither) == .auto)
    }
}
