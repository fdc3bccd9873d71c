import CDotProducts
public import Records

/// The direction of a descriptor in 8 bits, and how far from it that is: what is searched through.
public struct QuantisedDescriptor: Hashable, Sendable {
    /// `Descriptor.count` of them, each -127 to 127.
    let codes: [Int8]
    /// The numbers are near `scale * codes`.
    let scale: Float
    /// The distance from there to the direction.
    let error: Float

    public init(_ descriptor: Descriptor) { self = descriptor.values.withUnsafeBufferPointer { Self($0) } }
    /// - Parameter bytes: as `Descriptor.bytes`; `nil` for such as are none.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Descriptor.byteCount else { return nil }
        let quantised = withUnsafeTemporaryAllocation(of: Float.self, capacity: Descriptor.count) { values in
            for index in 0..<Descriptor.count {
                let pattern = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                values.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: pattern)))
            }
            return Self(UnsafeBufferPointer(values))
        }
        guard quantised.scale.isFinite, quantised.scale > 0 else { return nil }
        self = quantised
    }
    private init(_ values: UnsafeBufferPointer<Float>) {
        precondition(Descriptor.count == Int(dot_dimension), "the helper in C is made for other descriptors")
        var scaling = dot_scaling()
        codes = [Int8](unsafeUninitializedCapacity: Descriptor.count) { codes, count in
            scaling = dot_quantise(values.baseAddress, codes.baseAddress)
            count = Descriptor.count
        }
        (scale, error) = (scaling.scale, scaling.error)
    }
    var scaling: dot_scaling { dot_scaling(scale: scale, error: error) }
}
