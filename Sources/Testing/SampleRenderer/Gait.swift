import Foundation

/// The joint angles of a walking person.
///
/// Sine curves in the proportions of clinical gait tables (Perry, Burnfield, "Gait Analysis", 2010, ch. 3–5): the hip
/// swings about 40° in all, the knee bends about 60° while its leg swings forward, the arms swing against the legs.
struct Gait {
    /// Radians; forward is positive.
    var hip, shoulder: SIMD2<Float>
    /// Radians of flexion.
    var knee, elbow: SIMD2<Float>
    /// Radians; shoulders against hips.
    var twist: Float

    /// - Parameters:
    ///   - phase: radians; two steps take a full turn.
    ///   - speed: metres per second; at 0 the person stands.
    init(phase: Float, speed: Float) {
        let vigour = clamp(speed / 1.3, 0...1.25)
        let left = phase, right = phase + .pi
        func hipAngle(_ angle: Float) -> Float { vigour * (0.05 + 0.36 * cos(angle)) }
        func kneeAngle(_ angle: Float) -> Float {
            let swing = max(0, -sin(angle + 0.45))
            return 0.05 + vigour * (0.08 + 0.80 * swing * swing)
        }
        hip = [hipAngle(left), hipAngle(right)]
        knee = [kneeAngle(left), kneeAngle(right)]
        shoulder = [-0.42 * vigour * cos(left), -0.42 * vigour * cos(right)]
        elbow = [0.2 + vigour * (0.15 + 0.2 * max(0, -cos(left))), 0.2 + vigour * (0.15 + 0.2 * max(0, -cos(right)))]
        twist = 0.1 * vigour * cos(phase)
    }
}
