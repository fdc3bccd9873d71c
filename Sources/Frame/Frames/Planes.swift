public import Scene

/// One writable plane of 8-bit samples.
public struct PlaneTarget {
    public let base: UnsafeMutablePointer<UInt8>
    public let bytesPerRow: Int
    public let size: PixelSize
    public init(base: UnsafeMutablePointer<UInt8>, bytesPerRow: Int, size: PixelSize) {
        (self.base, self.bytesPerRow, self.size) = (base, bytesPerRow, size)
    }
}

/// Writable planes of a picture as most video has it: brightness, and two of colour that are half as wide and half as high (4:2:0).
public struct PlanarTarget {
    public let luma, chromaU, chromaV: PlaneTarget
    public init(luma: PlaneTarget, chromaU: PlaneTarget, chromaV: PlaneTarget) {
        (self.luma, self.chromaU, self.chromaV) = (luma, chromaU, chromaV)
    }
}

/// What the samples of such planes mean.
public struct PlanarForm: Hashable, Sendable {
    /// As ITU-T H.273 numbers the matrices to and from RGB; 2: nobody says.
    public var matrix: Int
    /// Whether black is 0 and white 255, not 16 and 235.
    public var isFullRange: Bool
    public init(matrix: Int, isFullRange: Bool) { (self.matrix, self.isFullRange) = (matrix, isFullRange) }
    public var black: UInt8 { isFullRange ? 0 : 16 }
}

extension Picture {
    public var planarForm: PlanarForm? { nil }
    public func copyPlanes(to target: PlanarTarget) throws {
        preconditionFailure("a picture without a planar form has no planes")
    }
}
