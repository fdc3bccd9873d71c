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

    // MARK: Tiles at the picture's own resolution

    private static let input = PixelSize(width: 640, height: 384)

    @Test(arguments: [
        (1280, 720, 9), (1920, 1080, 16), (3840, 2160, 88), (640, 480, 2), (1000, 300, 2), (640, 384, 0), (480, 360, 0),
    ])
    func tilesHaveTheSizeOfTheInputAndCoverThePicture(width: Int, height: Int, count: Int) {
        let bounds = PixelRect(x: 40, y: 20, width: width, height: height)
        let tiling = Tiling(of: bounds, in: Self.input), tiles = tiling.regions.dropFirst()
        #expect(tiling.regions[0] == bounds && tiles.count == count)
        for tile in tiles {
            #expect(tile.width == min(640, width) && tile.height == min(384, height))
            #expect(tile.x >= 40 && tile.y >= 20 && tile.x + tile.width <= 40 + width)
            #expect(tile.y + tile.height <= 20 + height)
        }
        guard let last = tiles.last else { return }
        #expect(last.x + last.width == 40 + width && last.y + last.height == 20 + height)
    }

    /// Or so tall that the whole shows him well.
    @Test(arguments: [(1280, 720), (1920, 1080), (3840, 2160)])
    func everybodyIsWholeInATileOrPlainInTheWhole(width: Int, height: Int) {
        let bounds = PixelRect(x: 0, y: 0, width: width, height: height)
        let tiling = Tiling(of: bounds, in: Self.input)
        #expect(tiling.tallest * 640 / Float(width) > 25)
        let tall = tiling.tallest - 1, wide = tall * 0.5
        for x in stride(from: Float(0), through: Float(width) - wide, by: 37) {
            for y in stride(from: Float(0), through: Float(height) - tall, by: 23) {
                let box = BoundingBox(minX: x, minY: y, maxX: x + wide, maxY: y + tall)
                let own = tiling.regions.indices.filter { tiling.isOwn(box, in: $0) }
                #expect(own.count == 1 && own[0] > 0, "\(x), \(y)")
                guard let index = own.first else { continue }
                let tile = tiling.regions[index]
                #expect(box.minX >= Float(tile.x) && box.maxX <= Float(tile.x + tile.width))
                #expect(tiling.isWhole(box, in: tile), "\(x), \(y)")
            }
        }
        let giant = BoundingBox(minX: 100, minY: 100, maxX: 300, maxY: 100 + tiling.tallest * 1.1)
        #expect(tiling.regions.indices.filter { tiling.isOwn(giant, in: $0) } == [0])
    }

    /// Who is cut at the knees seems to end a little above the edge.
    @Test func whoEndsJustShortOfAnInnerEdgeIsCut() {
        let tiling = Tiling(of: PixelRect(x: 0, y: 0, width: 1280, height: 720), in: Self.input)
        let box = BoundingBox(minX: 100, minY: 281, maxX: 140, maxY: 377)
        #expect(!tiling.isWhole(box, in: tiling.regions[1]) && tiling.isWhole(box, in: tiling.regions[4]))
    }
}
