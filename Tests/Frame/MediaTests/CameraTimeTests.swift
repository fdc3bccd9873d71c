import CameraSupport
import Foundation
import Frames
import Records
import Scene
import Testing

@testable import Media

/// The time of day that events of a camera carry.
struct CameraTimeTests {
    private static let framesPerSecond = 50.0
    /// No fewer pictures have left before FFmpeg hands over the first: it looks at some to tell the format.
    private static let probed = 100

    private static func script(_ reports: RTSPCamera.Report...) throws -> RTSPCamera.Script {
        var script = try RTSPCamera.Script(film: CameraTests.film(TemporaryFolder()))
        (script.framesPerSecond, script.reports) = (framesPerSecond, reports)
        return script
    }
    /// Times of the frames until picture `last`.
    private static func times(
        _ script: RTSPCamera.Script, _ choice: SourceSpecification.TimestampSource, last: Int,
        change: (inout MediaConfiguration) -> Void = { _ in }
    ) async throws -> [FrameTime] {
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await CameraTests.open(camera, choice, change: change)
        defer { source.cancel() }
        var times: [FrameTime] = []
        while let time = try await source.next()?.time {
            times.append(time)
            if time.index >= last { break }
        }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0.pts < $1.pts && $0.wallClock <= $1.wallClock })
        return times
    }
    /// When picture `index` was taken, if the first was at `start`.
    private static func taken(_ index: Int, _ start: Date) -> Date { start + Double(index) / framesPerSecond }
    private static func isTaken(_ time: FrameTime, _ start: Date) -> Bool {
        abs(time.wallClock.timeIntervalSince(taken(time.index, start))) < 0.005
    }

    @Test(arguments: [SourceSpecification.TimestampSource.auto, .pts], [-7200.0, 0, 7200])
    func framesCarryTheTimeThatTheCameraReports(
        choice: SourceSpecification.TimestampSource, ahead: Double
    ) async throws {
        let start = Date() + ahead
        // The report may come with the first picture or some pictures later, for which `pts` waits.
        for picture in choice == .pts ? [0, 20] : [0] {
            let script = try Self.script(RTSPCamera.Report(before: picture, Self.taken(picture, start)))
            let times = try await Self.times(script, choice, last: 40)
            #expect(times.allSatisfy { Self.isTaken($0, start) }, "\(picture)")
        }
    }

    @Test func theServersTimeIsGoodUntilAReportComes() async throws {
        let start = Date() + 3600
        let camera = try RTSPCamera(Self.script())
        defer { camera.stop() }
        let source = try await CameraTests.open(camera)
        defer { source.cancel() }
        let first = try #require(try await source.next()).time
        #expect(abs(first.wallClock.timeIntervalSinceNow) < 60)
        camera.report(firstPicture: start)
        var time = first
        while time.index < first.index + 2000, !Self.isTaken(time, start) {
            time = try #require(try await source.next()).time
        }
        #expect(Self.isTaken(time, start))
    }

    @Test func aCameraThatIsADayOffIsBelievedOnlyWhenChosen() async throws {
        let start = Date() - 3 * 86_400
        let script = try Self.script(RTSPCamera.Report(before: 0, start))
        #expect(
            try await Self.times(script, .auto, last: 30).allSatisfy { abs($0.wallClock.timeIntervalSinceNow) < 60 })
        #expect(try await Self.times(script, .pts, last: 30).allSatisfy { Self.isTaken($0, start) })
    }

    @Test func aCameraThatTellsNoTimeHasTheServersUnlessItsOwnIsWanted() async throws {
        let script = try Self.script()
        #expect(
            try await Self.times(script, .auto, last: 30).allSatisfy { abs($0.wallClock.timeIntervalSinceNow) < 60 })
        let error = await #expect(throws: MediaError.self) {
            try await Self.times(script, .pts, last: 1000) { $0.reportPatience = .milliseconds(500) }
        }
        #expect(error?.description.contains("no sender report (RTCP) within 0.5 s") == true)
    }

    /// A film on a server is no camera: its labels count from its beginning.
    @Test(arguments: [SourceSpecification.TimestampSource.auto, .pts])
    func aFilmOverRTSPGoesByItsLabels(choice: SourceSpecification.TimestampSource) async throws {
        var script = try Self.script()
        script.silentAfter = 150
        let camera = RTSPCamera(script)
        defer { camera.stop() }
        let source = try await CameraTests.open(camera, choice, kind: .file) { $0.readDeadline = .seconds(5) }
        var times: [FrameTime] = []
        await #expect(throws: MediaError.self) { while let time = try await source.next()?.time { times.append(time) } }
        #expect(times.count > 50)
        #expect(times.allSatisfy { abs($0.pts.seconds - Double($0.index - 1) / Self.framesPerSecond) < 0.001 })
    }

    /// FFmpeg takes a report of a moment before the first picture for one of half a day later.
    @Test func aReportOfTheTimeBeforeTheFirstPictureIsUnderstood() async throws {
        let start = Date() - 600
        let script = try Self.script(RTSPCamera.Report(before: 3, start + 3 / Self.framesPerSecond - 1, age: 1))
        let times = try await Self.times(script, .auto, last: Self.probed + 50)
        #expect(try Self.isTaken(#require(times.last), start))
    }

    @Test(arguments: [3600.0, -0.5, -20, -7200])
    func aClockThatIsSetIsFollowedAndNeverGoesBack(step: Double) async throws {
        let start = Date()
        let picture = Self.probed + 20
        let script = try Self.script(
            RTSPCamera.Report(before: 0, start), RTSPCamera.Report(before: picture, Self.taken(picture, start + step)))
        let times = try await Self.times(script, .pts, last: picture + 100)
        let last = try #require(times.last)
        let off = last.wallClock.timeIntervalSince(Self.taken(last.index, start))
        switch step {
        case 3600: #expect(Self.isTaken(last, start + step))
        // At half pace from ten frames after the report, until all of it is caught up. A busy machine may have dropped frames in
        // between, so the last one may be much later.
        case -20:
            let frames = last.index - picture - CameraClock.framesAstray
            let caughtUp = max(step, -Double(frames) / Self.framesPerSecond / 2)
            #expect(abs(off - caughtUp) < 0.1, "\(off) after \(frames)")
        // Too little, and too much.
        default: #expect(Self.isTaken(last, start))
        }
    }

    @Test func aTimeThatIsAheadIsCaughtUpWithAtHalfPace() throws {
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        var clock = try #require(CameraClock(now - 3, at: 10_000_000_000, after: (now, 9_000_000_000)))
        let times = (10...18).map { clock.time(at: Int64($0) * 1_000_000_000, reported: nil).timeIntervalSince(now) }
        #expect(times == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5])
        #expect(CameraClock(now - 601, at: 1, after: (now, 0)) == nil)
    }
}
