import Scene
import Testing
import Tracking

struct ByteTrackerTests {
    private static let size = PixelSize(width: 1000, height: 400)

    /// Someone who walks at `speed` pixels a second and is 40×120 pixels large.
    private struct Walker {
        var from: Float
        var speed: Float
        var y: Float = 100
        var confidence: Float = 0.8
        func detection(at seconds: Double) -> Detection {
            let x = from + speed * Float(seconds)
            return Detection(
                box: BoundingBox(minX: x, minY: y, maxX: x + 40, maxY: y + 120), confidence: confidence)
        }
    }

    /// Runs walkers past a tracker at `fps`; `isSeen` says whether walker `index` is detected at a time.
    private static func run(
        _ walkers: [Walker], fps: Double, seconds: Double, configuration: TrackerConfiguration = .init(),
        isSeen: (Int, Double) -> Bool = { _, _ in true }
    ) -> [(time: Double, tracks: [Track])] {
        var tracker = ByteTracker(configuration: configuration)
        return (0...Int(seconds * fps)).map { frame in
            let time = Double(frame) / fps
            let seen = walkers.indices.filter { isSeen($0, time) }.map { walkers[$0].detection(at: time) }
            return (time, tracker.update(with: seen, at: MediaTime(seconds: time), frameSize: size))
        }
    }
    private static func confirmedIDs(_ history: [(time: Double, tracks: [Track])]) -> Set<Track.ID> {
        Set(history.flatMap { $0.tracks.filter { $0.phase == .confirmed }.map(\.id) })
    }

    @Test(arguments: [25.0, 10, 5, 2])
    func twoWalkersKeepTheirIDsAtAnyRate(fps: Double) {
        let history = Self.run(
            [Walker(from: 50, speed: 70), Walker(from: 900, speed: -70, y: 240)], fps: fps, seconds: 8)
        #expect(Self.confirmedIDs(history).count == 2)
        #expect(history.last!.tracks.filter { $0.phase == .confirmed }.count == 2)
    }

    @Test(arguments: [25.0, 10, 5])
    func anIrregularClockChangesNothing(fps: Double) {
        // Every third frame never arrives.
        var tracker = ByteTracker()
        var ids = Set<Track.ID>()
        for frame in 0..<Int(6 * fps) where frame % 3 != 2 {
            let time = Double(frame) / fps
            let tracks = tracker.update(
                with: [Walker(from: 50, speed: 80).detection(at: time)], at: MediaTime(seconds: time),
                frameSize: Self.size)
            ids.formUnion(tracks.filter { $0.phase == .confirmed }.map(\.id))
        }
        #expect(ids.count == 1)
    }

    @Test(arguments: [1, 3, 5])
    func aTrackIsConfirmedAfterProbeCountFrames(probeCount: Int) {
        var configuration = TrackerConfiguration()
        configuration.probeCount = probeCount
        let history = Self.run([Walker(from: 50, speed: 50)], fps: 10, seconds: 1, configuration: configuration)
        let first = history.firstIndex { $0.tracks.contains { $0.phase == .confirmed } }
        #expect(first == probeCount - 1)
        #expect(history[first!].tracks[0].firstSeen == .zero)
    }

    @Test func theReportedBoxLiesBetweenTheFilterAndTheMeasurement() {
        // Stands, and then jumps by half a width, where a slow filter lags.
        func reported(_ share: Float) -> Float {
            var configuration = TrackerConfiguration()
            configuration.measuredShare = share
            var tracker = ByteTracker(configuration: configuration)
            var tracks: [Track] = []
            for frame in 0...10 {
                let walker = Walker(from: frame < 10 ? 100 : 120, speed: 0)
                tracks = tracker.update(
                    with: [walker.detection(at: 0)], at: MediaTime(seconds: Double(frame) / 10), frameSize: Self.size)
            }
            return tracks[0].box.minX
        }
        #expect(reported(1) == 120)
        #expect((101...115).contains(reported(0)))
        #expect(abs(reported(0.5) - (reported(0) + 120) / 2) < 0.01)
    }

    @Test func someoneHiddenForAShortWhileIsFoundAgain() {
        let history = Self.run([Walker(from: 50, speed: 60)], fps: 10, seconds: 6) { _, time in
            !(2.0..<3.5).contains(time)
        }
        #expect(Self.confirmedIDs(history).count == 1)
        let hidden = history.first { $0.time > 3.2 }!
        #expect(hidden.tracks.map(\.phase) == [.lost])
        #expect(hidden.tracks[0].confidence == nil)
        #expect(history.last!.tracks.map(\.phase) == [.confirmed])
    }

