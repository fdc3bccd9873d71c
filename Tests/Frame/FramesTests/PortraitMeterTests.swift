import Frames
import Testing

struct PortraitMeterTests {
    private static func measure(_ pixels: Pixels) -> PortraitLight {
        var meter = PortraitMeter(), pixels = pixels
        return pixels.withTarget { meter.measure($0) }
    }

    @Test func bothHalvesAlikeHaveEverythingInCommon() {
        let ramp = Self.measure(
            Pixels { x, y in
                let value = Double(y)
                return (value, value, value)
            })
        #expect(ramp.uniformity > 0.95 && ramp.isGrey)
        let split = Self.measure(Pixels { x, _ in x < 125 ? (40, 40, 40) : (200, 200, 200) })
        #expect(split.uniformity == 0)
    }

    @Test func theRangeIsTheEntropyOfTheBrightness() {
        // One brightness, two that are as frequent, 256 that nearly are.
        #expect(Self.measure(Pixels { _, _ in (90, 90, 90) }).dynamicRange == 0)
        let two = Self.measure(Pixels { x, y in (x + y) % 2 == 0 ? (40, 40, 40) : (200, 200, 200) })
        #expect(abs(two.dynamicRange - 1.0 / 8) < 1e-3)
        let all = Self.measure(
            Pixels { x, y in
                let value = Double((x * 37 + y * 101) % 256)
                return (value, value, value)
            })
        #expect(all.dynamicRange > 0.98 && all.dynamicRange <= 1)
    }

    @Test func skinHasColour() {
        let skin = Self.measure(Pixels { _, _ in (165, 130, 110) })
        #expect(skin.colour == 55 && !skin.isGrey)
    }
}
