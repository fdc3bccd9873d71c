public import Inference
public import Scene
import Tracking

/// Models with detectors of the test's own.
public struct Models: ModelShelf {
    struct Missing: Error, CustomStringConvertible { let description = "there is no such file" }
    private let own: PersonModel
    private let fast: PersonModel?

    public init(_ detector: any Detector, fast: (any Detector)? = nil, fastConfidence: Float = 0.5) {
        own = PersonModel(detector: detector, confidence: 0.5, tracking: TrackerConfiguration())
        self.fast = fast.map {
            PersonModel(detector: $0, confidence: fastConfidence, tracking: TrackerConfiguration())
        }
    }

    public func named(_ name: DetectorModel?) -> PersonModel { name == .fast ? fast! : own }
    public func model(_ name: DetectorModel?) async throws -> PersonModel {
        if name == .fast, fast == nil { throw Missing() }
        return named(name)
    }
}
