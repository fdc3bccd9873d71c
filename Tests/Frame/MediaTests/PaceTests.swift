import Scene
import Testing

@testable import Media

struct PaceTests {
    private static let start = ContinuousClock.now

    /// When frames are let go, in seconds, of which each has come by the second beside its own.
    private static func due(_ frames: [(second: Double, came: Double)], isSegmented: Bool = true) -> [Double] {
        var pace = Pace(isSegmented: isSegmented), free = 0.0
        return frames.map { second, came in
            // Who reads reads on when the frame before was let go.
            let now = max(came, free)
            free = (pace.due(second, now: start + .seconds(now)) - start).seconds
            return (free * 1000).rounded() / 1000
        }
    }
    /// Two-second segments of four frames a second; each comes at the moment that `arrival` has for it.
    private static func segments(_ arrival: [Double], second: (Double) -> Double = { $0 }) -> [(Double, Double)] {
        arrival.enumerated().flatMap { index, came in
            (0..<8).map { (second(Double(index) * 2 + Double($0) / 4), came) }
        }
    }

    @Test func whatComesAtOnceGoesAtItsSpeed() {
        let due = Self.due(Self.segments([0, 0, 0, 2, 4]))
        #expect(due == (0..<40).map { Double($0) / 4 })
    }

    @Test func whoIsLateCatchesUpAtTwiceTheSpeed() {
        // The second segment is three seconds late, the rest is there then.
        let due = Self.due(Self.segments([0, 5] + [Double](repeating: 5, count: 8)))
        #expect(Array(due[7...11]) == [1.75, 5, 5.125, 5.25, 5.375])
        // Six seconds of film later he is three seconds less late, and never early. What waiting moved is told of below.
        #expect(abs(due[34] - 8.52) < 0.001 && abs(due[79] - 19.77) < 0.001)
        #expect(zip(due, due.dropFirst()).allSatisfy { $1 - $0 >= 0.125 })
    }

    @Test func aSourceWhoseClockIsSlowMovesTheSchedule() {
        // Each of its two seconds takes 2.01 of ours, so without that it would be 4 s late in the end, and each segment hurried through.
        let due = Self.due(Self.segments((0..<400).map { Double($0) * 2.01 }))
        let lasting = (390..<400).map { due[$0 * 8 + 7] - due[$0 * 8] }
        #expect(lasting.allSatisfy { $0 > 1.6 })
        // One that is slower than any clock is hurried through, but no later than by what it has.
        let slow = Self.due(Self.segments((0..<400).map { Double($0) * 2.2 }))
        #expect((0..<400).allSatisfy { slow[$0 * 8 + 7] - Double($0) * 2.2 < 2 })
    }

    @Test func whoIsMuchTooLateDoesNotCatchUp() {
        #expect(
            Self.due([(0, 0), (0.25, 0), (0.5, 3600), (0.75, 3600)], isSegmented: false) == [0, 0.25, 3600, 3600.25])
    }

    @Test func aClockThatStepsIsTiedAnew() {
        #expect(
            Self.due([(0, 0), (0.25, 0), (5000, 0), (5000.25, 0), (3, 0), (3.25, 0)]) == [
                0, 0.25, 0.25, 0.5, 0.5, 0.75,
            ])
        // Segments that are gone are not waited for; the pictures of a slow file are.
        let steps = [(0.0, 0.0), (0.25, 0), (4.5, 0), (4.75, 0)]
        #expect(Self.due(steps) == [0, 0.25, 0.25, 0.5])
        #expect(Self.due(steps, isSegmented: false) == [0, 0.25, 4.5, 4.75])
    }
}
