public import Records
import Scene

extension PictureLooker {
    private static let models: [(FaceEstimateSet, Feature)] = [
        (.emotions, .emotions), (.basicAttributes, .basicAttributes), (.mouth, .mouth), (.landmarks68, .landmarks68),
        (.eyes, .eyes), (.gaze, .gaze),
    ]
    /// What there is a model for, of all that policies may ask for.
    public var features: Set<Feature> {
        var features = Set(Self.models.filter { estimable.contains($0.0) }.map(\.1))
        if findsFaces { features.insert(.faceDetection) }
        if describesFaces { features.insert(.faceDescriptor) }
        return features
    }
}
