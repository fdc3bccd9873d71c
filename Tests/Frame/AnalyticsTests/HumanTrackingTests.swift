import JSON
import Records
import Scene
import Synchronization
import Testing

@testable import Analytics

struct HumanTrackingTests {
    /// Runs the frames, `step` seconds apart, and ends.
    func updates(_ text: String = "{}", frames: [[Track]], step: Double = 0.2) throws -> [EventUpdate] {
        var analytic = try HumanTracking(text)
        let during = frames.enumerated().flatMap {
            analytic.observe(Observation(at: Double($0.offset) * step, tracks: $0.element))
        }
        return during + analytic.finish()
    }

    @Test func anEventOpensWhenItsTrackIsConfirmedAndBeginsWhereItWasFirstSeen() throws {
        let all = try updates(frames: [
            [], [Track(1, .tentative, 0.4)], [Track(1, .tentative, 0.4)], [Track(1, .confirmed, 0.4)],
            [Track(1, .confirmed, 0.4)],
        ])
        #expect(all.summary == ["opened started", "continued in_progress", "closed finished sent"])
        #expect(all[0].event.begin == FrameTime(at: 0.2) && all[0].time == FrameTime(at: 0.6000000000000001))
        #expect(all.allSatisfy { $0.event.type == "human_tracking" && $0.peopleCount == nil })
    }
    @Test func anEventTellsOfEachFrameThatShowsThePersonFromTheFirst() throws {
        let frames: [[Track]] = [
            [], [Track(1, .tentative, 0.4)], [Track(1, .tentative, nil)], [Track(1, .tentative, 0.41)],
            [Track(1, .confirmed, 0.42), Track(2, .tentative, 0.5)], [Track(1, .lost, nil)],
            [Track(1, .confirmed, 0.43)], [],
        ]
        var analytic = try HumanTracking("{}")
        analytic.keepEstimations()
        let all = frames.enumerated().flatMap {
            analytic.observe(Observation(at: Double($0.offset) * 0.2, tracks: $0.element))
        }
        let event = try #require(all.last?.event)
        #expect(all.map(\.event.estimations.isEmpty) == [true, true, false] && event.begin == FrameTime(at: 0.2))
        #expect(event.estimatedTimes == [20, 60, 80, 120])
        let scores = event.estimations.map { $0.facts.members["body"]?["detection"]?["score"]?.double }
        #expect(scores == [0.4, 0.41, 0.42, 0.43])
        #expect(event.estimations[0].facts.members["face"] == .null)
    }
    @Test func aTrackThatIsNeverConfirmedIsNobody() throws {
        #expect(try updates(frames: [[Track(1, .tentative, 0.4)], [Track(1, .tentative, 0.4)], [], []]).isEmpty)
    }
    @Test func aPersonLostAndFoundAgainKeepsTheEventAndNothingIsSaidInBetween() throws {
        let all = try updates(frames: [
            [Track(1, .confirmed, 0.4)], [Track(1, .lost, nil)], [Track(1, .lost, nil)], [Track(1, .confirmed, 0.3)],
            [], [],
        ])
        #expect(all.summary == ["opened started", "continued in_progress", "closed finished sent"])
        #expect(Set(all.map(\.event.id)).count == 1)
        #expect(all[2].event.end.index == 15 && all[2].time.index == 15)
    }
    @Test func theEndIsTheLastSightAndNotTheFrameInWhichTheTrackerGaveUp() throws {
        let all = try updates(frames: [
            [Track(1, .confirmed, 0.4)], [Track(1, .confirmed, 0.4)], [Track(1, .lost, nil)], [Track(1, .lost, nil)],
            [],
        ])
        #expect(all.last?.change == .closed && all.last?.event.end == FrameTime(at: 0.2))
    }
    @Test func twoPeopleWhoCrossAreTwoEvents() throws {
        let frames = (0..<5).map { step -> [Track] in
            let x = Float(step) * 20
            return [
                Track(1, .confirmed, 0.4, at: Point(x: 10 + x, y: 50)),
                Track(2, .confirmed, 0.45, at: Point(x: 90 - x, y: 50)),
            ]
        }
        let all = try updates(frames: frames)
        #expect(all.count == 12 && Set(all.map(\.event.id)).count == 2 && Set(all.map(\.event.trackID)).count == 2)
        let first = all.filter { $0.event.id == all[0].event.id }.compactMap(\.bodyCenter)
        #expect(first == [10, 30, 50, 70, 90, 90])
        #expect(all.suffix(2).summary == ["closed finished sent", "closed finished sent"])
    }
    @Test func whoLeavesIsSaidBeforeWhoComes() throws {
        let all = try updates(frames: [[Track(1, .confirmed, 0.4)], [Track(2, .confirmed, 0.4)]])
        #expect(all.summary == ["opened started", "closed finished sent", "opened started", "closed finished sent"])
    }
    @Test func nobodyIsRememberedWhomTheTrackerForgot() throws {
        var analytic = try HumanTracking("{}")
        for id in 1...1000 {
            _ = analytic.observe(Observation(at: Double(id), tracks: [Track(UInt64(id), .tentative, 0.4)]))
        }
        _ = analytic.observe(Observation(at: 1001, tracks: []))
        #expect(
            Mirror(reflecting: analytic).children.first { $0.label == "people" }.map {
                Mirror(reflecting: $0.value).children.count
            } == 0)
    }
    @Test func theBodyComesOnlyWithItsTarget() throws {
        let frames = [[Track(1, .confirmed, 0.4)]]
        #expect(
            try updates(frames: frames)[0].body == [
                "detection": ["bbox": ["x": 45, "y": 40, "width": 10, "height": 20], "score": 0.4]
            ])
        #expect(try updates(#"{"targets": ["overview"]}"#, frames: frames)[0].body == nil)
    }

    // MARK: Faces

    /// Of the mean head, looking a little to the right of the picture.
    private static let face = Landmarks5(
        leftEye: Point(x: 47, y: 46), rightEye: Point(x: 53, y: 46), nose: Point(x: 50.4, y: 50),
        leftMouth: Point(x: 47.6, y: 53), rightMouth: Point(x: 52.4, y: 53))
    private func faces(_ parameters: String, targets: String, score: Float = 0.8) throws -> [EventUpdate] {
        var track = Track(1, .confirmed, score)
        track.landmarks = Self.face
        return try updates(
            #"{"targets": [\#(targets)], "parameters": {"tracking": {"detector_type": "face"}\#(parameters)}}"#,
            frames: [[track]])
    }

    @Test func aFaceIsToldOfAsItsTargetsAsk() throws {
        let all = try faces("", targets: #""face_detection", "landmarks5", "head_pose""#)
        let live = try #require(all.first?.live.members)
        #expect(live["body"] == .null)
        let face = try #require(live["face"])
        #expect(face["detection"] == ["bbox": ["x": 45, "y": 40, "width": 10, "height": 20], "score": 0.8])
        #expect(face["landmarks5"] == [[47, 46], [53, 46], [50, 50], [48, 53], [52, 53]])
        let yaw = try #require(face["head_pose"]?["yaw"]?.double)
        #expect(yaw > 3 && yaw < 12)
        let sample = try #require(all.last?.event.facts.members["detections"]?.array?.first?["samples"])
        #expect(sample["body"] == .null && sample["face"]?["sample_id"] == .null)
        let detection = try #require(sample["face"]?["detection"])
        #expect(detection["rect"] == ["x": 45, "y": 40, "width": 10, "height": 20])
        #expect(detection["landmarks5"]?.array?.count == 5)
        #expect(detection["attributes"]?["head_pose"]?["yaw"]?.double == yaw)
    }
    @Test func whatWasNotAskedForOfAFaceIsAbsent() throws {
        let alone = try #require(try faces("", targets: #""face_detection""#).first?.live.members["face"])
        #expect(alone.object.map { Set($0.keys) } == ["detection"])
        #expect(try faces("", targets: #""overview""#).first?.live.members["face"] == .null)
    }
    @Test func aFaceThatIsTurnedTooFarIsNoPicture() throws {
        let straight = try faces("", targets: #""overview""#)
        #expect(straight.last?.event.overview?.facts.members["detection"]?["face"]?["score"] == 0.8)
        let filters = #", "face_samples": {"filters": {"head_yaw": 2}}"#
        #expect(try faces(filters, targets: #""overview""#).last?.event.overview == nil)
        #expect(try faces("", targets: #""overview""#, score: 0.55).last?.event.overview == nil)
    }

    @Test func aBodyAndTheFaceOnItAreOnePerson() throws {
        func frame(_ hasFace: Bool) -> [Track] {
            var track = Track(1, .confirmed, 0.4)
            track.face = hasFace ? Detection(box: Self.faceBox, confidence: 0.7, landmarks: Self.face) : nil
            return [track]
        }
        let text = #"""
            {"targets": ["face_detection", "body_detection", "overview"],
             "parameters": {"tracking": {"detector_type": "human"}}}
            """#
        let all = try updates(text, frames: [frame(false), frame(true), frame(false)])
        #expect(Set(all.map(\.event.id)).count == 1 && all.count == 4)
        let faces = all.map { $0.live.members["face"]?["detection"]?["score"]?.double }
        #expect(faces == [nil, 0.7, nil, nil])
        #expect(all.allSatisfy { $0.body?["detection"]?["score"] == 0.4 })
        // The frame that shows the face is the best, though the body is as sure in all.
        let event = try #require(all.last?.event)
        #expect(event.overview?.time == FrameTime(at: 0.2))
        let shown = try #require(event.overview?.facts.members["detection"])
        #expect(shown["face"]?["score"] == 0.7 && shown["body"]?["score"] == 0.4)
        let samples = event.facts.members["detections"]?.array?.first?["samples"]
        #expect(samples?["face"]?["detection"]?["rect"]?["width"] == 6)
        #expect(samples?["body"]?["detection"]?["rect"]?["width"] == 10)
    }
    @Test func aFaceIsNothingToWhoFollowsBodies() throws {
        var track = Track(1, .confirmed, 0.4)
        track.face = Detection(box: Self.faceBox, confidence: 0.7, landmarks: Self.face)
        #expect(try updates(frames: [[track]]).first?.live.members["face"] == .null)
    }
    @Test func qualityIsToldWhereItIsAskedFor() throws {
        let all = try faces("", targets: #""face_detection", "ags", "warp_quality""#)
        let face = try #require(all.first?.live.members["face"])
        #expect(
            face["warp_quality"] == [
                "dark": 0.9, "light": 0.8, "illumination": 0.7, "specularity": 0.6, "blurriness": 0.25,
            ])
        let ags = try #require(face["ags"]?.double)
        #expect(ags > 0.3 && ags <= 0.4)
        let detection = all.last?.event.facts.members["detections"]?.array?.first?["samples"]?["face"]?["detection"]
        #expect(detection?["quality"] == face["warp_quality"] && detection?["ags"]?.double == ags)
    }

    // MARK: Estimates

    /// Frames in which somebody is followed by the face, with what is estimated of it.
    private func faces(_ targets: String, _ estimates: [(score: Float, told: FaceEstimates?)]) throws -> [EventUpdate] {
        let wanted: FaceEstimateSet = [.emotions, .eyes, .gaze, .mouth, .basicAttributes]
        let text =
            #"{"targets": [\#(targets)], "parameters": {"tracking": {"detector_type": "face"}, "face_samples": {"count": 2}}}"#
        var analytic = HumanTracking(
            parameters: try HumanTrackingParameters(
                JSONReader(text: text), Abilities(findsFaces: true, estimates: wanted)))
        var updates: [EventUpdate] = []
        for (index, estimate) in estimates.enumerated() {
            var track = Track(1, .confirmed, estimate.score)
            track.landmarks = Self.face
            updates += analytic.observe(
                Observation(
                    time: FrameTime(at: Double(index) / 10), frameSize: PixelSize(width: 100, height: 100),
                    tracks: [track], headcount: Headcount(),
                    estimates: estimate.told.map { [track.id: $0] } ?? [:]))
        }
        return updates + analytic.finish()
    }
    private static func estimates(age: Float? = nil, _ emotion: Emotion = .happiness) -> FaceEstimates {
        var told = FaceEstimates(wanted: [.emotions, .eyes, .gaze, .mouth, .basicAttributes])
        told.emotions = Emotions(shares: Emotion.allCases.map { $0 == emotion ? 1 : 0 })
        told.mouth = MouthEstimate(smile: 0.5, opened: 0)
        told.basicAttributes = age.map { AgeAndGender(age: $0, gender: .male, genderScore: 0.9) }
        return told
    }

    @Test func whatIsEstimatedOfAFaceIsToldOfEachFrameAndOfTheBestOne() throws {
        let all = try faces(
            #""face_detection", "emotions", "mouth", "gaze""#,
            [(0.7, Self.estimates(.anger)), (0.9, Self.estimates(.happiness)), (0.8, nil)])
        let seen = all.map { $0.live.members["face"] }
        #expect(seen[0]?["emotions"]?["predominant_emotion"] == "anger")
        #expect(seen[0]?["mouth"]?["smile"] == 0.5 && seen[0]?["gaze"] == .null && seen[0]?["eyes"] == nil)
        #expect(seen[2]?["emotions"] == .null)
        let event = try #require(all.last?.event).facts.members
        let detection = event["detections"]?.array?.first?["samples"]?["face"]?["detection"]
        let attributes = try #require(detection?["attributes"]?.object)
        #expect(Set(attributes.keys) == ["emotions", "mouth_attributes"])
        #expect(attributes["emotions"]?["predominant_emotion"] == "happiness" && event["face_attributes"] == nil)
        #expect(EventAttributes.members(of: .object(event))["emotion"] == 4)
    }

    @Test func ageAndGenderAreTheMeansOfTheBestSamples() throws {
        let all = try faces(
            #""aggregated_face_basic_attributes""#,
            [
                (0.7, Self.estimates(age: 90)), (0.9, Self.estimates(age: 30)), (0.8, Self.estimates(age: 40)),
                (0.95, Self.estimates()), (0.5, Self.estimates(age: 1)),
            ])
        let event = try #require(all.last?.event).facts.members
        #expect(event["face_attributes"]?["basic_attributes"] == ["age": 35, "gender": 1, "ethnicities": .null])
        #expect(event["detections"]?.array?.count == 1)
        let columns = EventAttributes.members(of: .object(event))
        #expect(columns["age"] == 35 && columns["gender"] == 1)
        let nobody = try faces(#""aggregated_face_basic_attributes""#, [(0.9, Self.estimates()), (0.9, nil)])
        #expect(nobody.last?.event.facts.members["face_attributes"] == nil)
    }

    private static let faceBox = BoundingBox(minX: 47, minY: 42, maxX: 53, maxY: 50)

    // MARK: Best detection

    @Test func theOverviewIsTheSurestDetection() throws {
        let all = try updates(
            #"{"targets": ["overview"]}"#,
            frames: [0.35, 0.5, 0.4, 0.5].map { [Track(1, .confirmed, $0)] })
        let overview = try #require(all.last?.event.overview)
        #expect(overview.time == FrameTime(at: 0.2) && overview.text == "frame at 0.2")
        #expect(overview.facts.members["detection"]?["body"]?["score"] == 0.5 && all.last?.event.score == 0.5)
    }
    @Test func withoutTheTargetThereIsABestDetectionAndNoPicture() throws {
        let event = try #require(try updates(frames: [[Track(1, .confirmed, 0.5)]]).last?.event)
        #expect(event.pictures.isEmpty && event.score == 0.5)
    }
    @Test func aDetectionBelowTheScoreIsNoPictureButStillADetection() throws {
        let text = #"{"targets": ["overview"], "parameters": {"body_samples": {"filters": {"score": 0.45}}}}"#
        let weak = try updates(text, frames: [0.3, 0.44].map { [Track(1, .confirmed, $0)] })
        #expect(weak.last?.event.overview == nil && weak.last?.event.score == 0.44)
        let sure = try updates(text, frames: [0.3, 0.46].map { [Track(1, .confirmed, $0)] })
        #expect(sure.last?.event.overview?.text == "frame at 0.2")
    }
    @Test func aDetectionInTheRegionComesBeforeASurerOneOutside() throws {
        let text = #"""
            {"targets": ["overview"], "parameters": {"body_samples": {"filters": {"droi": {"mode": "percent", "form": "common",
              "area": [[{"x": 0, "y": 0}, {"x": 50, "y": 0}, {"x": 50, "y": 100}, {"x": 0, "y": 100}]]}}}}}
            """#
        let walk: [(Float, Float)] = [(80, 0.9), (30, 0.35), (60, 0.8), (20, 0.4), (10, 0.38)]
        let all = try updates(text, frames: walk.map { [Track(1, .confirmed, $0.1, at: Point(x: $0.0, y: 50))] })
        #expect(all.last?.event.score == 0.4)
        #expect(all.last?.event.overview?.text.hasPrefix("frame at 0.6") == true)
        let outside = try updates(text, frames: [[Track(1, .confirmed, 0.9, at: Point(x: 80, y: 50))]])
        #expect(outside.last?.event.overview == nil && outside.last?.event.score != nil)
    }
    @Test func oneFrameIsEncodedOnceForAllThePeopleInIt() throws {
        final class Counter: Sendable { let count = Mutex(0) }
        let counter = Counter()
        var analytic = try HumanTracking(#"{"targets": ["overview"]}"#)
        _ = analytic.observe(
            Observation(
                time: FrameTime(at: 0), frameSize: PixelSize(width: 100, height: 100),
                tracks: (1...5).map { Track($0, .confirmed, 0.4) }, headcount: Headcount()
            ) { _, _ in
                counter.count.withLock { $0 += 1 }
                return nil
            })
        #expect(counter.count.withLock { $0 } == 1)
    }

    // MARK: Event policy

    @Test func startSendsTheEventOnceWhenItOpens() throws {
        let all = try updates(
            #"{"parameters": {"event_policy": {"trigger": "start"}}}"#, frames: [[Track(1, .confirmed, 0.4)], []])
        #expect(all.summary == ["opened started sent", "closed finished"])
    }
    @Test func periodCutsEachTrackIntoEventsOfItsOwn() throws {
        let frames = (0..<6).map { index in
            [Track(1, .confirmed, 0.4)] + (index >= 2 ? [Track(2, .confirmed, 0.4)] : [])
        }
        let all = try updates(
            #"{"parameters": {"event_policy": {"trigger": "period", "interval": 1}}}"#, frames: frames, step: 0.5)
        let sent = all.filter(\.isReported).map(\.event)
        let byTrack = Dictionary(grouping: sent, by: \.trackID).values.sorted { $0.count > $1.count }
        #expect(byTrack.map { $0.map(\.begin.pts.seconds) } == [[0, 1, 2], [1, 2]])
        #expect(byTrack.map { $0.map(\.end.pts.seconds) } == [[0.5, 1.5, 2.5], [1.5, 2.5]])
        #expect(Set(sent.map(\.id)).count == 5)
        #expect(
            all.filter { $0.change != .continued }.allSatisfy {
                ($0.status == nil) == ($0.change == .closed && $0.time.pts.seconds < 2.5)
            })
    }
    @Test func finishEndsEverybodyAndEmptyFramesBringNothing() throws {
        var analytic = try HumanTracking("{}")
        #expect(analytic.observe(Observation(at: 0, tracks: [])).isEmpty)
        _ = analytic.observe(
            Observation(
                at: 1, tracks: [Track(2, .confirmed, 0.4), Track(1, .confirmed, 0.4), Track(3, .tentative, 0.4)]))
        #expect(analytic.finish().summary == ["closed finished sent", "closed finished sent"])
        #expect(analytic.finish().isEmpty)
    }
    @Test func theTrackerIsAskedForTheProbeCount() throws {
        #expect(
            try HumanTracking("{}").requirements
                == AnalyticRequirements(rate: .frames(1), tracking: TrackingRequirement(probeCount: 3)))
    }
}
