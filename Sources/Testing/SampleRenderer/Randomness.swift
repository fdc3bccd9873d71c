/// Numbers that look random and are the same in every run: all of a sample's chance comes from its seed.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (SplitMix64).
struct Randomness: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.scrambled(state)
    }
    /// `0..<1`
    mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
    mutating func between(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }
    /// Near a normal distribution of variance 1, from four uniform 16-bit numbers.
    mutating func bell() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return (Float(sum) * 0x1p-16 - 2) * 1.732
    }

    static func scrambled(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// Smooth noise over space: random at whole coordinates, blended between them. `0...1`.
func valueNoise(_ point: Vector, seed: UInt64 = 0) -> Float {
    let floor = point.rounded(.down), share = point - floor
    let ease = share * share * (Vector(repeating: 3) - 2 * share)
    func corner(_ x: Float, _ y: Float, _ z: Float) -> Float {
        let cell = SIMD3<Int32>(floor + Vector(x, y, z))
        let bits =
            UInt64(UInt32(bitPattern: cell.x)) &* 0x9E37_79B1 ^ UInt64(UInt32(bitPattern: cell.y)) &* 0x85EB_CA77_C2B2
            ^ UInt64(UInt32(bitPattern: cell.z)) &* 0xC2B2_AE3D_27D4
        return Float(Randomness.scrambled(bits &+ seed) >> 40) * 0x1p-24
    }
    func edge(_ y: Float, _ z: Float) -> Float { mix(corner(0, y, z), corner(1, y, z), ease.x) }
    return mix(mix(edge(0, 0), edge(1, 0), ease.y), mix(edge(0, 1), edge(1, 1), ease.y), ease.z)
}
