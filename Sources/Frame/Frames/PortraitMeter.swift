import Foundation
import Scene

/// How the brightness of an aligned face is spread, and how much colour it has: see `PortraitMeter`.
public struct PortraitLight: Hashable, Sendable {
    /// `0...1`, high is good.
    public let uniformity, dynamicRange: Double
    /// Mean difference between the greatest and the least of a pixel's channels, `0...255`.
    public let colour: Double
    /// Of a picture of greys less remains, of the noise of its coding.
    public var isGrey: Bool { colour < 4 }
}

/// Measures how portraits want to be lit, within the oval of an aligned face.
///
/// Source: ISO/IEC 29794-5 "Face image data". The uniformity of illumination is what the histograms of brightness of the left and the right
/// half of the face have in common, each of sum 1; the dynamic range is the entropy of the histogram of both, by the 8 bits that it can have at most.
public struct PortraitMeter: Sendable {
    private var left = [Int](repeating: 0, count: 256), right = [Int](repeating: 0, count: 256)

    public init() {}

    /// - Parameter pixels: an aligned face.
    public mutating func measure(_ pixels: PixelTarget) -> PortraitLight {
        let side = FaceWarp.side
        precondition(pixels.size == PixelSize(width: side, height: side), "an aligned face has its size")
        for value in 0..<256 { (left[value], right[value]) = (0, 0) }
        let red = pixels.order == .rgb ? 0 : 2
        var spread = 0
        for (row, face) in FaceMeter.rows.enumerated() {
            let line = pixels.base + row * pixels.bytesPerRow
            for column in face {
                let pixel = line + 3 * column
                let (r, g, b) = (Int(pixel[red]), Int(pixel[1]), Int(pixel[2 - red]))
                let luma = (77 * r + 150 * g + 29 * b + 128) >> 8
                if column < side / 2 { left[luma] += 1 } else { right[luma] += 1 }
                spread += max(r, g, b) - min(r, g, b)
            }
        }
        let (ofLeft, ofRight) = (Double(left.reduce(0, +)), Double(right.reduce(0, +)))
        let count = ofLeft + ofRight
        var common = 0.0, entropy = 0.0
        for value in 0..<256 {
            common += min(Double(left[value]) / ofLeft, Double(right[value]) / ofRight)
            let share = Double(left[value] + right[value]) / count
            if share > 0 { entropy -= share * log2(share) }
        }
        return PortraitLight(uniformity: common, dynamicRange: entropy / 8, colour: Double(spread) / count)
    }
}
