import Foundation
import Frames
import Scene
import Testing

struct FaceMeterTests {
    /// Skin with pores and features, evenly lit.
    private static let face = skin { _, _ in 1 }
    /// - Parameter light: by which a place is lit.
    private static func skin(_ light: (_ x: Int, _ y: Int) -> Double) -> Pixels {
        Pixels { x, y in
            // As many pores as pixels, and the same in every run.
            let pore = Double((x * 7919 + y * 104_729 + x * y * 31) % 61) - 30
            let feature = 50 * cos((Double(x) - 124.5) / 20) * sin(Double(y) / 20)
            let value = light(x, y)
            return (
                (165 + pore + feature) * value, (130 + pore + feature) * value, (110 + pore + feature) * value
            )
        }
    }
    private static func measure(_ pixels: Pixels) -> WarpQuality {
        var meter = FaceMeter(), pixels = pixels
        return pixels.withTarget { meter.measure($0) }
    }
    /// Whether each number is below the one before, or both are at the same end of the range.
    private static func falls(_ values: [Double]) -> Bool {
        zip(values, values.dropFirst()).allSatisfy { $0 > $1 || $0 == $1 && [0, 1].contains($1) }
            && values.first! > values.last!
    }

    @Test func aFaceThatLacksNothingIsGoodAtEverything() {
        let quality = Self.measure(Self.face)
        #expect(quality.dark > 0.9 && quality.light > 0.95 && quality.specularity > 0.95)
        #expect(quality.illumination > 0.9 && quality.blurriness > 0.9)
        let front = FaceQuality(quality, pose: HeadPose(yaw: 0, pitch: 0, roll: 0))
        #expect(front.ags > 0.85 && front.ags <= 1)
    }

    @Test func theMoreItIsBlurredTheWorse() {
        let qualities = [2, 3, 4, 5, 8].map { Self.measure(Self.face.blurred($0)) }
        #expect(Self.falls([Self.measure(Self.face).blurriness] + qualities.map(\.blurriness)))
        #expect(Self.falls(qualities.map { FaceQuality($0, pose: HeadPose(yaw: 0, pitch: 0, roll: 0)).ags }))
    }

    /// A face in a picture, seen from so far away that it is `height` pixels high, with the noise of a camera.
    private static func picture(height: Double, brightness: Double, blur: Double, darkening: Double) -> Painted {
        let size = PixelSize(width: 96, height: 96), pixel = 190 / height
        func shade(_ x: Double, _ y: Double) -> Double {
            let (u, v) = ((x - 125) / 75, (y - 140) / 95)
            guard u * u + v * v < 1 else { return 70 + 20 * sin(x / 31) }
            func spot(_ centerX: Double, _ centerY: Double, _ width: Double, _ height: Double) -> Bool {
                let (a, b) = ((x - centerX) / width, (y - centerY) / height)
                return a * a + b * b < 1
            }
            if spot(94, 117, 16, 8) || spot(156, 117, 16, 8) || spot(125, 188, 28, 7) { return 60 }
            if spot(94, 98, 22, 4) || spot(156, 98, 22, 4) || spot(118, 160, 4, 3) { return 85 }
            return 175 + 18 * u + 9 * sin(x / 7) * cos(y / 9)
        }
        func exact(_ place: Int) -> Double {
            let (column, row) = (place % 96, place / 96)
            var sum = 0.0
            for part in 0..<9 {
                let x = Double(column) + (Double(part % 3) + 0.5) / 3, y = Double(row) + (Double(part / 3) + 0.5) / 3
                sum += shade(125 + pixel * (x - 48), 140 + pixel * (y - 48))
            }
            let noise: Int = (column * 7919 + row * 104_729 + column * row * 31) % 3 - 1
            return brightness * sum / 9 + Double(noise)
        }
        let reach = Int((3 * blur).rounded(.up))
        let weights: [Double] = (-reach...reach).map { blur > 0 ? exp(-Double($0 * $0) / (2 * blur * blur)) : 1 }
        let total: Double = weights.reduce(0, +)
        func smooth(_ from: [Double], isAcross: Bool) -> [Double] {
            from.indices.map { (place: Int) -> Double in
                let (column, row) = (place % 96, place / 96)
                var sum = 0.0
                for offset in -reach...reach {
                    let x = isAcross ? min(max(column + offset, 0), 95) : column
                    let y = isAcross ? row : min(max(row + offset, 0), 95)
                    sum += weights[offset + reach] * from[y * 96 + x]
                }
                return sum / total
            }
        }
        let blurred = smooth(smooth((0..<96 * 96).map(exact), isAcross: true), isAcross: false)
        return Painted(size: size) { x, y in
            let exact: Double = darkening * blurred[Int(y) * 96 + Int(x)]
            let value = UInt8(min(max(exact.rounded(), 0), 255))
            return (value, value, value)
        }
    }
    private static func quality(height: Double, brightness: Double, blur: Double, darkening: Double) throws
        -> FaceQuality
    {
        let scale = Float(height) / 190
        let points = FaceWarp.reference.map { Point(x: 48 + ($0.x - 125) * scale, y: 48 + ($0.y - 140) * scale) }
        let warp = try #require(FaceWarp(points))
        let quality = try FaceBench().measure(
            warp, in: picture(height: height, brightness: brightness, blur: blur, darkening: darkening))
        return FaceQuality(quality, pose: HeadPose(yaw: 0, pitch: 0, roll: 0))
    }

