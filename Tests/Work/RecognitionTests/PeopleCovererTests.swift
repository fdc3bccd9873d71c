import Covering
import Foundation
import Frames
import Inference
import Scene
import Synchronization
import TestSupport
import Testing
import Tracking

@testable import Recognition

struct PeopleCovererTests {
    /// Finds one walker, five pixels a frame, and takes longer for some frames than for others.
    private final class Slow: ObjectFinder {
        let seen: Range<Int>
        let isUneven: Bool
        let looks = Mutex<[Int]>([])
        init(seen: Range<Int>, isUneven: Bool) { (self.seen, self.isUneven) = (seen, isUneven) }
        static func box(_ frame: Int) -> BoundingBox {
            let x = 40 + 5 * Float(frame)
            return BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220)
        }
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            let index = frame.time.index
            // Neighbours pass each other.
            if isUneven { for _ in 0..<(index % 5) * 20 { await Task.yield() } }
            looks.withLock { $0.append(index) }
            return seen.contains(index) ? [Detection(box: Self.box(index), confidence: 0.9)] : []
        }
    }
    private static func coverer(_ finders: [any ObjectFinder], isFollowed: Bool = true) -> PeopleCoverer {
        PeopleCoverer(
            finders.map { finder in
                PeopleCoverer.Target(
                    LoadedModel(
                        finder: finder,
                        thresholds: ModelCard.Thresholds(confidence: 0.4, candidate: 0.2, nmsIoU: 0.5)),
                    sureFrom: 0.4, tracker: TrackerConfiguration(), isFollowed: isFollowed, place: \.coverOfBody)
            })
    }
    private static func source(_ count: Int) -> SyntheticSource {
        SyntheticSource(size: PixelSize(width: 720, height: 400), frameRate: 25, count: count, rates: [.frames(1)])
    }

    /// Frames of a video that says it has 25 in a second.
    private final class Uneven: FrameSource {
        let properties = SourceProperties(
            size: PixelSize(width: 720, height: 400), frameRate: 25, duration: nil, frameCount: nil, codec: "synthetic")
        private let frames: [(seconds: Double, size: PixelSize)]
        private let index = Mutex(0)
        init(_ frames: [(seconds: Double, size: PixelSize)]) { self.frames = frames }
        var statistics: SourceStatistics { SourceStatistics() }
        func cancel() {}
        func next() async throws -> Frame? {
            let number = index.withLock { index in
                defer { index += 1 }
                return index
            }
            guard frames.indices.contains(number) else { return nil }
            let time = FrameTime(
                index: number, pts: MediaTime(seconds: frames[number].seconds),
                wallClock: Date(timeIntervalSince1970: 1_700_000_000))
            return Frame(
                time: time, consumers: ConsumerSet(index: 0), picture: BlankPicture(size: frames[number].size))
        }
    }
    /// At 25 frames a second, but in the middle at two.
    private static func pausing() -> Uneven {
        func times(_ count: Int, rate: Double, from start: Double) -> [Double] {
            (0..<count).map { start + Double($0) / rate }
        }
        let all = times(40, rate: 25, from: 0) + times(10, rate: 2, from: 2) + times(40, rate: 25, from: 7)
        let size = PixelSize(width: 720, height: 400)
        return Uneven(all.map { (seconds: $0, size: size) })
    }

    /// One look in three frames; he comes in between two of them and goes between two others.
    @Test func whoIsSeenInSomeFramesIsCoveredInAllAndInThoseBeforeAndAfter() async throws {
        let finder = Slow(seen: 31..<90, isUneven: false)
        let covers = try await Self.coverer([finder]).covers(of: Self.source(120))
        #expect(covers.count == 120)
        #expect(finder.looks.withLock { $0.count } == 40)
        for frame in 31..<90 {
            let body = Slow.box(frame)
            #expect(
                covers[frame].flatMap(\.places).contains { $0.intersection(body).area > 0.999 * body.area },
                "frame \(frame)")
        }
    }

    @Test func whereFramesComeSlowlyEachIsLookedAt() async throws {
        let finder = Slow(seen: 0..<90, isUneven: false)
        _ = try await Self.coverer([finder]).covers(of: Self.pausing())
        let looks = finder.looks.withLock { $0.sorted() }
        #expect(looks.filter { (40..<51).contains($0) } == Array(40..<51))
        #expect(looks.count < 50)
    }
    @Test(arguments: [1, 20, 42, 47, 52, 60]) func whoGoesOnLooksAtTheSameFrames(known: Int) async throws {
        func sightings(after known: Int) async throws -> [PeopleCoverer.Sighting] {
            var sightings: [PeopleCoverer.Sighting] = []
            let coverer = Self.coverer([Slow(seen: 10..<80, isUneven: true)])
            try await coverer.look(at: Self.pausing(), after: known) { sightings.append($0) }
            return sightings
        }
        let whole = try await sightings(after: 0)
        #expect(try await sightings(after: known) == Array(whole[known...]))
    }

    /// Whatever takes how long: the same video is covered in the same way.
    @Test func whatIsCoveredIsTheSameHoweverLongLooksTake() async throws {
        let steady = Self.coverer([Slow(seen: 10..<50, isUneven: false), Slow(seen: 20..<40, isUneven: false)])
        let uneven = Self.coverer([Slow(seen: 10..<50, isUneven: true), Slow(seen: 20..<40, isUneven: false)])
        let expected = try await steady.covers(of: Self.source(80))
        #expect(expected.contains { !$0.isEmpty })
        for _ in 0..<3 { #expect(try await uneven.covers(of: Self.source(80)) == expected) }
    }

    /// Always at the same place of the picture, and not of the pixels.
    private struct Standing: ObjectFinder {
        static func box(in size: PixelSize) -> BoundingBox {
            let (width, height) = (Float(size.width), Float(size.height))
            return BoundingBox(minX: 0.6 * width, minY: 0.3 * height, maxX: 0.7 * width, maxY: 0.8 * height)
        }
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            [Detection(box: Self.box(in: frame.size), confidence: 0.9)]
        }
    }
    @Test func afterAChangeOfSizePeopleAreCoveredWhereTheyAreInTheNewPixels() async throws {
        let sizes = [PixelSize(width: 720, height: 400), PixelSize(width: 360, height: 200)]
        let source = Uneven((0..<60).map { (seconds: Double($0) / 25, size: $0 < 31 ? sizes[0] : sizes[1]) })
        let covers = try await Self.coverer([Standing()]).covers(of: source)
        #expect(covers.count == 60)
        for (frame, here) in covers.enumerated() {
            let body = Standing.box(in: frame < 31 ? sizes[0] : sizes[1]), places = here.flatMap(\.places)
            #expect(
                places.contains { $0.intersection(body).area > 0.999 * body.area }
                    && places.allSatisfy { $0.intersection(body).area > 0.4 * $0.area }, "frame \(frame)")
        }
    }

    @Test func whereNobodyIsFollowedEachFrameIsLookedAt() async throws {
        let finder = Slow(seen: 10..<11, isUneven: true)
        let covers = try await Self.coverer([finder], isFollowed: false).covers(of: Self.source(30))
        #expect(finder.looks.withLock { $0.sorted() } == Array(0..<30))
        #expect(covers.indices.filter { !covers[$0].isEmpty } == [10])
    }

    @Test func aSourceThatFailsAndALookThatFailsAreTold() async throws {
        let failure = SyntheticFailure("the file ends", isTransient: false)
        let source = SyntheticSource(frameRate: 25, count: 20, rates: [.frames(1)], failure: failure)
        await #expect(throws: failure) {
            try await Self.coverer([Slow(seen: 0..<0, isUneven: false)]).covers(of: source)
        }
    }
}
