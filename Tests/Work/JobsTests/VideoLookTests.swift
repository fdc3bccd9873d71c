import Analytics
import Frames
import Inference
import JSON
import Jobs
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

/// A video looked at for somebody who waits. Frames are made up, and who is in them is a script's.
struct VideoLookTests {
    private static let walker = ScriptedFinder(walkerIn: 3..<20)

    /// Ten frames a second, of which `analytics` take all.
    private static func look(
        finder: ScriptedFinder = walker, analytics: [String] = ["presence"], frames: Int = 20,
        failure: (any SourceFailure)? = nil, allowsDamage: Bool = false, waitsAtEnd: Bool = false,
        startTime: Double = 0,
        meter: JobMeter = JobMeter(), eventBytes: Int = 2, _ change: (inout JobConfiguration) -> Void = { _ in }
    ) async throws -> VideoFindings {
        var configuration = JobConfiguration()
        change(&configuration)
        let workshop = Workshop(
            opener: SyntheticOpener {
                SyntheticSource(count: frames, rates: $0, failure: failure, waitsAtEnd: waitsAtEnd)
            }, models: Models(finder), catalogue: AnalyticCatalogue(entries: [Presence.entry()]))
        let look = VideoLook(workshop: workshop, configuration: configuration)
        return try await look.look(
            at: VideoLook.Wish(
                source: SourceSpecification(
                    kind: .file, reference: "http://videos/1", isDownloadable: true, startTime: startTime),
                analytics: analytics.map { AnalyticChoice(name: $0) }, allowsDamage: allowsDamage), meter
        ) { event in
            [UInt8(event.begin.index), UInt8(event.end.index)]
                + Array(repeating: 0, count: eventBytes - 2)
        }
    }

    @Test func aVideoIsLookedAtToItsEnd() async throws {
        let meter = JobMeter()
        let findings = try await Self.look(analytics: ["presence", "presence"], meter: meter)
        #expect(findings.events == [[[3, 19]], [[3, 19]]])
        #expect(findings.frameCount == 20 && findings.frameRate == 10 && findings.duration == 2)
        #expect(findings.processed == 0...2 && findings.errorCount == 0)
        #expect(meter.done == 20 && meter.total == 20)
    }

    @Test func eventsStandInTheOrderOfTheirBeginnings() async throws {
        let finder = ScriptedFinder { time in
            [2, 3, 8, 9].contains(time.index)
                ? [Detection(box: BoundingBox(minX: 0, minY: 0, maxX: 40, maxY: 90), confidence: 0.9)] : []
        }
        #expect(try await Self.look(finder: finder).events == [[[2, 3], [8, 9]]])
    }

    @Test func aVideoInWhichNobodyIsHasNoEvents() async throws {
        let findings = try await Self.look(finder: ScriptedFinder(walkerIn: 90..<91))
        #expect(findings.events == [[]] && findings.processed == 0...2)
    }

    private struct Damage: SourceFailure, Equatable {
        let description = "damaged"
        let isTransient = false
        let isDamage = true
    }

    @Test func beforeDamageIsToldWhatWasFoundWhereThatIsAllowed() async throws {
        let findings = try await Self.look(frames: 10, failure: Damage(), allowsDamage: true)
        #expect(findings.events == [[[3, 9]]])
        #expect(findings.processed == 0...0.9 && findings.errorCount == 1)
        await #expect(throws: Damage()) { try await Self.look(frames: 10, failure: Damage()) }
        await #expect(throws: SyntheticFailure("gone", isTransient: true)) {
            try await Self.look(failure: SyntheticFailure("gone", isTransient: true), allowsDamage: true)
        }
        let nothing = try await Self.look(frames: 0, failure: Damage(), allowsDamage: true)
        #expect(nothing.processed == nil && nothing.events == [[]] && nothing.errorCount == 1)
    }

    @Test func tooLongAVideoIsRefused() async throws {
        await #expect(throws: VideoLookError.tooLong(limit: .seconds(1))) {
            try await Self.look { $0.videoDurationLimit = .seconds(1) }
        }
    }

    @Test func anAnswerThatBecomesTooLargeEndsTheWork() async throws {
        await #expect(throws: VideoLookError.answerTooLarge(limit: 50)) {
            try await Self.look(eventBytes: 60) { $0.videoAnswerLimit = 50 }
        }
        // Of an event that goes on, too.
        let meter = JobMeter()
        await #expect(throws: VideoLookError.answerTooLarge(limit: 100)) {
            try await Self.look(
                finder: ScriptedFinder(walkerIn: 0..<5000), frames: 5000, meter: meter
            ) { $0.videoAnswerLimit = 100 }
        }
        #expect(meter.done < 50)
    }

    @Test func aFrameThatCannotBeAnalysedEndsTheWork() async throws {
        let finder = ScriptedFinder { time in
            if time.index == 5 { throw SyntheticFailure("no memory", isTransient: false) }
            return []
        }
        await #expect(throws: VideoLookError.failed(reason: "presence: error analysing frame number 5: no memory")) {
            try await Self.look(finder: finder)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whoIsCancelledEndsThoughTheVideoDoesNot() async throws {
        let meter = JobMeter()
        let task = Task { try await Self.look(waitsAtEnd: true, meter: meter) }
        while meter.done < 20 { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
