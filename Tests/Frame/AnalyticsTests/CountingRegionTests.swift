import Scene
import Testing

@testable import Analytics

struct CountingRegionTests {
    /// The left half of a frame of 100×100.
    private static let left = RegionFilter(
        mode: .percent, area: [[Point(x: 0, y: 0), Point(x: 50, y: 0), Point(x: 50, y: 100), Point(x: 0, y: 100)]])
    private static let size = PixelSize(width: 100, height: 100)

    /// How many of one person, 20 pixels high, count as the centre goes through `places`.
    private static func counts(_ places: [Float], track: Track.ID?) -> [Int] {
        var region = CountingRegion(left)
        return places.map { x in
            let person = Headcount.Person(
                box: BoundingBox(centerX: x, centerY: 50), confidence: 0.4, track: track)
            return region.narrow(Headcount([person]), in: size).count
        }
    }

    @Test func whoStandsOnTheLineDoesNotComeAndGo() {
        let places: [Float] = [50.5, 49.5, 50.5, 49.5, 50.9, 51.5, 50.5]
        #expect(Self.counts(places, track: Track.ID(rawValue: 1)) == [0, 1, 1, 1, 1, 0, 0])
        #expect(Self.counts(places, track: nil) == [0, 1, 0, 1, 0, 0, 0])
    }

    @Test func withoutARegionEverybodyCounts() {
        var region = CountingRegion(nil)
        let people = [20, 70, 400].map {
            Headcount.Person(box: BoundingBox(centerX: $0, centerY: 50), confidence: nil)
        }
        #expect(region.narrow(Headcount(people), in: Self.size).people == people)
    }
}
