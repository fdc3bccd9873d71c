import Analytics
import Foundation
import Frames
import JSON
import Media
import Pipeline
import Records
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Tools

/// How many people there are at a moment, as everything says it that says it at all.
struct CountOfAMomentTests {
    /// What was said of one frame.
    private struct Said: Hashable {
        /// To live subscribers: the number, and of places.
        var live, liveCoordinates: Int64?
        /// In the file of detections: the number, and of boxes.
        var file, fileBoxes: Int64?
        /// In the picture: the label, and boxes.
        var label: String?
        var boxes: Int64?

        static func everywhere(_ count: Int64) -> Said {
            Said(
                live: count, liveCoordinates: count, file: count, fileBoxes: count, label: "people \(count)",
                boxes: count)
        }
    }
    private struct Outcome {
        /// By frame.
        var said: [Int: Said]
        /// Of the crowd's event, in the file of events.
        var eventMaximum: Int64?
        var summary: Analysis.Summary
    }

    /// Hands everything on to what `analyze` writes with, and remembers what subscribers and pictures would say.
    private actor Listener: EventSink, FrameTap {
        let output: AnalysisOutput
        let annotation: Annotation
        private(set) var said: [Int: Said] = [:]
        init(_ output: AnalysisOutput, _ annotation: Annotation) {
            (self.output, self.annotation) = (output, annotation)
        }

        func record(_ updates: [AnalyticUpdates]) async throws {
            try await output.record(updates)
            for update in updates where update.origin.name == "people_count" {
                for update in update.updates where update.change != .closed {
                    let members = update.live.members
                    said[update.time.index, default: Said()].live = members["people_count"]?.integer
                    said[update.time.index, default: Said()].liveCoordinates = members["people_coordinates"]?.array
                        .map { Int64($0.count) }
                }
            }
        }
        nonisolated func fail(_ analytic: EventOrigin, _ reason: String) { Issue.record("\(reason)") }
        func take(_ frame: Frame, _ results: [AnalyticResult]) async throws {
            try await output.take(frame, results)
            let overlays = annotation.overlays(of: results, on: frame.size)
            said[frame.time.index, default: Said()].boxes = Int64(
                overlays.count { if case .box = $0 { true } else { false } })
            for case .text(let text, .topLeft) in overlays { said[frame.time.index, default: Said()].label = text }
        }
        func add(_ line: JSONValue) {
            guard let frame = line["frame"]?.integer else { return }
            said[Int(frame) - 1, default: Said()].file = line["people_count"]?.integer
            said[Int(frame) - 1, default: Said()].fileBoxes = line["detections"]?.array.map { Int64($0.count) }
        }
    }

    private static let people = people(every: 1)
    private static func people(every period: Int64) -> AnalyticChoice {
        AnalyticChoice(
            name: "people_count",
            parameters: [
                "targets": ["coordinates"],
                "parameters": [
                    "rate": ["unit": "frame", "period": .integer(period)], "probe_count": 1,
                    "people_count_threshold": 0,
                ],
            ])
    }

