/// One output of a network: 32-bit floats, row-major. The memory is the network's, lent for the length of a closure.
public struct Tensor {
    public let values: UnsafeBufferPointer<Float>
    public let shape: [Int]
    public init(values: UnsafeBufferPointer<Float>, shape: [Int]) { (self.values, self.shape) = (values, shape) }

    /// The part of one picture of a batch. The first dimension is 1; the pictures' rows follow each other in the second.
    public func picture(_ index: Int, of batch: Int) -> Tensor {
        let count = values.count / batch
        return Tensor(
            values: UnsafeBufferPointer(rebasing: values[index * count..<(index + 1) * count]),
            shape: [1, shape[1] / batch] + shape.dropFirst(2))
    }
}
