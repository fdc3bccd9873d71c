public import Media
public import Records
public import Scene

/// What somebody looks like by one picture or by several.
public struct DescribedFace: Hashable, Sendable {
    public let descriptor: Descriptor
    /// How far the pictures suit recognition, `0...1`.
    public let score: Double
    public init(descriptor: Descriptor, score: Double) { (self.descriptor, self.score) = (descriptor, score) }

    /// Several pictures of one person as one, each counting by its score.
    /// - Returns: `nil` of none, and of such as contradict each other.
    public static func mean(of all: [DescribedFace]) -> DescribedFace? {
        if all.count == 1 { return all[0] }
        let scores = all.map(\.score)
        // Where no picture is worth anything, all are worth the same.
        let weights = scores.contains { $0 > 0 } ? scores : scores.map { _ in 1 }
        return Descriptor.mean(of: zip(all, weights).map { ($0.descriptor, $1) }).map {
            DescribedFace(descriptor: $0, score: scores.reduce(0, +) / Double(scores.count))
        }
    }
}

extension PictureLooker {
    /// What a picture that is an aligned face looks like, and how far it suits that; `nil` where there is no model for it, or it gives no
    /// descriptor.
    /// - Parameter pose: how the head was turned, where somebody knows: an aligned face does not tell.
    public func described(
        warp still: StillPicture, pose: HeadPose = HeadPose(yaw: 0, pitch: 0, roll: 0)
    ) async throws -> DescribedFace? {
        guard let descriptor = try await descriptor(ofWarp: still) else { return nil }
        return DescribedFace(
            descriptor: descriptor, score: FaceQuality(try warpQuality(of: still), pose: pose).ags)
    }
}
