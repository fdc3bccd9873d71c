import Foundation

/// What a cheap camera makes of the light: exposure, a soft lens, dark corners, sensor noise, 8 bits.
enum Film {
    private static let steps = 4096
    /// Linear light in `0...1`, in `steps` steps, to a code value: an S-shaped film curve over the gamma of displays.
    private static let curve: [Float] = (0...steps).map { step in
        let light = Float(step) / Float(steps)
        let encoded = pow(light, 1 / 2.2)
        return 255 * mix(encoded, encoded * encoded * (3 - 2 * encoded), 0.25)
    }

    /// - Returns: packed 8-bit red, green, blue.
    static func develop(_ colors: [Vector], camera: Camera, seed: UInt64) -> [UInt8] {
        let width = camera.width, height = camera.height
        var codes = [Vector](repeating: Vector(), count: colors.count)
        for row in 0..<height {
            for column in 0..<width {
                let x = Float(column) / Float(width) - 0.5, y = Float(row) / Float(height) - 0.5
                let light = colors[row * width + column] * (1.02 - 0.55 * (x * x + y * y)) * Float(steps)
                codes[row * width + column] = Vector(
                    curve[Int(clamp(light.x, 0...Float(steps)))], curve[Int(clamp(light.y, 0...Float(steps)))],
                    curve[Int(clamp(light.z, 0...Float(steps)))])
            }
        }
        let soft = softened(softened(codes, width: width, step: 1), width: width, step: width)
        var random = Randomness(seed: seed &* 0x2545_F491 &+ 11)
        var pixels = [UInt8](repeating: 0, count: colors.count * 3)
        for index in soft.indices {
            let grain = 1.6 * random.bell(), tint = 0.7 * random.bell()
            let code = soft[index] + Vector(grain + tint, grain, grain - tint)
            for channel in 0..<3 { pixels[index * 3 + channel] = UInt8(clamp(code[channel], 0...255)) }
        }
        return pixels
    }

    /// A blur of one pixel along rows (`step` 1) or columns (`step` the width).
    private static func softened(_ codes: [Vector], width: Int, step: Int) -> [Vector] {
        var result = codes
        for index in step..<codes.count - step {
            result[index] = (codes[index - step] + codes[index] * 4 + codes[index + step]) / 6
        }
        return result
    }
}
