import Foundation
import Frames
import Scene
import Synchronization
import Testing

@testable import Inference

/// People are rendered as dark figures and found in the pixels of each look, as a network does: cut where the look ends.
struct TiledLookTests {
    private static let size = PixelSize(width: 1280, height: 720)
    private static let tile = PixelSize(width: 640, height: 384)

    private static func model(_ finder: any ObjectFinder, counting: CountCalibration? = nil) -> LoadedModel {
        LoadedModel(
            LoadedModel(
                finder: finder,
                thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.1, nmsIoU: 0.6), counting: counting),
            tile: tile)
    }
    private static func look(
        _ finder: any ObjectFinder, of region: PixelRect = PixelRect(size), only zone: Zone? = nil
    ) throws -> TiledLook {
        try #require(TiledLook(model(finder), of: region, only: zone))
    }
    private static func frame(_ picture: any Picture, at seconds: Double = 0) -> Frame {
        Frame(
            time: FrameTime(index: Int(seconds * 10), pts: MediaTime(seconds: seconds), wallClock: .now), consumers: [],
            picture: picture)
    }
    private static func person(_ x: Float, _ y: Float, height: Float = 40) -> BoundingBox {
        BoundingBox(minX: x, minY: y, maxX: x + (height * 0.4).rounded(), maxY: y + height)
    }

    // MARK: Seams

    @Test func peopleCutByTheEdgesOfTilesAreOneEach() async throws {
        // Across the edges of tiles, which lie at multiples of 320 and 168, and somewhere else.
        for people in [
            [Self.person(312, 300), Self.person(632, 330), Self.person(952, 100), Self.person(100, 20)],
            [Self.person(400, 148), Self.person(300, 316), Self.person(632, 366), Self.person(900, 532)],
            [
                Self.person(610, 150, height: 100), Self.person(310, 320, height: 170),
                Self.person(20, 400, height: 300),
            ],
        ] {
            let finder = FigureFinder()
            var look = try Self.look(finder)
            let found = try await look.find(in: Self.frame(Figures(people)), urgency: .live)
            #expect(finder.regions.count == 10)
            #expect(found.detections.count == people.count)
            for person in people {
                #expect(found.detections.contains { $0.box.iou(with: person) > 0.8 }, "\(person)")
            }
        }
    }

    /// Wherever somebody walks, from tile to tile and out of the picture.
    @Test func whoWalksThroughThePictureIsAlwaysOne() async throws {
        var look = try Self.look(FigureFinder())
        for step in 0..<15 {
            let person = Self.person(10 + 83 * Float(step), 40 + 42 * Float(step), height: 30)
            let found = try await look.find(in: Self.frame(Figures([person]), at: 0.4 * Double(step)), urgency: .live)
            #expect(found.detections.count == 1, "\(person)")
        }
    }

    /// What is too small in the whole is there in a tile.
    @Test func whoIsFoundInATileOnlyIsFound() async throws {
        let people = [Self.person(500, 200, height: 10)]
        let finder = FigureFinder(smallest: 6)
        let frame = Self.frame(Figures(people))
        #expect(try await finder.find(in: frame, region: PixelRect(Self.size), urgency: .live).isEmpty)
        var look = try Self.look(finder)
        #expect(try await look.find(in: frame, urgency: .live).detections.map(\.box) == people)
    }

    // MARK: Where to look

    @Test func tilesOutsideTheRegionAreNotLookedAt() async throws {
        let finder = FigureFinder(), region = PixelRect(x: 600, y: 100, width: 680, height: 400)
        var look = try Self.look(finder, of: region)
        let here = Self.person(900, 280)
        let found = try await look.find(in: Self.frame(Figures([here, Self.person(100, 200)])), urgency: .live)
        #expect(found.detections.count == 1 && found.detections[0].box.iou(with: here) > 0.8)
        #expect(finder.regions.count == 5)
        for part in finder.regions {
            #expect(part.x >= 600 && part.y >= 100 && part.x + part.width <= 1280 && part.y + part.height <= 500)
        }
    }

    @Test func tilesInWhichNobodyCountsAreNotLookedAt() async throws {
        let finder = FigureFinder()
        let corner = Polygon(vertices: [Point(x: 0, y: 0), Point(x: 200, y: 0), Point(x: 0, y: 100)])
        var look = try Self.look(finder, only: Zone(polygons: [corner]))
        let here = Self.person(30, 20)
        let found = try await look.find(in: Self.frame(Figures([here])), urgency: .live)
        #expect(found.detections.map(\.box).contains { $0.iou(with: here) > 0.8 })
        #expect(
            Set(finder.regions) == [PixelRect(Self.size), PixelRect(x: 0, y: 0, width: 640, height: 384)])
    }

    @Test func aFrameThatTheModelSeesWholeHasNoTiles() async throws {
        let finder = FigureFinder(), small = PixelRect(x: 0, y: 0, width: 640, height: 360)
        var look = try Self.look(finder, of: small)
        _ = try await look.find(in: Self.frame(Figures([])), urgency: .live)
        #expect(finder.regions == [small])
    }

    @Test func aModelForWholeFramesDoesNotLookInTiles() {
        let plain = LoadedModel(
            finder: FigureFinder(),
            thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.1, nmsIoU: 0.6))
        #expect(TiledLook(plain, of: PixelRect(Self.size)) == nil)
    }

    // MARK: What has not changed

    @Test func unchangedTilesKeepTheirAnswerAndAChangedOneIsLookedAt() async throws {
        let finder = FigureFinder()
        var look = try Self.look(finder)
        let people = [Self.person(100, 100), Self.person(700, 500)]
        let first = try await look.find(in: Self.frame(Figures(people)), urgency: .live)
        #expect(first.detections.count == 2 && finder.regions.count == 10)
        // Noise of a camera in the dark, the same scene.
        for step in 1...4 {
            let frame = Self.frame(Figures(people, noise: UInt64(step)), at: Double(step))
            #expect(try await look.find(in: frame, urgency: .live).detections == first.detections)
        }
        // The whole, and the five tiles that show somebody, were looked at until what they say was settled.
        let settled = finder.regions.count
        #expect(settled == 10 + 6 * (TiledLook.settling - 1))
        for step in 5...6 {
            let frame = Self.frame(Figures(people, noise: UInt64(step)), at: 4 + Double(step) / 20)
            #expect(try await look.find(in: frame, urgency: .live).detections == first.detections)
        }
        #expect(finder.regions.count == settled)
        // Somebody small comes into the corner at the bottom left, which one tile shows alone.
        let third = Self.person(20, 650, height: 20)
        let later = try await look.find(in: Self.frame(Figures(people + [third], noise: 9), at: 4.4), urgency: .live)
        #expect(later.detections.count == 3)
        #expect(
            Set(finder.regions.dropFirst(settled)) == [
                PixelRect(Self.size), PixelRect(x: 0, y: 336, width: 640, height: 384),
            ])
        // And goes.
        let last = try await look.find(in: Self.frame(Figures(people), at: 4.5), urgency: .live)
        #expect(last.detections.count == 2 && finder.regions.count == settled + 4)
    }

    @Test func whoHardlyStandsOutIsAChange() async throws {
        let finder = FigureFinder()
        var look = try Self.look(finder)
        _ = try await look.find(in: Self.frame(Figures([])), urgency: .live)
        for x in [0, 3, 5] {
            let faint = Figures([Self.person(Float(200 + x), 103, height: 18)], shade: Figures.ground - 25)
            _ = try await look.find(in: Self.frame(faint, at: 0.1), urgency: .live)
            #expect(finder.regions.count > 10)
            look = try Self.look(finder)
            finder.forget()
            _ = try await look.find(in: Self.frame(Figures([])), urgency: .live)
        }
    }

    @Test func everythingIsLookedAtAgainAfterAWhile() async throws {
        let finder = FigureFinder()
        var look = try Self.look(finder)
        for (seconds, looks) in [(0.0, 10), (4.9, 10), (5.0, 20), (9.9, 20), (10.0, 30), (3.0, 40)] {
            _ = try await look.find(in: Self.frame(Figures([]), at: seconds), urgency: .live)
            #expect(finder.regions.count == looks, "\(seconds)")
        }
    }

    @Test func whereALookFailsTheNextOneIsNotKeptFrom() async throws {
        let finder = FigureFinder()
        var look = try Self.look(finder)
        finder.fails(true)
        await #expect(throws: FigureFinder.Broken.self) {
            _ = try await look.find(in: Self.frame(Figures([])), urgency: .live)
        }
        finder.fails(false)
        let found = try await look.find(in: Self.frame(Figures([Self.person(100, 100)]), at: 0.1), urgency: .live)
        #expect(found.detections.count == 1)
    }

    // MARK: What scores mean

    /// The same box is as likely somebody in a tile as in a frame of the tile's size: it has the same pixels.
    @Test func likelihoodsAreThoseOfTheLook() async throws {
        let counting = CountCalibration(
            floor: 0.1, intercept: 4.856, score: 4.2411, height: 1.0418, heightSquared: -0.6072,
            inside: -0.8521, alike: 0.2017,
            presence: .init(least: 0.9, intercept: 0, first: 1, second: 0, third: 0, sum: 0), input: Self.tile)
        let person = Self.person(100, 100)
        var look = try #require(
            TiledLook(Self.model(FigureFinder(confidence: 0.2), counting: counting), of: PixelRect(Self.size)))
        let found = try await look.find(in: Self.frame(Figures([person])), urgency: .live)
        #expect(found.likelihoods == counting.likelihoods(of: found.detections, in: Self.tile))
        #expect(found.likelihoods != counting.likelihoods(of: found.detections, in: Self.size))
    }

    /// Each look sees a little of the same noise, which is there once.
    @Test func whatNoLookIsSureOfIsToldByOne() async throws {
        let finder = FigureFinder(confidence: 0.2)
        var look = try Self.look(finder)
        let found = try await look.find(
            in: Self.frame(Figures([Self.person(330, 180), Self.person(900, 300, height: 250)])), urgency: .live)
        #expect(found.detections.count == 2)
        let regions = Tiling(of: PixelRect(Self.size), in: Self.tile)
        let small = try #require(found.detections.first { $0.box.height < 100 })
        #expect(regions.regions.indices.filter { regions.isOwn(small.box, in: $0) }.count == 1)
    }
}

