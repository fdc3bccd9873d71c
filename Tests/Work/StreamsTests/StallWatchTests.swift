import Testing

@testable import Streams

/// Packets come by a script, on a clock of the test's own, and are looked at twice a second.
struct StallWatchTests {
    private struct Camera {
        var watch = StallWatch()
        var now = ContinuousClock.now
        var packets = 0
        var lastPacket = 0.0
        var second = 0.0
        var stalls: [Double] = []

        /// Packets at these seconds, then silence, looked at until `end`.
        mutating func run(_ arrivals: [Double], until end: Double) {
            var arrivals = arrivals[...]
            while second < end {
                second += 0.5
                while let next = arrivals.first, next <= second {
                    (packets, lastPacket) = (packets + 1, next)
                    arrivals.removeFirst()
                }
                let silence = Duration.seconds(second - lastPacket)
                watch.look(packets: packets, at: now + .seconds(second))
                if let patience = watch.patience, silence > patience {
                    watch.stall(after: silence)
                    stalls.append(second - lastPacket)
                }
            }
        }
    }
    private static func steady(every interval: Double, from start: Double = 0, until end: Double) -> [Double] {
        Array(stride(from: start, to: end, by: interval))
    }

    @Test(arguments: [
        (0.04, 2.0...3.0),  // 25 frames a second
        (0.2, 4.0...5.0),
        (1.0, 20.0...21.0),
        (4.0, 70.0...90.0),  // key frames alone; the source's own deadline comes first
    ])
    func aSilenceIsMeasuredByTheIntervalOfItsStream(interval: Double, expected: ClosedRange<Double>) throws {
        var camera = Camera()
        camera.run(Self.steady(every: interval, until: 60), until: 60)
        #expect(camera.stalls.isEmpty)
        camera.run([], until: 200)
        #expect(expected.contains(try #require(camera.stalls.first)))
    }

    @Test func aSourceThatSendsInBurstsIsNotTakenForStalled() {
        var camera = Camera()
        let bursts = (0..<20).flatMap { burst in (0..<100).map { Double(burst) * 4 + Double($0) * 0.001 } }
        camera.run(bursts, until: 80)
        #expect(camera.stalls.isEmpty)
    }

    @Test func nothingIsSaidBeforeItsWayOfSendingIsKnown() {
        var camera = Camera()
        camera.run(Self.steady(every: 0.04, until: 3), until: 30)
        #expect(camera.stalls.isEmpty)
    }

    @Test func aCameraThatSendsLittleWhileNothingMovesIsNotOpenedAgainAndAgain() throws {
        var camera = Camera()
        camera.run(Self.steady(every: 0.04, until: 20), until: 20)
        // A frame every five seconds from now on, in turns with half a minute of motion.
        var arrivals: [Double] = []
        for round in 0..<10 {
            let start = 20 + Double(round) * 60
            arrivals += Self.steady(every: 5, from: start + 5, until: start + 30)
            arrivals += Self.steady(every: 0.04, from: start + 30, until: start + 60)
        }
        camera.run(arrivals, until: 620)
        // The first quiet could not be known.
        let alarms = camera.stalls.count { $0 < 3 }
        #expect(alarms == 1 && camera.stalls.count <= 6, "\(camera.stalls)")
    }

    @Test func whatWasLearnedStaysWhenItIsOpenedAgain() throws {
        var camera = Camera()
        camera.run(Self.steady(every: 0.04, until: 20), until: 20)
        camera.watch.reopen()
        (camera.packets, camera.lastPacket) = (0, 20)
        camera.run([], until: 40)
        #expect((2.0...3.0).contains(try #require(camera.stalls.first)))
    }

    @Test func countsOfAnotherProcessMayBeAny() throws {
        var watch = StallWatch(timeToLearn: .seconds(1))
        let start = ContinuousClock.now
        for (second, packets) in [Int.max, 0, .max, .min, .max].enumerated() {
            watch.look(packets: packets, at: start + .seconds(second))
        }
        let patience = try #require(watch.patience)
        #expect(patience < .seconds(10))
    }
}
