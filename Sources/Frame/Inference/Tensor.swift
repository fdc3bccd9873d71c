/// One output of a network: 32-bit floats, row-major. The memory is the network's, lent for the length of a closure.
public struct Tensor {
    public let values: UnsafeBufferPointer<Float>
    public let shape: [Int]
    public init(values: UnsafeBufferPointer<Float>, shape: [Int]) { (self.values, self.shape) = (values, shape) }
}
