import DecodeWorker
import DoorSupport
import Foundation
import JSON
import Media
import Recognition
import Records
import Scene
import Store
import Testing
import WorkerSupport

@testable import API

/// `/6/detector`, over HTTP. What is found is a script's.
struct DetectorTests {
    @Test func eachFaceBecomesASample() async throws {
        let looker = PictureTests.looker(faces: [Sights.face(40, 30), Sights.face(150, 60, confidence: 0.7)])
        try await withServer(looker: looker) { server in
            let reply = try await PictureTests.send(
                server, "/6/detector?estimate_quality=1&estimate_head_pose=1", ImageTests.picture("image/png"),
                type: "image/png")
            #expect(reply.status == 201)
            let image = try #require(try reply.json["images"]?.array?.first)
            #expect(image["filename"] == "Raw Image" && image["status"] == 1)
            #expect(image["error"] == PictureTests.success && image["exif"] == nil)
            #expect(image["detections"]?["filtered_detections"] == ["face_detections": []])
            let samples = try #require(image["detections"]?["samples"]?.array)
            #expect(samples.count == 2)
            for (sample, x) in zip(samples, [40, 150]) {
                let face = try #require(sample["face"])
                let id = try #require(face["sample_id"]?.string)
                #expect(face["url"] == .string("/6/samples/faces/\(id)"))
                #expect(face["detection"]?["rect"]?["x"] == .integer(Int64(x)))
                #expect(face["detection"]?["landmarks5"]?.array?.count == 5)
                #expect(face["detection"]?["quality"]?["blurriness"] != nil)
                #expect(face["detection"]?["attributes"]?["head_pose"]?["yaw"] != nil)
                let stored = try await server.send("GET", "/6/samples/faces/\(id)")
                #expect(stored.status == 200 && stored.headers["content-type"] == "image/jpeg")
                let picture = try StillWork.decode(Array(stored.body), maximumPixels: 1 << 20)
                #expect(picture.size == PixelSize(width: 250, height: 250))
            }
            #expect(try await server.store.objectTotals().count == 2)
        }
    }

    @Test func facesThatAreTurnedTooFarAreToldAndNotStored() async throws {
        let looker = PictureTests.looker(faces: [Sights.face(40, 30), Sights.face(120, 30, turned: 0.2)])
        try await withServer(looker: looker) { server in
            let reply = try await PictureTests.send(
                server, "/6/detector?yaw_threshold=15", ImageTests.picture("image/png"), type: "image/png")
            let detections = try #require(try reply.json["images"]?.array?.first?["detections"])
            #expect(detections["samples"]?.array?.count == 1)
            let filtered = try #require(detections["filtered_detections"]?["face_detections"]?.array)
            #expect(filtered.count == 1 && filtered[0]["detection"]?["rect"]?["x"] == 120)
            let reason = try #require(filtered[0]["filter_reasons"]?.array?.first)
            #expect(reason["filter_name"] == "yaw_threshold" && reason["threshold_value"] == 15)
            #expect(abs(reason["object_value"]?.double ?? 0) > 15)
            #expect(try await server.store.objectTotals().count == 1)
        }
    }

    @Test func severalFacesAreAllRefusedOrTheBestOne() async throws {
        let looker = PictureTests.looker(faces: [Sights.face(40, 30), Sights.face(110, 60, side: 90, confidence: 0.8)])
        try await withServer(looker: looker) { server in
            let picture = try ImageTests.picture("image/png")
            func image(_ policy: Int) async throws -> JSONValue? {
                try await PictureTests.send(
                    server, "/6/detector?multiface_policy=\(policy)", picture, type: "image/png"
                ).json["images"]?.array?.first
            }
            let refused = try await image(0)
            #expect(refused?["status"] == 0 && refused?["error"] == APIError.severalFaces.body)
            #expect(refused?["detections"]?["samples"] == [])
            #expect(try await image(1)?["detections"]?["samples"]?.array?.count == 2)
            let best = try await image(2)?["detections"]?["samples"]?.array
            #expect(best?.count == 1 && best?.first?["face"]?["detection"]?["rect"]?["x"] == 110)
        }
    }

    @Test func aFaceThatIsAlignedIsStoredAsItCame() async throws {
        try await withServer(looker: PictureTests.looker(findsFaces: false)) { server in
            let warp = try ImageTests.picture("image/png")
            let reply = try await PictureTests.send(
                server, "/6/detector?warped_image=1&estimate_quality=1", warp, type: "image/png")
            let face = try #require(
                try reply.json["images"]?.array?.first?["detections"]?["samples"]?.array?.first?["face"])
            #expect(face["detection"]?["rect"] == ["x": 0, "y": 0, "width": 250, "height": 250])
            #expect(face["detection"]?["quality"]?["light"] != nil)
            let stored = try await server.send("GET", face["url"]?.string ?? "")
            #expect(stored.body == warp && stored.headers["content-type"] == "image/png")
            let small = try await PictureTests.send(
                server, "/6/detector?warped_image=1", ImageTests.picture("image/png", size: "100x100"),
                type: "image/png")
            #expect(try small.json["images"]?.array?.first?["error"]?["error_code"] == 11043)
        }
    }

    @Test func whatIsWrongIsToldOfEachPicture() async throws {
        try await withServer(looker: PictureTests.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            let (body, type) = PictureTests.multipart([
                PictureTests.image("a.png", picture.prefix(500)), PictureTests.image("b.png", picture),
            ])
            let reply = try await PictureTests.send(server, "/6/detector?extract_exif=1", body, type: type)
            #expect(reply.status == 201)
            let images = try #require(try reply.json["images"]?.array)
            #expect(images.map { $0["status"]?.integer } == [0, 1])
            #expect(images.map { $0["filename"]?.string } == ["a.png", "b.png"])
            #expect(images[0]["error"]?["error_code"] == 18002 && images[1]["exif"] == [:])
        }
    }

    @Test(arguments: [
        ("estimate_emotions", "Emotions"), ("estimate_mask", "Mask"), ("detect_landmarks68", "Landmarks68"),
        ("estimate_gaze", "Gaze"), ("estimate_eyes_attributes", "Eyes attributes"),
        ("estimate_mouth_attributes", "Mouth attributes"),
    ])
    func whatHasNoModelIsRefusedByName(flag: String, feature: String) async throws {
        try await withServer(looker: PictureTests.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            try await PictureTests.send(server, "/6/detector?\(flag)=1", picture, type: "image/png").expectError(
                403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
            try await PictureTests.send(server, "/6/detector?\(flag)=2", picture, type: "image/png").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters '\(flag)'")
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func aPictureThatKillsItsDecoderHarmsNobody() async throws {
        var stills = TestWorkers.opener(MediaConfiguration()).stills
        stills.trap = WorkerTrap(.crash, at: -1)
        try await withServer(stills: stills, looker: PictureTests.looker()) { server in
            let reply = try await PictureTests.send(
                server, "/6/detector", ImageTests.picture("image/png"), type: "image/png")
            #expect(try reply.json["images"]?.array?.first?["error"]?["error_code"] == 18002)
            #expect(try await server.send("GET", "/6/healthcheck").status == 200)
        }
    }
}
