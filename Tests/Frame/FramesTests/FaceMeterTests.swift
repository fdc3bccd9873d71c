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