/// Dark figures on light ground.
private final class Figures: Picture {
    static let ground: UInt8 = 180
    let size = PixelSize(width: 1280, height: 720)
    private let luma: [UInt8]

    /// - Parameter noise: another for each number, of eight levels either way; 0: none.
    init(_ people: [BoundingBox], shade: UInt8 = 40, noise: UInt64 = 0) {
        var luma = [UInt8](repeating: Self.ground, count: size.width * size.height)
        for box in people {
            for y in max(0, Int(box.minY))..<min(size.height, Int(box.maxY)) {
                for x in max(0, Int(box.minX))..<min(size.width, Int(box.maxX)) { luma[y * size.width + x] = shade }
            }
        }
        var state = noise
        if noise != 0 {
            for index in luma.indices {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                luma[index] = luma[index] - 8 + UInt8(state >> 60)
            }
        }
        self.luma = luma
    }

    /// Each pixel is the mean of those that it stands for.
    func draw(_ region: PixelRect, to target: PixelTarget) {
        luma.withUnsafeBufferPointer { draw($0, region, to: target) }
    }
    private func draw(_ luma: UnsafeBufferPointer<UInt8>, _ region: PixelRect, to target: PixelTarget) {
        for row in 0..<target.size.height {
            let top = region.y + row * region.height / target.size.height
            let bottom = max(top + 1, region.y + (row + 1) * region.height / target.size.height)
            for column in 0..<target.size.width {
                let left = region.x + column * region.width / target.size.width
                let right = max(left + 1, region.x + (column + 1) * region.width / target.size.width)
                var sum = 0, y = top
                while y < bottom {
                    var x = left
                    while x < right {
                        sum &+= Int(luma[y &* size.width &+ x])
                        x &+= 1
                    }
                    y &+= 1
                }
                let mean = UInt8(sum / ((bottom - top) * (right - left)))
                for channel in 0..<3 { target.base[row * target.bytesPerRow + column * 3 + channel] = mean }
            }
        }
    }
    func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) -> Snapshot { Snapshot(mediaType: policy.mediaType, bytes: []) }
    func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [])
    }
}

