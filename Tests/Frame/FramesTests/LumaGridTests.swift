import Frames
import Testing

struct LumaGridTests {
    @Test func samplesComeRowByRow() {
        var asked: [[Int]] = []
        _ = LumaGrid { column, row in
            asked.append([column, row])
            return 0
        }
        #expect(asked == (0..<16).flatMap { row in (0..<32).map { [$0, row] } })
    }

    @Test func oneSampleThatDiffersIsNoticed() {
        let even = LumaGrid { _, _ in 100 }
        for (column, row) in [(0, 0), (31, 0), (0, 1), (17, 9), (31, 15)] {
            let other = LumaGrid { $0 == column && $1 == row ? 97 : 100 }
            #expect(!even.resembles(other, within: 2) && !other.resembles(even, within: 2))
            #expect(even.resembles(other, within: 3) && other.resembles(even, within: 3))
        }
    }

    @Test func itsExtremesAndItsContrastAreThoseOfAllSamples() {
        let grid = LumaGrid { column, row in column == 31 && row == 15 ? 255 : column == 0 && row == 0 ? 7 : 128 }
        #expect(grid.darkest == 7 && grid.brightest == 255)
        let halves = LumaGrid { column, _ in column < 16 ? 100 : 160 }
        #expect(abs(halves.contrast - 30) < 1e-9)
        #expect(LumaGrid { _, _ in 255 }.contrast == 0)
    }
}
