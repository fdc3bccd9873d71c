import Scene
import Testing

struct MediaTimeTests {
    @Test(
        arguments: [
            (0.04, Int64(40_000_000)), (1.0 / 3, 333_333_333), (-0.5, -500_000_000), (86_400, 86_400_000_000_000),
        ] as [(Double, Int64)])
    func secondsAreRoundedToNanoseconds(seconds: Double, nanoseconds: Int64) {
        #expect(MediaTime(seconds: seconds).nanoseconds == nanoseconds)
        #expect(abs(MediaTime(seconds: seconds).seconds - seconds) < 1e-9)
    }
    @Test func addingTheDifferenceLeadsBack() {
        let a = MediaTime(nanoseconds: 1_500_000_001), b = MediaTime(nanoseconds: 90_000_000_000_003)
        #expect(a + (b - a) == b && b + (a - b) == a)
        #expect(a < b && !(b < a) && (b - a).seconds > 0 && (a - b).seconds < 0)
    }
    @Test func aDurationBelowANanosecondIsDropped() {
        #expect(MediaTime.zero + .microseconds(500) == MediaTime(nanoseconds: 500_000))
        #expect(MediaTime.zero + (.nanoseconds(-1)) == MediaTime(nanoseconds: -1))
    }
}
