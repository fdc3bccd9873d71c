/// What all that a look found stands for, the faint ones included.
public struct Expectation: Hashable, Sendable {
    /// How likely each detection is somebody, `0...1`, in their order.
    public var likelihoods: [Float]
    /// Whether the look as a whole shows anybody, so that people may be counted where no detection alone is sure of one.
    public var isAnybodyThere: Bool
    public init(likelihoods: [Float], isAnybodyThere: Bool) {
        (self.likelihoods, self.isAnybodyThere) = (likelihoods, isAnybodyThere)
    }
}
