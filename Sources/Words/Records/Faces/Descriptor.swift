/// What a network says of a face, as numbers: the more alike two faces are, the smaller the angle between theirs.
///
/// SFace's 128 numbers, in the order of its output; of any length but zero, since only their direction counts.
/// Source: Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", IEEE TIP 30, 2021.
public struct Descriptor: Hashable, Sendable {
    public static let count = 128
    /// Names the network on the wire. Those of the contract are 46 to 64 for faces and 102 to 116 for bodies, so no descriptor of another
    /// network is taken for one of these.
    public static let version = 1001
    /// Of `bytes`.
    public static let byteCount = count * MemoryLayout<Float>.size

    /// `count` of them, all finite, not all zero.
    public let values: [Float]

    /// - Parameter values: `nil` is made of too many or too few, of such as are no number or infinite, and of nothing but zeros.
    public init?(_ values: [Float]) {
        guard values.count == Self.count, values.allSatisfy(\.isFinite), values.contains(where: { $0 != 0 }) else {
            return nil
        }
        self.values = values
    }

    /// The cosine of the angle between two descriptors, `-1...1`.
    public func cosine(to other: Descriptor) -> Double {
        var product = 0.0, own = 0.0, others = 0.0
        for (a, b) in zip(values, other.values) {
            let (a, b) = (Double(a), Double(b))
            product += a * b
            own += a * a
            others += b * b
        }
        return min(1, max(-1, product / (own.squareRoot() * others.squareRoot())))
    }
    /// The mean direction of several descriptors of one person.
    /// - Parameter descriptors: each with how much it counts, such as the quality of what it was taken from; at least 0.
    /// - Returns: of length 1; `nil` of none, of such as count nothing, and of opposite ones.
    public static func mean(of descriptors: [(descriptor: Descriptor, weight: Double)]) -> Descriptor? {
        var sum = [Double](repeating: 0, count: count)
        for (descriptor, weight) in descriptors {
            let factor = weight / descriptor.length
            for (index, value) in descriptor.values.enumerated() { sum[index] += factor * Double(value) }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 1e-9 ? Descriptor(sum.map { Float($0 / length) }) : nil
    }
    private var length: Double { values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }

    /// As answers tell it: `0...1`.
    public func similarity(to other: Descriptor) -> Double { Similarity.of(cosine: cosine(to: other)) }
}

// MARK: Bytes

extension Descriptor {
    /// The numbers as they are kept and as the raw form has them: `Float32`, little-endian, one behind the other.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        return bytes
    }
    /// - Throws: `Flaw.length`, `.values`.
    public init(bytes: some Collection<UInt8>) throws(Flaw) {
        guard bytes.count == Self.byteCount else { throw .length(bytes.count) }
        let values = Array(bytes).withUnsafeBytes { bytes in
            (0..<Self.count).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
        guard let descriptor = Descriptor(values) else { throw .values }
        self = descriptor
    }

    /// The form that says what it is: the signature `SLFD`, the version as `UInt32`, little-endian, and `bytes`.
    public var sdkForm: [UInt8] { Self.head + bytes }
    private static let signature = Array("SLFD".utf8)
    private static let head = signature + withUnsafeBytes(of: UInt32(version).littleEndian) { Array($0) }

    /// - Throws: `Flaw`: `.signature` for what is no such form, `.version` for one of another network.
    public init(sdkForm: some Collection<UInt8>) throws(Flaw) {
        let form = Array(sdkForm)
        guard form.count >= Self.head.count, form.starts(with: Self.signature) else { throw .signature }
        let found = form[Self.signature.count..<Self.head.count].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard found == Self.version else { throw .version(found) }
        try self.init(bytes: form[Self.head.count...])
    }

    /// Why bytes are no descriptor.
    public enum Flaw: Error, Hashable, Sendable {
        /// There are so many.
        case length(Int)
        /// One is no number, or all are zero.
        case values
        case signature
        case version(Int)
    }
}
