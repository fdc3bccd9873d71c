import Inference
import Scene
import Testing

struct TilingTests {
    @Test func aSmallFrameIsLookedAtOnceAndALargeOneInOverlappingPartsToo() {
        let small = PixelSize(width: 640, height: 360)
        #expect(Tiling(of: small).regions == [PixelRect(small)])
        let large = PixelSize(width: 1921, height: 1081)
        let all = Tiling(of: large).regions
        #expect(all.count == 5 && all[0] == PixelRect(large))
        for part in all {
            #expect(part.x >= 0 && part.y >= 0)
            #expect(part.x + part.width <= 1921 && part.y + part.height <= 1081)
        }
        #expect(all[1].x + all[1].width - all[2].x > 300 && all[1].y + all[1].height - all[3].y > 150)
    }

    /// What is long and narrow is cut across only.
    @Test func aSideThatIsShortIsNotCut() {
        let all = Tiling(of: PixelSize(width: 2000, height: 300)).regions
        #expect(
            all == [
                PixelRect(x: 0, y: 0, width: 2000, height: 300), PixelRect(x: 0, y: 0, width: 1200, height: 300),
                PixelRect(x: 800, y: 0, width: 1200, height: 300),
            ])
    }

    /// Whoever is smaller than what two neighbours share is whole in one of them.
    @Test func whomAnInnerEdgeCutsIsLeftToTheNeighbour() {
        let tiling = Tiling(of: PixelSize(width: 1920, height: 1080))
        for x in stride(from: Float(0), through: 1700, by: 50) {
            for y in stride(from: Float(0), through: 900, by: 50) {
                let box = BoundingBox(minX: x, minY: y, maxX: x + 200, maxY: y + 150)
                let parts = tiling.regions.dropFirst().filter { part in
                    let edge = BoundingBox(
                        minX: Float(part.x), minY: Float(part.y), maxX: Float(part.x + part.width),
                        maxY: Float(part.y + part.height))
                    let seen = box.intersection(edge)
                    return seen.area > 0 && tiling.isWhole(seen, in: part)
                }
                #expect(!parts.isEmpty, "\(x), \(y)")
            }
        }
        let cut = BoundingBox(minX: 1000, minY: 100, maxX: 1152, maxY: 200)
        #expect(!tiling.isWhole(cut, in: tiling.regions[1]) && tiling.isWhole(cut, in: tiling.regions[0]))
    }
}
