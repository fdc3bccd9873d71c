import Analytics
import Foundation
import Frames
import Inference
import JSON
import Media
import Pipeline
import Records
import Scene
import TestSupport
import Testing

@testable import Tools

struct AnnotationTests {
    private static let body = BoundingBox(minX: 100, minY: 100, maxX: 140, maxY: 220)
    private static let face = BoundingBox(minX: 114, minY: 104, maxX: 126, maxY: 120)

    /// Finds somebody's body and face in every frame.
    private struct Shelf: ModelShelf {
        func model(_ choice: ModelChoice) -> LoadedModel {
            let found = Detection(box: choice == .faces ? face : body, confidence: 0.9)
            return LoadedModel(
                finder: ScriptedFinder { _ in [found] },
                thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.25, nmsIoU: 0.6))
        }
    }
    private actor Boxes: FrameTap {
        private(set) var drawn: [[BoundingBox]] = []
        func take(_ frame: Frame, _ results: [AnalyticResult]) {
            drawn.append(
                Annotation(regions: []).overlays(of: results, on: frame.size).compactMap {
                    if case .box(let box, _, _, _) = $0 { box } else { nil }
                })
        }
    }

    @Test(arguments: [("face", [face]), ("body", [body]), ("human", [body, face])])
    func whatIsFoundOfPeopleIsDrawn(detector: String, boxes: [BoundingBox]) async throws {
        let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        let workshop = Workshop(
            opener: SyntheticOpener { SyntheticSource(count: 10, rates: $0) }, models: Shelf(),
            catalogue: try AnalyticCatalogue(
                directory: home.appending(path: "analytics"), abilities: Abilities(findsFaces: true)))
        let plan = try await workshop.prepare([
            AnalyticChoice(
                name: "human_tracking",
                parameters: ["targets": [], "parameters": ["tracking": ["detector_type": .string(detector)]]])
        ])
        let source = try await workshop.open(SourceSpecification(kind: .file, reference: "synthetic"), for: plan)
        let taken = Boxes()
        var pipeline = workshop.pipeline(of: source, sink: EventCollector(), taps: [taken])
        try await pipeline.run()
        #expect(await taken.drawn.last == boxes)
    }
}
