import Testing

@testable import Streams

struct OutageTests {
    @Test func anOutageIsToldWhenItBeginsRarelyWhileItLastsAndWhenItIsOver() {
        var outage = Outage()
        let start = ContinuousClock.now
        #expect(outage.works(at: start) == nil)
        let words = (0..<400).compactMap { outage.fails(at: start + .seconds(2) * $0) }  // each two seconds
        #expect(words == [.begins, .lasts(.seconds(300)), .lasts(.seconds(600))])
        #expect(outage.works(at: start + .seconds(800)) == .isOver(.seconds(800)))
        #expect(outage.works(at: start + .seconds(802)) == nil)
        #expect(outage.fails(at: start + .seconds(804)) == .begins)
    }
}
