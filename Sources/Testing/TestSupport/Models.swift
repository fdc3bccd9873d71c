public import Inference
public import Scene

/// Models with finders of the test's own.
public struct Models: ModelShelf {
    struct Missing: Error, CustomStringConvertible { let description = "there is no such file" }
    private let own: LoadedModel
    private let fast: LoadedModel?

    public init(_ finder: any ObjectFinder, fast: (any ObjectFinder)? = nil, fastConfidence: Float = 0.5) {
        own = Self.model(finder, confidence: 0.5)
        self.fast = fast.map { Self.model($0, confidence: fastConfidence) }
    }
    private static func model(_ finder: any ObjectFinder, confidence: Float) -> LoadedModel {
        LoadedModel(
            finder: finder,
            thresholds: ModelCard.Thresholds(confidence: confidence, candidate: confidence / 2, nmsIoU: 0.6))
    }

    public func named(_ choice: ModelChoice) -> LoadedModel { choice == .people(.fast) ? fast! : own }
    public func model(_ choice: ModelChoice) async throws -> LoadedModel {
        if choice == .people(.fast), fast == nil { throw Missing() }
        return named(choice)
    }
}