    @Test(arguments: [16.0, 24, 40, 80], [1.0, 0.5, 0.2])
    func smallAndDarkFacesTooAreTheWorseTheMoreTheyAreBlurredOrDarkened(height: Double, brightness: Double) throws {
        func follows(_ qualities: [FaceQuality]) -> Bool {
            let sharpness = qualities.map(\.warp.blurriness), all = qualities.map(\.ags)
            return [sharpness, all].allSatisfy { values in
                zip(values, values.dropFirst()).allSatisfy { $1 <= $0 + 0.003 } && values.last! < 0.7 * values.first!
            }
        }
        let blurred = try [0, 0.6, 0.8, 1, 1.4, 2, 3].map {
            try Self.quality(height: height, brightness: brightness, blur: $0, darkening: 1)
        }
        #expect(follows(blurred), "\(blurred.map { ($0.warp.blurriness, $0.ags) })")
        let darkened = try [1, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08, 0.04].map {
            try Self.quality(height: height, brightness: brightness, blur: 0, darkening: $0)
        }
        #expect(follows(darkened), "\(darkened.map { ($0.warp.blurriness, $0.ags) })")
        #expect(blurred[0].warp.blurriness > 0.02)
    }

    /// From afar a face has less detail, however sharp the picture is.
    @Test func theSmallerItIsTheWorse() throws {
        let qualities = try [80.0, 56, 40, 28, 20].map {
            try Self.quality(height: $0, brightness: 1, blur: 0.5, darkening: 1).warp.blurriness
        }
        #expect(Self.falls(qualities), "\(qualities)")
    }

    @Test func theDarkerItIsTheWorse() {
        let qualities = [1, 0.5, 0.35, 0.25, 0.15, 0.08, 0.02].map { Self.measure(Self.face.darkened($0)) }
        #expect(Self.falls(qualities.map(\.dark)))
        #expect(Self.falls(qualities.map { FaceQuality($0, pose: HeadPose(yaw: 0, pitch: 0, roll: 0)).ags }))
        // What makes it darker does not make it worse in any other way that is about light.
        #expect(qualities.allSatisfy { $0.light > 0.95 && $0.specularity > 0.95 })
    }

    @Test func theMoreLightTheWorse() {
        let qualities = [1.2, 1.5, 1.8, 2.2, 3].map { Self.measure(Self.face.darkened($0)) }
        #expect(Self.falls(qualities.map(\.light)))
    }

    @Test func theMoreLightComesFromOneSideTheWorse() {
        let qualities = [1, 0.8, 0.5, 0.25, 0.1].map { factor in
            Self.measure(Self.skin { x, _ in x < 125 ? factor : 1 })
        }
        #expect(Self.falls(qualities.map(\.illumination)))
        // How bright both sides are does not matter.
        let dim = Self.measure(Self.skin { x, _ in x < 125 ? 0.25 : 0.5 }).illumination
        #expect(abs(dim - qualities[2].illumination) < 0.02)
    }

    @Test func theMoreShinesTheWorse() {
        let qualities = [0, 10, 20, 30].map { radius in
            var face = Self.face
            for y in 0..<250 {
                for x in 0..<250 where (x - 120) * (x - 120) + (y - 110) * (y - 110) < radius * radius {
                    for channel in 0..<3 { face.bytes[(y * 250 + x) * 3 + channel] = 252 }
                }
            }
            return Self.measure(face)
        }
        #expect(Self.falls(qualities.map(\.specularity)))
    }

    @Test func theMoreItIsTurnedTheWorse() {
        let quality = Self.measure(Self.face)
        let yaw = [0.0, 10, 25, 45, 70, 90, 120].map {
            FaceQuality(quality, pose: HeadPose(yaw: -$0, pitch: 0, roll: 0)).ags
        }
        let pitch = [0.0, 15, 40, 80, 95].map {
            FaceQuality(quality, pose: HeadPose(yaw: 0, pitch: $0, roll: 0)).ags
        }
        #expect(zip(yaw, yaw.dropFirst()).allSatisfy { $0 >= $1 } && yaw[0] > yaw[1] && yaw[4] > 0 && yaw[6] == 0)
        #expect(zip(pitch, pitch.dropFirst()).allSatisfy { $0 >= $1 } && pitch[0] > pitch[1] && pitch[4] == 0)
        let upright = FaceQuality(quality, pose: HeadPose(yaw: 5, pitch: 5, roll: 0))
        #expect(upright.ags == FaceQuality(quality, pose: HeadPose(yaw: 5, pitch: 5, roll: 60)).ags)
    }

    @Test func whatShowsNothingIsNumbersToo() {
        for level in [0.0, 128, 255] {
            let quality = Self.measure(Pixels { _, _ in (level, level, level) })
            let all = [
                quality.dark, quality.light, quality.illumination, quality.specularity, quality.blurriness,
            ]
            #expect(all.allSatisfy { (0...1).contains($0) })
            #expect(quality.blurriness == 0)
        }
    }
}
