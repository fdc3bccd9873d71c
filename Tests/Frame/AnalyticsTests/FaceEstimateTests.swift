import Analytics
import JSON
import Scene
import Testing

/// What is estimated of faces, as it goes over the wire: see events.md of the contract, estimation objects.
struct FaceEstimateTests {
    private static let emotions = Emotions(shares: [0.05, 0, 0.125, 0.5, 0.25, 0.05, 0.025])

    @Test func onlyWhatWasAskedForIsToldAndWhatCouldNotBeToldIsNull() {
        #expect(FaceEstimates().wire == [:])
        let nothing = FaceEstimates(wanted: [.quality, .emotions, .basicAttributes, .mouth, .eyes, .gaze, .landmarks68])
        #expect(
            nothing.wire == [
                "quality": .null, "landmarks68": .null,
                "attributes": [
                    "emotions": .null, "basic_attributes": .null, "mouth_attributes": .null, "eyes_attributes": .null,
                    "gaze": .null,
                ],
            ])
        var pose = FaceEstimates(wanted: .headPose)
        (pose.headPose, pose.emotions) = (HeadPose(yaw: 1.006, pitch: -2, roll: 0), Self.emotions)
        #expect(pose.wire == ["attributes": ["head_pose": ["yaw": 1.01, "pitch": -2.0, "roll": 0.0]]])
    }

    @Test func eachIsWrittenAsTheContractHasIt() {
        var told = FaceEstimates(wanted: [.emotions, .basicAttributes, .mouth, .eyes, .gaze])
        told.emotions = Self.emotions
        told.basicAttributes = AgeAndGender(age: 41.6, gender: .male, genderScore: 0.9)
        told.mouth = MouthEstimate(smile: 0.25, opened: 1)
        let iris = [Point(x: 3.4, y: 5.6)]
        told.eyes = EyesEstimate(
            left: EyeEstimate(state: .open, iris: iris), right: EyeEstimate(state: .closed, iris: iris))
        told.gaze = Gaze(yaw: -3.256, pitch: 2)
        #expect(
            told.attributes == [
                "emotions": [
                    "predominant_emotion": "happiness",
                    "estimations": [
                        "anger": 0.05, "disgust": 0.0, "fear": 0.125, "happiness": 0.5, "neutral": 0.25,
                        "sadness": 0.05,
                        "surprise": 0.025,
                    ],
                ],
                "basic_attributes": ["age": 42, "gender": 1, "ethnicities": .null],
                "mouth_attributes": ["score": 1, "smile": 0.25, "opened": 1.0, "occluded": .null],
                "eyes_attributes": [
                    "left_eye": ["state": "open", "iris_landmarks": [[3, 6]]],
                    "right_eye": ["state": "closed", "iris_landmarks": [[3, 6]]],
                ],
                "gaze": ["yaw": -3.26, "pitch": 2.0],
            ])
    }

    @Test func ofSeveralPicturesTheMeanIsTold() throws {
        let sad = Emotions(shares: [0, 0, 0, 0, 0, 1, 0])
        let mean = try #require(Emotions.mean(of: [Self.emotions, sad, sad]))
        #expect(mean.predominant == .sadness)
        #expect(abs(mean[.happiness] - 0.5 / 3) < 1e-6)
        #expect(Emotions.mean(of: []) == nil)
        let basic = try #require(
            AgeAndGender.mean(of: [
                AgeAndGender(age: 20, gender: .male, genderScore: 0.6),
                AgeAndGender(age: 30, gender: .female, genderScore: 0.9),
            ]))
        #expect(basic.years == 25 && basic.gender == .female)
        #expect(abs(basic.genderScore - 0.65) < 1e-6)
        #expect(AgeAndGender.mean(of: []) == nil)
    }
}
