import DoorSupport
import Foundation
import Inference
import JSON
import Recognition
import Scene
import TestSupport
import Testing

@testable import API

/// What `/6/sdk` and `/6/detector` tell of faces beside where they are. What models say is a script's.
struct EstimateTests {
    private static let face = Sights.face(40, 30, side: 120)
    private static let flags = [
        "estimate_emotions", "estimate_gaze", "estimate_eyes_attributes", "estimate_mouth_attributes",
    ]
    private static func ask(_ server: TestServer, _ path: String, _ flags: [String]) async throws -> JSONValue {
        let query = flags.map { "\($0)=1" }.joined(separator: "&")
        let reply = try await PictureTests.send(
            server, "/6/\(path)?\(query)", try ImageTests.picture("image/png"), type: "image/png")
        #expect([200, 201].contains(reply.status))
        return try reply.json
    }

    @Test func whatIsAskedForIsTold() async throws {
        let looker = PictureTests.looker(faces: [Self.face], estimators: try Sights.estimators())
        try await withServer(looker: looker) { server in
            let wanted = Self.flags + ["detect_face", "estimate_basic_attributes", "estimate_landmarks68"]
            let answer = try await Self.ask(server, "sdk", wanted + ["aggregate_attributes"])
            let person = try #require(answer["images_estimations"]?.array?.first?["estimations"]?.array?.first)
            let detection = try #require(person["face"]?["detection"])
            let attributes = try #require(detection["attributes"]?.object)
            #expect(detection["landmarks68"]?.array?.count == 68 && detection["quality"] == nil)
            #expect(
                Set(attributes.keys)
                    == ["emotions", "gaze", "eyes_attributes", "mouth_attributes", "basic_attributes"])
            let emotions = try #require(attributes["emotions"])
            #expect(emotions["predominant_emotion"] == "happiness" && emotions["estimations"]?["anger"] == 0.05)
            #expect(attributes["basic_attributes"] == ["age": 40, "gender": 0, "ethnicities": .null])
            #expect(
                attributes["mouth_attributes"] == ["score": 1, "smile": 1, "opened": 0, "occluded": .null])
            let eyes = try #require(attributes["eyes_attributes"]?.object)
            for eye in eyes.values {
                #expect(eye["state"] == "open" && eye["iris_landmarks"]?.array?.count == 32)
            }
            #expect(eyes.count == 2)
            #expect(Set((attributes["gaze"]?.object ?? [:]).keys) == ["yaw", "pitch"])
            #expect(
                answer["aggregate_estimations"] == [
                    "face": ["attributes": ["emotions": emotions]], "body": ["attributes": [:]],
                ])

            let samples = try await Self.ask(server, "detector", Self.flags + ["detect_landmarks68"])
            let sample = try #require(
                samples["images"]?.array?.first?["detections"]?["samples"]?.array?.first?["face"]?["detection"])
            #expect(sample["landmarks68"] == detection["landmarks68"])
            #expect(
                Set((sample["attributes"]?.object ?? [:]).keys)
                    == ["emotions", "gaze", "eyes_attributes", "mouth_attributes"])
        }
    }

    @Test func ofAFaceThatIsTooSmallItIsNull() async throws {
        let gate = EstimatorCard.Gate(height: 121, sharpness: 0, yaw: 180, pitch: 180)
        let looker = PictureTests.looker(faces: [Self.face], estimators: try Sights.estimators(gate: gate))
        try await withServer(looker: looker) { server in
            let answer = try await Self.ask(server, "sdk", Self.flags + ["detect_face", "estimate_landmarks68"])
            let person = try #require(answer["images_estimations"]?.array?.first?["estimations"]?.array?.first)
            let detection = try #require(person["face"]?["detection"])
            #expect(detection["landmarks68"] == .null)
            #expect(
                detection["attributes"] == [
                    "emotions": .null, "gaze": .null, "eyes_attributes": .null, "mouth_attributes": .null,
                ])
        }
    }

    @Test func anAlignedFaceSaysNothingOfHowTheHeadWasTurned() async throws {
        let looker = PictureTests.looker(faces: [], estimators: try Sights.estimators())
        try await withServer(looker: looker) { server in
            let query = (Self.flags + ["estimate_landmarks68", "estimate_head_pose"]).map { "\($0)=1" }
            let reply = try await PictureTests.send(
                server, "/6/sdk?image_type=1&\(query.joined(separator: "&"))",
                try ImageTests.picture("image/png", size: "250x250"), type: "image/png")
            let face = try reply.json["images_estimations"]?.array?.first?["estimations"]?.array?.first?["face"]
            let detection = try #require(face?["detection"]?.object)
            #expect(Set(detection.keys) == ["rect", "attributes"])
            #expect(
                Set((detection["attributes"]?.object ?? [:]).keys)
                    == ["emotions", "eyes_attributes", "mouth_attributes"])
        }
    }
}
