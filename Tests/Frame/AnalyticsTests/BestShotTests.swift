import JSON
import Records
import Scene
import Synchronization
import Testing

@testable import Analytics

/// Samples of the person that a track is about.
struct BestShotTests {
    private static let wanted = #""targets": ["aggregated_body_samples"]"#
    private static func parameters(_ samples: String, _ more: String = "") -> String {
        #"{\#(wanted), "parameters": {"body_samples": \#(samples)\#(more)}}"#
    }
    /// One person's frames, a fifth of a second apart.
    private func updates(_ text: String, _ scores: [Float], at points: [Point] = []) throws -> [EventUpdate] {
        var analytic = try HumanTracking(text)
        let during = scores.enumerated().flatMap { index, score in
            let point = points.isEmpty ? Point(x: 50, y: 50) : points[index]
            return analytic.observe(
                Observation(at: Double(index) * 0.2, tracks: [Track(1, .confirmed, score, at: point)]))
        }
        return during + analytic.finish()
    }

    @Test func theBestShotsComeFirstAndOfEqualsTheEarlier() throws {
        let all = try updates(Self.parameters(#"{"count": 3}"#), [0.35, 0.5, 0.4, 0.5, 0.31, 0.6, 0.45])
        let samples = try #require(all.last?.event.samples)
        #expect(samples.compactMap(\.score) == [0.6, 0.5, 0.5])
        #expect(samples.map(\.time.pts.seconds) == [1, 0.2, 0.6])
        #expect(samples.map(\.text).first == "45 40 10 20 at 1.0")
        #expect(samples.allSatisfy { $0.aggregates == ["samples"] })
        // The first is the detection that the event would have without samples.
        #expect(all.last?.event.score == 0.6)
    }
    @Test func thereAreFiveWhereNobodySaysHowMany() throws {
        let all = try updates("{\(Self.wanted)}", (0..<9).map { 0.4 + Float($0) / 100 })
        #expect(all.last?.event.samples.compactMap(\.score) == [0.48, 0.47, 0.46, 0.45, 0.44])
    }
    @Test func thereAreNeverMoreThanAnEventHasDetections() throws {
        let all = try updates(Self.parameters(#"{"count": 1000000}"#), [Float](repeating: 0.4, count: 150))
        #expect(all.last?.event.samples.count == 100)
        #expect(all.last?.event.samples.last?.time.pts.seconds == 99 * 0.2)
    }
    @Test func onlyWhatPassesTheFiltersBecomesASample() throws {
        let text = Self.parameters(
            #"""
            {"filters": {"score": 0.4, "droi": {"mode": "percent", "form": "common",
              "area": [[{"x": 0, "y": 0}, {"x": 50, "y": 0}, {"x": 50, "y": 100}, {"x": 0, "y": 100}]]}}}
            """#)
        let points = [80, 30, 30, 60, 40].map { Point(x: $0, y: 50) }
        let all = try updates(text, [0.9, 0.39, 0.4, 0.8, 0.45], at: points)
        #expect(all.last?.event.samples.compactMap(\.score) == [0.45, 0.4])
        let none = try updates(text, [0.9, 0.39], at: [Point(x: 80, y: 50), Point(x: 30, y: 50)])
        #expect(none.last?.event.samples.isEmpty == true && none.last?.event.score == 0.9)
    }
    @Test(arguments: [
        (#""aggregated_body_thumbnail""#, 5, [["thumbnail"]]),
        (#""aggregated_body_thumbnail", "aggregated_body_samples""#, 2, [["samples", "thumbnail"], ["samples"]]),
        (#""aggregated_body_samples""#, 0, []), (#""aggregated_body_thumbnail""#, 0, []), (#""overview""#, 5, []),
    ])
    func theTargetsSayWhatSamplesAreFor(targets: String, count: Int, aggregates: [[String]]) throws {
        let text = #"{"targets": [\#(targets)], "parameters": {"body_samples": {"count": \#(count)}}}"#
        let all = try updates(text, [0.4, 0.6, 0.5])
        #expect(all.last?.event.samples.map(\.aggregates) == aggregates)
        if !aggregates.isEmpty { #expect(all.last?.event.samples.first?.score == 0.6) }
    }
    @Test func aSampleIsWhatTheFrameHasOfTheBox() throws {
        let points = [Point(x: 3, y: 95), Point(x: 200, y: 50)]
        let all = try updates("{\(Self.wanted)}", [0.4, 0.6], at: points)
        // The box goes from -2 to 8 and from 85 to 105 in a frame of 100 × 100; the second is outside.
        #expect(all.last?.event.samples.map(\.text) == ["0 85 8 15 at 0.0"])
    }
    @Test func pixelsAreCopiedOfThoseOnlyThatAreAmongTheBest() throws {
        final class Counter: Sendable { let count = Mutex(0) }
        let counter = Counter()
        var analytic = try HumanTracking(Self.parameters(#"{"count": 2}"#))
        for (index, score) in ([0.5, 0.4, 0.3, 0.35, 0.45, 0.31] as [Float]).enumerated() {
            _ = analytic.observe(
                Observation(
                    time: FrameTime(at: Double(index) * 0.2), frameSize: PixelSize(width: 100, height: 100),
                    tracks: [Track(1, .confirmed, score)], headcount: Headcount()
                ) { policy, region in
                    counter.count.withLock { $0 += 1 }
                    return Snapshot(mediaType: policy.mediaType) {
                        Issue.record("nothing is told yet, so nothing is to be encoded")
                        return []
                    }
                })
        }
        #expect(counter.count.withLock { $0 } == 3)
    }
    @Test func samplesComeWithWhatIsToldOrOver() throws {
        let end = try updates("{\(Self.wanted)}", [0.4, 0.5])
        #expect(end.map(\.event.samples.count) == [0, 0, 2])
        let start = try updates(
            Self.parameters("{}", #", "event_policy": {"trigger": "start"}"#), [0.4, 0.5])
        #expect(start.map(\.event.samples.count) == [1, 0, 2])
        #expect(start[0].event.samples[0].id == start[2].event.samples[1].id)
    }
    @Test func eachEventOfAPeriodHasSamplesOfItsOwn() throws {
        let all = try updates(
            Self.parameters("{}", #", "event_policy": {"trigger": "period", "interval": 0.4}"#),
            [0.4, 0.5, 0.45, 0.6, 0.3])
        let told = all.filter(\.isReported).map(\.event.samples)
        #expect(told.map { $0.compactMap(\.score) } == [[0.5, 0.4], [0.6, 0.45], [0.3]])
        #expect(Set(told.joined().map(\.id)).count == 5)
    }
    @Test func theFilesOfAnEventLieInOneFolder() throws {
        let all = try updates(
            #"{"targets": ["overview", "aggregated_body_samples"]}"#, [0.4, 0.6, 0.5])
        let event = try #require(all.last?.event)
        #expect(event.pictures.count == 4)
        #expect(Set(event.pictures.map { $0.id.wire.prefix(4) }) == [event.id.wire.prefix(4)])
    }

    // MARK: Faces

    /// Of the mean head, looking straight ahead; the tip of the nose is at `x`.
    private static func face(_ x: Float) -> Landmarks5 {
        Landmarks5(
            leftEye: Point(x: x - 3, y: 46), rightEye: Point(x: x + 3, y: 46), nose: Point(x: x, y: 50),
            leftMouth: Point(x: x - 2.4, y: 53), rightMouth: Point(x: x + 2.4, y: 53))
    }
    /// One person's faces, a fifth of a second apart.
    private func faces(_ parameters: String, targets: String, _ scores: [Float]) throws -> Event {
        var analytic = try HumanTracking(
            #"{"targets": [\#(targets)], "parameters": {"tracking": {"detector_type": "face"}\#(parameters)}}"#)
        let during = scores.enumerated().flatMap { index, score in
            var track = Track(1, .confirmed, score, at: Point(x: 20 + 10 * Float(index), y: 50))
            track.landmarks = Self.face(track.box.center.x)
            return analytic.observe(Observation(at: Double(index) * 0.2, tracks: [track]))
        }
        return try #require((during + analytic.finish()).last?.event)
    }

    @Test func facesAreAlignedAndTheBestComesFirst() throws {
        let event = try faces(
            #", "face_samples": {"count": 2}"#, targets: #""aggregated_face_samples", "aggregated_face_thumbnail""#,
            [0.7, 0.9, 0.65, 0.8])
        #expect(event.faceSamples.map(\.text) == ["face 30.0 at 0.2", "face 50.0 at 0.6000000000000001"])
        #expect(event.faceSamples.map(\.aggregates) == [["samples", "thumbnail"], ["samples"]])
        #expect(event.samples.isEmpty)
    }
    @Test(arguments: [
        ("", 4),
        (#", "face_samples": {"count": 0}"#, 0),
        (#", "face_samples": {"filters": {"score": 0.75}}"#, 2),
        (#", "face_samples": {"filters": {"head_yaw": 1}}"#, 4),
        (
            #", "face_samples": {"filters": {"droi": {"mode": "percent", "form": "common", "area": [[{"x": 0, "y": 0}, {"x": 25, "y": 0}, {"x": 25, "y": 100}, {"x": 0, "y": 100}]]}}}"#,
            1
        ),
    ])
    func onlyFacesThatPassTheFiltersBecomeSamples(parameters: String, count: Int) throws {
        let event = try faces(parameters, targets: #""aggregated_face_samples""#, [0.7, 0.9, 0.65, 0.8])
        #expect(event.faceSamples.count == count)
    }
    @Test func aFaceAndABodyOfOneFrameAreOneDetection() throws {
        var analytic = try HumanTracking(
            #"""
            {"targets": ["aggregated_face_samples", "aggregated_body_samples"],
             "parameters": {"tracking": {"detector_type": "human"}, "body_samples": {"count": 2}}}
            """#)
        for (index, hasFace) in [true, false, true].enumerated() {
            var track = Track(1, .confirmed, 0.4 + Float(index) / 100)
            let box = BoundingBox(centerX: 50, centerY: 49, width: 8, height: 10)
            if hasFace { track.face = Detection(box: box, confidence: 0.8, landmarks: Self.face(50)) }
            _ = analytic.observe(Observation(at: Double(index) * 0.2, tracks: [track]))
        }
        let event = try #require(analytic.finish().last?.event)
        #expect(event.faceSamples.count == 2 && event.samples.count == 2)
        let wire = event.wire(at: EventPlace(stream: event.id, account: event.id)) {
            .link($0.kind.path(of: $0.id))
        }
        let detections = try #require(wire["event"]?["detections"]?.array)
        let paths = detections.map { detection in
            ["face", "body"].map { detection["samples"]?[$0]?["url"]?.string?.contains("/6/samples/") ?? false }
        }
        // Faces of the first and the third frame, bodies of the third and the second.
        #expect(paths == [[true, false], [true, true], [false, true]])
        let face = wire["event"]?["aggregate_estimations"]?["face"]
        #expect(face?["samples"]?.array?.count == 2 && face?["attributes"] == [:])
        #expect(face?["samples"]?.array?.first?["image"]?.string?.hasPrefix("/6/samples/faces/") == true)
    }

    // MARK: What a handler is given

    private static let handler = #""handler_id": "1b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061""#
    private func handed(_ parameters: String, _ scores: [Float]) throws -> [EventUpdate] {
        var analytic = try HumanTracking(
            #"{"parameters": {"tracking": {"detector_type": "face"}\#(parameters)}}"#)
        let during = scores.enumerated().flatMap { index, score in
            var track = Track(1, .confirmed, score, at: Point(x: 20 + 10 * Float(index), y: 50))
            track.landmarks = Self.face(track.box.center.x)
            return analytic.observe(Observation(at: Double(index) * 0.2, tracks: [track]))
        }
        return during + analytic.finish()
    }

    @Test func aHandlerIsGivenTheBestOfTheWholeTrackWhenThatIsOver() throws {
        let all = try handed(
            #", \#(Self.handler), "event_policy": {"trigger": "period", "interval": 0.4}"#, [0.7, 0.9, 0.65, 0.8, 0.85])
        #expect(all.dropLast().allSatisfy { $0.shots.isEmpty } && all.count > 3)
        let ending = try #require(all.last)
        #expect(ending.shots.compactMap(\.score).sorted(by: >) == [0.9, 0.85, 0.8, 0.7, 0.65])
        #expect(ending.shots.allSatisfy { $0.kind == .faceSample })
        // The event has none of them: nobody has asked for samples.
        #expect(ending.event.pictures.isEmpty)
    }
    @Test func aHandlerIsGivenEightFacesAtMostAndNoneThatTheFiltersHold() throws {
        let scores = (0..<20).map { 0.7 + Float($0) / 100 }
        let many = try handed(#", \#(Self.handler), "face_samples": {"count": 50}"#, scores)
        #expect(many.last?.shots.count == 8)
        let few = try handed(#", \#(Self.handler), "face_samples": {"filters": {"score": 0.75}}"#, [0.7, 0.8, 0.6])
        #expect(few.last?.shots.compactMap(\.score) == [0.8])
        #expect(try handed("", [0.9, 0.8]).last?.shots.isEmpty == true)
    }
}
