import Analytics
import Foundation
import Frames
import Inference
import JSON
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing
import Tracking

/// The daemon's own analytics on one stream: what they need alike is tracked once, and they say what they would say alone.
struct SharedTrackingTests {
    private final class UpdateCount: Sendable {
        let count = Atomic(0)
        let trackers = Atomic(0)
    }
    private struct CountingTracker: Tracker {
        var tracker: ByteTracker
        let updates: UpdateCount
        mutating func update(with detections: [Detection], at pts: MediaTime, frameSize: PixelSize) -> [Track] {
            updates.count.add(1, ordering: .relaxed)
            return tracker.update(with: detections, at: pts, frameSize: frameSize)
        }
    }
    /// What an update says, without its random ids.
    private struct Said: Equatable {
        var analytic: String, change: EventUpdate.Change
        var begin, end, time: MediaTime
        var facts, live: [String: JSONValue]
    }
    private actor Transcript: EventSink {
        private(set) var said: [Said] = []
        func record(_ updates: [AnalyticUpdates]) {
            for analytic in updates {
                said += analytic.updates.map { update in
                    Said(
                        analytic: analytic.origin.name, change: update.change, begin: update.event.begin.pts,
                        end: update.event.end.pts, time: update.time.pts, facts: update.event.facts.members,
                        live: update.live.members)
                }
            }
        }
        func fail(_ analytic: EventOrigin, _ reason: String) {}
    }

    private static let frameCount = 40
    /// What the analytics saw of each frame.
    private actor Views: FrameTap {
        private(set) var results: [[AnalyticResult]] = []
        func take(_ frame: Frame, _ results: [AnalyticResult]) { self.results.append(results) }
    }
    private struct Outcome {
        var said: [Said]
        var updates, trackers: Int
        var views: [[AnalyticResult]]
    }
    private static func run(_ choices: [AnalyticChoice]) async throws -> Outcome {
        let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        // Two people who walk apart; one is hidden for a while.
        let finder = ScriptedFinder { time in
            let x = 40 + 5 * Float(time.index), y = 20 + 2 * Float(time.index)
            var found = [Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: 0.9)]
            if !(10..<14).contains(time.index) {
                found.append(
                    Detection(box: BoundingBox(minX: 400, minY: y, maxX: 440, maxY: y + 120), confidence: 0.8))
            }
            return found
        }
        let updates = UpdateCount(), transcript = Transcript(), views = Views()
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: frameCount, rates: $0) }, models: Models(finder),
            catalogue: try AnalyticCatalogue(directory: home.appending(path: "analytics")),
            makeTracker: { configuration in
                updates.trackers.add(1, ordering: .relaxed)
                return CountingTracker(tracker: ByteTracker(configuration: configuration), updates: updates)
            })
        let plan = try await workshop.prepare(choices)
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: transcript, taps: [views])
        try await pipeline.run()
        return Outcome(
            said: await transcript.said, updates: updates.count.load(ordering: .relaxed),
            trackers: updates.trackers.load(ordering: .relaxed), views: await views.results)
    }
    private static func choice(_ name: String, rate: Int, probeCount: Int = 3) -> AnalyticChoice {
        AnalyticChoice(
            name: name,
            parameters: [
                "parameters": [
                    "rate": ["period": .integer(Int64(rate)), "unit": "frame"],
                    "probe_count": .integer(Int64(probeCount)),
                ]
            ])
    }

    @Test func equalNeedsAreTrackedOnceAndSaidAsIfAlone() async throws {
        let count = Self.choice("people_count", rate: 1), tracking = Self.choice("human_tracking", rate: 1)
        let both = try await Self.run([count, tracking])
        #expect(both.trackers == 1 && both.updates == Self.frameCount)
        for choice in [count, tracking] {
            let alone = try await Self.run([choice])
            #expect(alone.updates == Self.frameCount)
            #expect(!alone.said.isEmpty)
            #expect(both.said.filter { $0.analytic == choice.name } == alone.said)
        }
    }

    @Test(arguments: [1, 3, 5]) func aPersonHasOneNumberInAllAnalyticsHoweverLongTheyProbe(probeCount: Int) async throws
    {
        let both = try await Self.run([
            Self.choice("people_count", rate: 1, probeCount: probeCount),
            Self.choice("human_tracking", rate: 1, probeCount: probeCount),
        ])
        #expect(both.trackers == 1 && both.updates == Self.frameCount)
        for results in both.views {
            #expect(results[0].observation.tracks.map(\.id) == results[1].observation.tracks.map(\.id))
            let followed = results[1].observation.tracks.filter { $0.phase == .confirmed }.map(\.id)
            #expect(Set(followed).isSubset(of: results[0].observation.headcount.people.compactMap(\.track)))
            #expect(results[0].observation.headcount == results[1].observation.headcount)
        }
        // Each analytic waits for as many sightings as it asked for, whatever the other did.
        let opened = both.said.filter { $0.analytic == "human_tracking" && $0.change == .opened }
        #expect(opened.map(\.time.seconds) == Array(repeating: Double(probeCount - 1) / 10, count: 2))
        #expect(opened.map(\.begin.seconds) == [0, 0])
    }

    @Test func whoTakesFewerFramesIsShownTheTracksOfWhoTakesMore() async throws {
        let both = try await Self.run([
            Self.choice("human_tracking", rate: 4), Self.choice("people_count", rate: 2),
            Self.choice("human_tracking", rate: 1),
        ])
        #expect(both.trackers == 1 && both.updates == Self.frameCount)
        for results in both.views {
            #expect(Set(results.map { $0.observation.tracks.map(\.id) }).count == 1)
            #expect(Set(results.map(\.headcount)).count == 1)
        }
        // Sightings are those in an analytic's own frames, 0.4 and 0.1 seconds apart.
        let opened = both.said.filter { $0.analytic == "human_tracking" && $0.change == .opened }
        #expect(opened.map(\.time.seconds) == [0.2, 0.2, 0.8, 0.8])
    }

    @Test func otherFramesAreTrackedApart() async throws {
        let both = try await Self.run([Self.choice("people_count", rate: 2), Self.choice("human_tracking", rate: 3)])
        #expect(both.trackers == 2 && both.updates == 20 + 14)
    }
}
