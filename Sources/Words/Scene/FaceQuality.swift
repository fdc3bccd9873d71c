import Foundation

/// How well a face can be judged from its aligned picture; each number `0...1`, high is good.
public struct FaceQuality: Hashable, Sendable {
    /// How far it suits recognition altogether: `ags` on the wire.
    public var ags: Double
    public var warp: WarpQuality
    public init(ags: Double, warp: WarpQuality) { (self.ags, self.warp) = (ags, warp) }

    /// Of a face that is turned as `pose` says. A recogniser needs detail, light, and a face that looks at it; what lacks one of them cannot
    /// make up for it with the others, hence the product. Tilting does not count: aligning takes it away.
    ///
    /// Source: ours. The cosines are the shares of a flat face that stay in sight when it turns.
    public init(_ warp: WarpQuality, pose: HeadPose) {
        let radians = Double.pi / 180
        let turned = max(0, cos(pose.yaw * radians)) * max(0, cos(pose.pitch * radians))
        self.init(ags: warp.blurriness.squareRoot() * min(warp.dark, warp.light) * turned, warp: warp)
    }
}

/// How an aligned face is lit and how sharp it is: `warp_quality` on the wire. High is good throughout, so `dark` is 1 for a face without
/// darkness, and `blurriness` for a sharp one.
public struct WarpQuality: Hashable, Sendable {
    public var dark, light, illumination, specularity, blurriness: Double
    public init(dark: Double, light: Double, illumination: Double, specularity: Double, blurriness: Double) {
        (self.dark, self.light, self.illumination) = (dark, light, illumination)
        (self.specularity, self.blurriness) = (specularity, blurriness)
    }
}