    /// Six seconds at ten frames a second.
    /// - Parameter found: which of ten places are seen to be taken, by frame.
    private static func run(
        _ analytics: [AnalyticChoice], _ found: @escaping @Sendable (Int) -> Range<Int>
    ) async throws -> Outcome {
        let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-test-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let finder = ScriptedFinder { time in
            found(time.index).map { index in
                let x = 20 + 60 * Float(index)
                return Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: 0.9)
            }
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 60, rates: $0) }, models: Models(finder),
            catalogue: try AnalyticCatalogue(directory: home.appending(path: "analytics")))
        let plan = try await workshop.prepare(analytics)
        let planned = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        func path(_ name: String) -> String { folder.appending(path: name).path }
        func lines(_ name: String) throws -> [JSONValue] {
            try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map {
                try JSONValue(parsing: Data($0.utf8))
            }
        }
        let output = try AnalysisOutput(
            Analysis.Specification(
                input: "synthetic", analytics: analytics, eventsFile: path("events"), detectionsFile: path("people")),
            source: planned.source, plan: plan, onProgress: { _ in })
        let listener = Listener(output, Annotation(regions: plan.regions))
        var pipeline = workshop.pipeline(of: planned, sink: listener, taps: [listener])
        try await pipeline.run()
        let summary = try await output.finish()
        for line in try lines("people") { await listener.add(line) }
        let crowds = try lines("events").filter { $0["event_type"] == "crowd" }
        return Outcome(
            said: await listener.said, eventMaximum: crowds.first?["event"]?["people_count"]?.integer, summary: summary)
    }

    @Test func oneLookThatMissesEightOfTenStandingPeopleIsHeardOfNowhere() async throws {
        let outcome = try await Self.run([Self.people]) { $0 == 30 ? 3..<5 : 0..<10 }
        #expect(outcome.said.count == 60)
        for frame in 0..<60 { #expect(outcome.said[frame] == .everywhere(10), "frame \(frame)") }
        #expect(outcome.eventMaximum == 10 && outcome.summary.maximumPeople == 10)
    }

    @Test func whoReallyLeavesIsMissingEverywhereASecondLater() async throws {
        let outcome = try await Self.run([Self.people]) { $0 < 30 ? 0..<10 : 3..<5 }
        for frame in 0..<60 {
            let said = try #require(outcome.said[frame])
            #expect(said == .everywhere(said.live ?? -1), "frame \(frame)")
            if frame < 30 { #expect(said.live == 10) }
            if frame >= 40 { #expect(said.live == 2) }
        }
        #expect(outcome.summary.maximumPeople == 10 && outcome.summary.progress.people == 2)
    }

    @Test func someoneFoundOnceIsCountedOnceEverywhere() async throws {
        let outcome = try await Self.run([Self.people]) { $0 == 30 ? 0..<7 : 0..<4 }
        for frame in 0..<60 { #expect(outcome.said[frame] == .everywhere(frame == 30 ? 7 : 4), "frame \(frame)") }
        #expect(outcome.eventMaximum == 7 && outcome.summary.maximumPeople == 7)
    }

    @Test func aRegionNarrowsTheCountEverywhere() async throws {
        let half: JSONValue = [
            "mode": "percent", "form": "common",
            "area": [
                [["x": 0, "y": 0], ["x": 50, "y": 0], ["x": 50, "y": 100], ["x": 0, "y": 100]]
            ],
        ]
        var parameters = Self.people.parameters.object ?? [:]
        var inner = parameters["parameters"]?.object ?? [:]
        inner["droi"] = half
        parameters["parameters"] = .object(inner)
        let outcome = try await Self.run([AnalyticChoice(name: "people_count", parameters: .object(parameters))]) {
            $0 == 30 ? 3..<5 : 0..<10
        }
        for frame in 0..<60 { #expect(outcome.said[frame] == .everywhere(5), "frame \(frame)") }
    }

    @Test func whoCountsDecidesAlsoBesideAnalyticsThatFollow() async throws {
        let tracking = AnalyticChoice(name: "human_tracking")
        let outcome = try await Self.run([tracking, Self.people]) { $0 == 30 ? 3..<5 : 0..<10 }
        for frame in 0..<60 { #expect(outcome.said[frame] == .everywhere(10), "frame \(frame)") }
        #expect(outcome.summary.maximumPeople == 10)

        // One look in ten is that of who counts; nobody says another number between.
        let rare = try await Self.run([tracking, Self.people(every: 10)]) { $0 == 30 ? 3..<5 : 0..<10 }
        for frame in 0..<60 {
            var said = Said.everywhere(10)
            if frame % 10 != 0 { (said.live, said.liveCoordinates) = (nil, nil) }
            #expect(rare.said[frame] == said, "frame \(frame)")
        }

        // Alone, those that follow say nothing of a number, and everything else agrees.
        let alone = try await Self.run([tracking]) { $0 == 30 ? 3..<5 : 0..<10 }
        var expected = Said.everywhere(10)
        (expected.live, expected.liveCoordinates) = (nil, nil)
        for frame in 0..<60 { #expect(alone.said[frame] == expected, "frame \(frame)") }
    }
}