/// Finds whatever is dark in a region that is scaled to 640×384, down to a least height there.
private final class FigureFinder: ObjectFinder {
    struct Broken: Error {}
    private let smallest: Int
    private let confidence: Float
    private let state = Mutex<(regions: [PixelRect], fails: Bool)>(([], false))
    init(smallest: Int = 2, confidence: Float = 0.9) { (self.smallest, self.confidence) = (smallest, confidence) }

    var regions: [PixelRect] { state.withLock { $0.regions } }
    func forget() { state.withLock { $0.regions = [] } }
    func fails(_ fails: Bool) { state.withLock { $0.fails = fails } }

    func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        let fails = state.withLock { state in
            state.regions.append(region)
            return state.fails
        }
        if fails { throw Broken() }
        let input = PixelSize(width: 640, height: 384)
        let letterbox = Letterbox(region: region, input: input, alignment: .topLeft)
        let (width, height) = (letterbox.content.width, letterbox.content.height)
        var pixels = [UInt8](repeating: 255, count: width * height * 3)
        try pixels.withUnsafeMutableBufferPointer { pixels in
            try frame.picture.draw(
                region,
                to: PixelTarget(
                    base: pixels.baseAddress!, bytesPerRow: width * 3, size: PixelSize(width: width, height: height),
                    order: .bgr))
        }
        var isSeen = stride(from: 0, to: pixels.count, by: 3).map { pixels[$0] > 110 }
        var found: [Detection] = []
        for start in isSeen.indices where !isSeen[start] {
            var open = [start], box = (left: width, top: height, right: 0, bottom: 0)
            isSeen[start] = true
            while let place = open.popLast() {
                let (x, y) = (place % width, place / width)
                box = (min(box.left, x), min(box.top, y), max(box.right, x + 1), max(box.bottom, y + 1))
                for (x, y) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
                where 0 <= x && x < width && 0 <= y && y < height && !isSeen[y * width + x] {
                    isSeen[y * width + x] = true
                    open.append(y * width + x)
                }
            }
            guard box.bottom - box.top >= smallest else { continue }
            let boxInTensor = BoundingBox(
                minX: Float(box.left), minY: Float(box.top), maxX: Float(box.right), maxY: Float(box.bottom))
            found.append(Detection(box: letterbox.boxInFrame(boxInTensor), confidence: confidence))
        }
        return found
    }
}
