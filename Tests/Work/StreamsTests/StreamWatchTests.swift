import Foundation
import Frames
import LogSupport
import Logging
import Pipeline
import Records
import Testing

@testable import Streams

struct StreamWatchTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)
    private static func second(_ second: Double) -> Date { start.addingTimeInterval(second) }
    /// A scene with something in it; `noise` moves every sample by up to so much from picture to picture.
    private static func scene(_ index: Int = 0, noise: Int = 0, brightness: Int = 0, contrast: Double = 1) -> LumaGrid {
        var generator = SplitMix(state: UInt64(index))
        return LumaGrid { column, row in
            let shade = Double((column * 37 + row * 91) % 160) * contrast
            return UInt8(
                clamping: 40 + brightness + Int(shade)
                    + (noise > 0 ? Int.random(in: -noise...noise, using: &generator) : 0))
        }
    }
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
    /// What is wrong after two minutes of such pictures, two a second, by the second in which it was first seen.
    private static func troubles(_ picture: (Int) -> LumaGrid) -> [StreamHealth.Reason: Double] {
        var watch = PictureWatch()
        var first: [StreamHealth.Reason: Double] = [:]
        for index in 0..<240 {
            watch.see(picture(index), at: second(Double(index) / 2))
            if let trouble = watch.trouble, first[trouble.reason] == nil {
                first[trouble.reason] = Double(index) / 2
                #expect(trouble.since == start)
            }
        }
        return first
    }

    @Test func aPictureThatNeverChangesIsFrozenAfterAMinute() {
        #expect(Self.troubles { _ in Self.scene() } == [.pictureFrozen: 60])
        #expect(Self.troubles { Self.scene($0, brightness: $0 % 2) } == [.pictureFrozen: 60], "one step is no change")
    }
    @Test func theNoiseOfAnEmptyRoomIsAChange() {
        #expect(Self.troubles { Self.scene($0, noise: 2) } == [:])
    }
    @Test func aBlackPictureIsBlackAlsoWithNoise() {
        #expect(
            Self.troubles { index in Self.scene(index, noise: 4, brightness: -22, contrast: 0) } == [.pictureBlack: 10])
    }
    @Test func aLampInTheNightIsNotBlack() {
        #expect(
            Self.troubles { index in
                LumaGrid { column, row in column == 7 && row == 3 ? 200 : 18 + UInt8((index + column) % 3) }
            } == [:])
    }
    @Test func anEvenPictureIsCovered() {
        #expect(Self.troubles { Self.scene($0, noise: 3, brightness: 100, contrast: 0.02) } == [.pictureCovered: 10])
    }
    @Test func anEvenSceneWithSomethingInItIsNotCovered() {
        #expect(
            Self.troubles { index in
                LumaGrid { column, row in row == 9 && column > 20 ? 170 : 130 + UInt8((index + column * row) % 4) }
            } == [:])
    }

    // MARK: The source

    private static func source(
        packets: Int, silence: Duration? = nil, patience: Duration = .seconds(2), decoded: Int = 1
    ) -> SourceStatistics {
        var statistics = SourceStatistics()
        (statistics.packetsRead, statistics.silence, statistics.framesDecoded) = (packets, silence, decoded)
        statistics.patience = silence.map { _ in patience }
        return statistics
    }

    @Test func aSourceThatStallsIsLostAndComesBackIsToldInEachState() throws {
        var watch = StreamWatch(isLive: true, stall: StallWatch())
        let now = ContinuousClock.now
        var patience: Duration?
        func look(_ tick: Int, _ source: SourceStatistics?) {
            patience = watch.look(
                source, total: StreamStatistics(), at: now + .milliseconds(500) * tick, Self.second(Double(tick) / 2))
        }
        for tick in 0..<20 { look(tick, Self.source(packets: tick * 12)) }
        #expect(watch.health.troubles.isEmpty && patience == .seconds(2))
        look(23, Self.source(packets: 19 * 12, silence: .milliseconds(1500)))
        #expect(watch.health.troubles == [.init(.sourceStalled, since: Self.second(10))])
        watch.lose("gone", after: patience, at: Self.second(13))
        look(30, nil)
        watch.lose("refused", after: nil, at: Self.second(16))
        #expect(
            watch.health.troubles
                == [.init(.reconnecting, since: Self.second(13), attempt: 2, lastError: "refused")])
        watch.open()
        look(40, Self.source(packets: 0, decoded: 0))
        #expect(watch.health.troubles.count == 1, "open, but no picture yet")
        look(41, Self.source(packets: 5))
        #expect(watch.health.troubles.isEmpty)
        #expect(
            try #require(patience) > .milliseconds(5900),
            "three times the gap that ended it, less what time has taken off")
    }

    @Test func ofACameraWhosePaceIsNotKnownYetHalfItsDeadlineIsASilence() {
        var watch = StreamWatch(isLive: true, stall: StallWatch())
        func look(_ silence: Duration) {
            let source = Self.source(packets: 3, silence: silence, patience: .seconds(10))
            #expect(watch.look(source, total: StreamStatistics(), at: .now, Self.second(60)) == nil)
        }
        look(.seconds(4))
        #expect(watch.health.troubles.isEmpty)
        look(.seconds(6))
        #expect(watch.health.troubles == [.init(.sourceStalled, since: Self.second(54))])
    }

    @Test func aFileIsNeverSilent() {
        var watch = StreamWatch(isLive: false, stall: StallWatch())
        for tick in 0..<100 {
            #expect(
                watch.look(
                    Self.source(packets: tick * 12, silence: .seconds(tick > 50 ? 30 : 0)), total: StreamStatistics(),
                    at: .now + .seconds(tick), Self.second(Double(tick))) == nil)
        }
        #expect(watch.health.troubles.isEmpty)
    }

    @Test func framesThatAreLostOrFailAreTold() {
        var watch = StreamWatch(isLive: true, stall: StallWatch())
        let now = ContinuousClock.now
        var total = StreamStatistics()
        func pass(_ seconds: Range<Int>, dropped: Int, failed: Int) {
            for second in seconds {
                total.framesAnalysed += 10 - failed
                (total.framesDropped, total.framesFailed) = (total.framesDropped + dropped, total.framesFailed + failed)
                _ = watch.look(nil, total: total, at: now + .seconds(second), Self.second(Double(second)))
            }
        }
        pass(0..<11, dropped: 0, failed: 0)
        #expect(watch.health.troubles.isEmpty)
        pass(11..<21, dropped: 5, failed: 8)
        #expect(watch.health.troubles.map(\.reason) == [.analysisTooSlow, .analysisFailing])
        pass(21..<41, dropped: 0, failed: 0)
        #expect(watch.health.troubles.isEmpty)
    }

    // MARK: The log

    @Test func aReasonThatComesAndGoesIsALineAMinute() {
        let log = LogCollector()
        var writer = HealthLog(log.logger)
        let streams = (0..<2).map { _ in StreamVersion(id: UUID(), version: 1) }
        let now = ContinuousClock.now
        let bad = StreamHealth([.init(.pictureBlack, since: Self.start)])
        for second in 0..<180 {
            // One is unwell every other second, the other all the time.
            writer.look(
                [streams[0]: second % 2 == 0 ? bad : StreamHealth(), streams[1]: bad], at: now + .seconds(second))
        }
        #expect(log.count(of: "Stream unwell", at: .warning) == 3 + 1)
        #expect(log.count(of: "Stream well again", at: .notice) == 3)
        // One that has ended is not well again.
        writer.look([:], at: now + .seconds(181))
        #expect(log.lines.count == 7)
    }

    // MARK: The daemon

    @Test func nothingThatWaitsAndNothingThatAdvancesIsTheDaemonsFault() {
        let streams = (0..<3).map { _ in StreamVersion(id: UUID(), version: 1) }
        let now = ContinuousClock.now
        func isStuck(after seconds: Int, waiting: Int, advancing: Int, unseen: Range<Int> = 0..<0) -> Bool {
            var watch = ProgressWatch(patience: .seconds(60))
            for second in 0...seconds where !unseen.contains(second) {
                var counts: [StreamVersion: StreamStatistics] = [:]
                for (index, stream) in streams.enumerated() {
                    var statistics = StreamStatistics()
                    statistics.framesWaiting = index < waiting ? 3 : 0
                    statistics.framesAnalysed = 5 + (index < advancing ? second : 0)
                    counts[stream] = statistics
                }
                watch.look(counts, at: now + .seconds(second))
            }
            return watch.isStuck
        }
        #expect(isStuck(after: 62, waiting: 3, advancing: 0))
        #expect(isStuck(after: 62, waiting: 1, advancing: 0))
        #expect(!isStuck(after: 59, waiting: 3, advancing: 0))
        #expect(!isStuck(after: 62, waiting: 3, advancing: 1), "one stream alone")
        #expect(!isStuck(after: 62, waiting: 0, advancing: 0), "all cameras are unplugged")
        #expect(!isStuck(after: 300, waiting: 3, advancing: 0, unseen: 5..<301), "nobody looks: they may advance")
    }
}
