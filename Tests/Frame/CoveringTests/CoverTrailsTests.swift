import Covering
import Scene
import Testing
import Tracking

struct CoverTrailsTests {
    private static let size = PixelSize(width: 640, height: 360)
    /// A walker, five pixels a frame.
    private static func face(_ frame: Int) -> BoundingBox {
        let x = 100 + 5 * Float(frame)
        return BoundingBox(minX: x, minY: 100, maxX: x + 20, maxY: 124)
    }
    /// What is covered in each of 80 frames, where the face is found in those with a confidence.
    private static func places(_ confidence: (Int) -> Float?) -> [[BoundingBox]] {
        var configuration = TrackerConfiguration()
        configuration.lowConfidence = 0.1
        var trails = CoverTrails(configuration, sureFrom: 0.35) { ByteTracker(configuration: $0) }
        for frame in 0..<80 {
            let found = confidence(frame).map { [Detection(box: face(frame), confidence: $0)] } ?? []
            trails.add(found, at: MediaTime(seconds: Double(frame) / 25), in: size)
        }
        return trails.places()
    }
    private static func isCovered(_ frame: Int, by places: [[BoundingBox]]) -> Bool {
        let face = face(frame)
        return places[frame].contains { $0.coverOfFace.intersection(face).area >= 0.999 * face.area }
    }

