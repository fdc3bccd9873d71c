import Analytics
import Foundation
import Frames
import Inference
import JSON
import Pipeline
import Records
import Scene
import TestSupport
import Testing

/// Whom pictures mark, and by which numbers.
struct ShownPersonTests {
    private actor Shown: FrameTap {
        private(set) var frames: [(people: [ShownPerson], headcount: Headcount)] = []
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            frames.append((results.shownPeople, results.headcount))
        }
    }
    private static func parameters(_ own: [String: JSONValue] = [:]) -> JSONValue {
        let standard: [String: JSONValue] = ["rate": ["unit": "frame", "period": 1], "probe_count": 1]
        return ["parameters": .object(standard.merging(own) { $1 })]
    }
    /// Runs 20 frames with two people who stand still past the analytics.
    private static func run(_ choices: [AnalyticChoice]) async throws -> (shown: Shown, plan: Plan) {
        let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        let finder = ScriptedFinder { _ in
            [100, 400].map { x in
                Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: 0.9)
            }
        }
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 20, rates: $0) }, models: Models(finder),
            catalogue: try AnalyticCatalogue(directory: home.appending(path: "analytics")))
        let plan = try await workshop.prepare(choices), shown = Shown()
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [shown])
        try await pipeline.run()
        return (shown, plan)
    }
    private static let left: JSONValue = [
        "mode": "percent", "form": "common",
        "area": [[["x": 0, "y": 0], ["x": 50, "y": 0], ["x": 50, "y": 100], ["x": 0, "y": 100]]],
    ]

    @Test func asManyAreMarkedAsCountedAsEverythingElseTells() async throws {
        let count = AnalyticChoice(name: "people_count", parameters: Self.parameters(["droi": Self.left]))
        let tracking = AnalyticChoice(name: "human_tracking", parameters: Self.parameters())
        let (shown, plan) = try await Self.run([count, tracking])
        let last = try #require(await shown.frames.last)
        #expect(last.headcount.count == 1)
        #expect(last.people.map(\.isCounted) == [true, false])
        #expect(last.people.map(\.box.minX) == [100, 400])
        #expect(await shown.frames.allSatisfy { $0.people.count { $0.isCounted } == $0.headcount.count })
        // Where people count is told, and whose wish that is; the whole frame is no region.
        #expect(plan.plannedRegions.map(\.analytic) == ["people_count"] && plan.plannedRegions.map(\.index) == [0])
        let outlines = plan.plannedRegions[0].region.outlines(in: PixelSize(width: 640, height: 360))
        #expect(outlines.map(\.vertices) == [[(0, 0), (320, 0), (320, 360), (0, 360)].map { Point(x: $0, y: $1) }])
    }

    @Test(arguments: [["people_count"], ["human_tracking"], ["people_count", "human_tracking"]])
    func aPersonHasOneNumberInAllFrames(analytics: [String]) async throws {
        let (shown, _) = try await Self.run(
            analytics.map { AnalyticChoice(name: $0, parameters: Self.parameters()) })
        let numbers = await shown.frames.map { $0.people.sorted { $0.box.minX < $1.box.minX }.map(\.number) }
        let last = try #require(numbers.last)
        #expect(last.count == 2 && !last.contains(nil) && last[0] != last[1])
        #expect(numbers.dropFirst(3).allSatisfy { $0 == last })
    }

    /// Each tracker counts from its own beginning.
    @Test func thoseWhomDifferentTrackersFollowHaveDifferentNumbers() async throws {
        func region(_ x: Int64) -> JSONValue {
            Self.parameters(["roi": ["mode": "percent", "x": .integer(x), "y": 0, "width": 50, "height": 100]])
        }
        let (shown, plan) = try await Self.run(
            [0, 50].map { AnalyticChoice(name: "human_tracking", parameters: region($0)) })
        let last = try #require(await shown.frames.last).people
        #expect(last.count == 2 && last[0].number != last[1].number)
        #expect(last.map(\.track?.id).count == 2)
        #expect(plan.plannedRegions.map(\.index) == [0, 1])
    }
}
