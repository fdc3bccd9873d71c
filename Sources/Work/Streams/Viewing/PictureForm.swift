public import Scene

/// How a viewer wants pictures: JPEG of this size and quality.
public struct PictureForm: Hashable, Sendable {
    public static let widths = 32...3840
    public static let qualities = 1...95

    /// Pixels; frames that are narrower are never enlarged. `nil`: as wide as the frame.
    public let width: Int?
    /// As libjpeg counts it.
    public let quality: Int

    /// - Parameters:
    ///   - width: one of `widths`.
    ///   - quality: one of `qualities`.
    public init(width: Int? = nil, quality: Int = 75) { (self.width, self.quality) = (width, quality) }

    /// What it means for frames of `size`.
    public func policy(for size: PixelSize) -> SnapshotPolicy {
        let width = min(width ?? size.width, size.width)
        let height = (size.height * width + size.width / 2) / size.width
        let (least, most) = (Self.qualities.lowerBound, Self.qualities.upperBound)
        return SnapshotPolicy(
            quality: Double(quality - least) / Double(most - least), maximumSize: max(width, height, 1))
    }
}