    /// A second is missed in the middle, and the face is there before and after it is found.
    @Test func fromBeforeTheFirstSightToAfterTheLastNoFrameIsBare() {
        let places = Self.places { (20..<30).contains($0) || (50..<60).contains($0) ? 0.3 : nil }
        #expect(places.count == 80)
        for frame in 10..<70 { #expect(Self.isCovered(frame, by: places), "frame \(frame)") }
        for frame in [0, 3, 77, 79] { #expect(places[frame].isEmpty, "frame \(frame)") }
    }

    /// Nobody comes from nowhere, and who walks on is where he walks.
    @Test func whoSurelyIsSomebodyIsCoveredForMoreThanASecondBeforeAndAfter() {
        let places = Self.places { (38..<42).contains($0) ? 0.6 : nil }
        for frame in 2..<78 { #expect(Self.isCovered(frame, by: places), "frame \(frame)") }
    }

    /// Looks at some frames, between which is where he walks; that nobody looked is no sign that he has gone.
    @Test(arguments: [2, 3])
    func framesThatNobodyLooksAtAreBetweenThoseOfLooks(step: Int) {
        var configuration = TrackerConfiguration()
        configuration.lowConfidence = 0.1
        var trails = CoverTrails(configuration, sureFrom: 0.35) { ByteTracker(configuration: $0) }
        for frame in 0..<80 {
            let found = [Detection(box: Self.face(frame), confidence: 0.6)]
            trails.add(frame % step == 1 ? found : nil, at: MediaTime(seconds: Double(frame) / 25), in: Self.size)
        }
        let places = trails.places()
        #expect(places.count == 80)
        for frame in 0..<80 { #expect(Self.isCovered(frame, by: places), "frame \(frame)") }
        // One follows the way: it does not grow as for somebody who is lost.
        let way = places[step * 3 + 1 - step / 2].filter { $0.iou(with: Self.face(step * 3 + 1 - step / 2)) > 0.6 }
        #expect(!way.isEmpty)
    }

    /// What is covered at some places of 400 frames, in which something is found at places; in the order of the frames.
    private static func places(_ found: (Int) -> [Detection], least: Float? = nil) -> [[BoundingBox]] {
        var configuration = TrackerConfiguration()
        configuration.lowConfidence = 0.3
        var trails = CoverTrails(configuration, sureFrom: 0.6, coveredFrom: least) { ByteTracker(configuration: $0) }
        for frame in 0..<400 { trails.add(found(frame), at: MediaTime(seconds: Double(frame) / 25), in: size) }
        return trails.places()
    }
    private static let seat = BoundingBox(minX: 300, minY: 100, maxX: 330, maxY: 136)

    /// Eight seconds between two sights, from which the model draws two boxes of one head.
    @Test func whoSitsAndIsFoundAgainWasThereAllTheTime() {
        let again = BoundingBox(minX: 306, minY: 104, maxX: 334, maxY: 142)
        let places = Self.places({ frame in
            switch frame {
            case 20..<30: [Detection(box: Self.seat, confidence: 0.8)]
            case 230..<240: [Detection(box: again, confidence: 0.8)]
            default: []
            }
        })
        for frame in 10..<260 {
            #expect(
                places[frame].contains { $0.coverOfFace.intersection(again).area >= 0.999 * again.area }, "\(frame)")
        }
        // For longer than ten seconds nobody is waited for.
        let late = Self.places({
            (20..<30).contains($0) || (340..<350).contains($0) ? [Detection(box: Self.seat, confidence: 0.8)] : []
        })
        #expect(late[180].isEmpty && !late[30].isEmpty && !late[339].isEmpty)
    }

    /// He did not come from nowhere, and has not gone there.
    @Test func whoStandsIsCoveredForLongerThanWhoWalks() {
        let places = Self.places({ (100..<110).contains($0) ? [Detection(box: Self.seat, confidence: 0.8)] : [] })
        for frame in 26..<184 { #expect(!places[frame].isEmpty, "\(frame)") }
        let doubtful = Self.places({ (100..<110).contains($0) ? [Detection(box: Self.seat, confidence: 0.5)] : [] })
        for places in [places, doubtful] { #expect(places[20].isEmpty && places[190].isEmpty) }
        #expect(doubtful[80].isEmpty && doubtful[130].isEmpty)
    }

    /// Two who walk through the same place some seconds apart did not stand there.
    @Test func whereSomebodyOnlyPassesNothingIsCoveredUntilTheNextOnePasses() {
        let places = Self.places({ frame in
            let x = Float(frame < 100 ? 4 * frame : 4 * (frame - 150))
            guard (40..<80).contains(frame) || (190..<230).contains(frame) else { return [] }
            return [Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 10, maxY: 112), confidence: 0.8)]
        })
        #expect(places[135].isEmpty && !places[60].isEmpty && !places[210].isEmpty)
    }

    /// The model's doubts are enough to go on covering somebody who was seen surely, and no reason to begin.
    @Test func whomTheModelHardlySeesAnyMoreStaysCovered() {
        func found(_ frame: Int) -> [Detection] {
            [Detection(box: Self.seat, confidence: (20..<30).contains(frame) ? 0.8 : 0.26)]
        }
        let places = Self.places(found, least: 0.25), strict = Self.places(found, least: 0.3)
        #expect(!places[300].isEmpty && !places[10].isEmpty && strict[300].isEmpty)
        let doubts = Self.places({ _ in [Detection(box: Self.seat, confidence: 0.26)] }, least: 0.25)
        #expect(doubts.allSatisfy { $0.isEmpty })
    }

    /// Only whoever looks back knows that those unsure finds were a face.
    @Test func unsureFindsBeforeASureOneAreCovered() {
        let places = Self.places { $0 < 10 ? nil : $0 < 45 ? 0.15 : $0 < 60 ? 0.8 : nil }
        for frame in 10..<60 { #expect(Self.isCovered(frame, by: places), "frame \(frame)") }
    }

    @Test func onesThatTheModelSawOnceAreCoveredAroundThatFrame() {
        let places = Self.places { $0 == 40 ? 0.5 : nil }
        #expect(Self.isCovered(40, by: places) && !places[35].isEmpty && !places[45].isEmpty)
        #expect(places[20].isEmpty && places[60].isEmpty)
    }

    /// Somebody is found just before somebody else is, in front of him: whoever is bare until then was where he is first found.
    @Test func whoStandsWhereHeIsFoundIsCoveredBeforeThat() {
        var configuration = TrackerConfiguration()
        configuration.lowConfidence = 0.1
        var trails = CoverTrails(configuration, sureFrom: 0.35) { ByteTracker(configuration: $0) }
        let standing = BoundingBox(minX: 300, minY: 100, maxX: 330, maxY: 136)
        for frame in 0..<40 {
            // First seen at 20; then he bows quickly, so that his movement tells of no place where he was before.
            let box = BoundingBox(
                minX: 300 + 12 * Float(max(0, frame - 20)), minY: 100, maxX: 330 + 12 * Float(max(0, frame - 20)),
                maxY: 136)
            let found = frame >= 20 ? [Detection(box: box, confidence: 0.8)] : []
            trails.add(found, at: MediaTime(seconds: Double(frame) / 25), in: Self.size)
        }
        let places = trails.places()
        for frame in 10..<20 {
            #expect(
                places[frame].contains { $0.coverOfFace.intersection(standing).area >= 0.999 * standing.area },
                "frame \(frame)")
        }
    }

    @Test func aVideoWithoutAnybodyHasNothingToCover() {
        #expect(Self.places { _ in nil }.allSatisfy { $0.isEmpty })
        #expect(CoverTrails(TrackerConfiguration(), sureFrom: 0.35) { ByteTracker(configuration: $0) }.places().isEmpty)
    }
}