    @Test func oneMissedFrameIsNoLoss() {
        let history = Self.run([Walker(from: 50, speed: 60)], fps: 10, seconds: 3) { _, time in
            abs(time - 2) > 0.01
        }
        let missed = history.first { abs($0.time - 2) < 0.01 }!
        #expect(missed.tracks.map(\.phase) == [.confirmed])
        #expect(missed.tracks[0].confidence == nil)
    }

    @Test func whoStaysAwayLongerThanPatienceIsSomeoneNew() {
        var configuration = TrackerConfiguration()
        configuration.patience = .seconds(1)
        let history = Self.run(
            [Walker(from: 300, speed: 0)], fps: 10, seconds: 8, configuration: configuration
        ) { _, time in !(3.0..<6).contains(time) }
        #expect(Self.confirmedIDs(history).count == 2)
        #expect(history.first { $0.time > 4.5 }!.tracks.isEmpty)
    }

    @Test func idsAreNeverReused() {
        var seen: [Track.ID] = []
        let history = Self.run([Walker(from: 300, speed: 0)], fps: 5, seconds: 60) { _, time in
            Int(time) % 6 < 3  // three seconds there, three away
        }
        for (_, tracks) in history { for track in tracks where seen.last != track.id { seen.append(track.id) } }
        #expect(seen.count == Set(seen).count)
        #expect(seen.count > 5)
    }

    @Test func anUnsureBoxContinuesATrackButStartsNone() {
        let weak = Walker(from: 50, speed: 60, confidence: 0.27)
        #expect(Self.confirmedIDs(Self.run([weak], fps: 10, seconds: 3)).isEmpty)

        var tracker = ByteTracker()
        for frame in 0..<40 {
            let time = Double(frame) / 10
            var detection = Walker(from: 50, speed: 60).detection(at: time)
            if frame > 10 { detection.confidence = 0.27 }
            let tracks = tracker.update(with: [detection], at: MediaTime(seconds: time), frameSize: Self.size)
            if frame > 5 { #expect(tracks.map(\.phase) == [.confirmed]) }
            if frame > 10 { #expect(tracks[0].confidence == 0.27) }
        }
    }

    @Test func aThingThatLooksALittleLikeAPersonAndNeverMovesIsNobody() {
        let configuration = TrackerConfiguration()
        let unsure = (configuration.birthConfidence + configuration.stillConfidence) / 2
        let post = Walker(from: 400, speed: 0, confidence: unsure)
        #expect(Self.confirmedIDs(Self.run([post], fps: 10, seconds: 20)).isEmpty)
        let walker = Walker(from: 400, speed: 40, confidence: unsure)
        #expect(Self.confirmedIDs(Self.run([walker], fps: 10, seconds: 5)).count == 1)
        let seated = Walker(from: 400, speed: 0, confidence: 0.5)
        #expect(Self.confirmedIDs(Self.run([seated], fps: 10, seconds: 5)).count == 1)
    }

    @Test func twoPeopleWhoCrossKeepTheirIDs() {
        // They pass each other 30 pixels apart in height, overlapping for a moment.
        let history = Self.run(
            [Walker(from: 200, speed: 60), Walker(from: 600, speed: -60, y: 150)], fps: 10, seconds: 6.5)
        #expect(Self.confirmedIDs(history).count == 2)
        let first = history[30].tracks.sorted { $0.id < $1.id }, last = history.last!.tracks.sorted { $0.id < $1.id }
        #expect(first[0].box.center.x < first[1].box.center.x)
        #expect(last[0].box.center.x > last[1].box.center.x)
    }

    @Test func whoWalksOutOfThePictureIsGone() {
        let history = Self.run([Walker(from: 800, speed: 100)], fps: 10, seconds: 4) { _, time in time < 1.8 }
        #expect(history.last!.tracks.isEmpty)
    }

    @Test func anEmptySceneHasNoTracks() {
        var tracker = ByteTracker()
        for frame in 0..<10 {
            #expect(
                tracker.update(with: [], at: MediaTime(seconds: Double(frame)), frameSize: Self.size).isEmpty)
        }
    }
}
