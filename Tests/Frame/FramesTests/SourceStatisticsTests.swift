import Frames
import Testing

struct SourceStatisticsTests {
    @Test func countsAreAddedAndWhatIsSoAtTheMomentStays() {
        var sum = SourceStatistics(), earlier = SourceStatistics()
        (sum.framesDecoded, sum.framesWaiting) = (2, 1)
        (earlier.framesDecoded, earlier.framesWaiting, earlier.packetsRead) = (3, 4, 5)
        sum.add(countsOf: earlier)
        #expect(sum.framesDecoded == 5 && sum.framesWaiting == 1 && sum.packetsRead == 5)
    }

    /// Another process may have counted anything.
    @Test func sumsBeyondMeasureEndNothing() {
        var sum = SourceStatistics(), earlier = SourceStatistics()
        (sum.framesDecoded, sum.packetsRead) = (.max, .min)
        (earlier.framesDecoded, earlier.packetsRead) = (.max, .min)
        sum.add(countsOf: earlier)
        #expect(sum.packetsRead == 0)
    }
}
