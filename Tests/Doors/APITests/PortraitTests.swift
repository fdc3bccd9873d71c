import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

@testable import API

/// `/6/iso`, `estimate_face_quality` and `/6/liveness`, over HTTP. What is found is a script's.
struct PortraitTests {
    private static func checks(_ verdict: JSONValue?) throws -> [String: JSONValue] {
        let checks = try #require(verdict?["checks"]?.array)
        return try Dictionary(uniqueKeysWithValues: checks.map { (try #require($0["name"]?.string), $0) })
    }
    private static let undone = Set(PortraitCheck.missing.map(\.rawValue))

    @Test func aPortraitIsJudgedByEachCheck() async throws {
        // Eyes 45 pixels apart in a picture of 250.
        try await withServer(looker: PictureTests.looker(faces: [Sights.face(75, 60, side: 90)])) { server in
            let picture = try ImageTests.picture("image/png")
            let reply = try await PictureTests.send(server, "/6/iso?extract_exif=1", picture, type: "image/png")
            #expect(reply.status == 200)
            let image = try #require(try reply.json["images"]?.array?.first)
            #expect(image["filename"] == "raw image" && image["status"] == 1 && image["exif"] == [:])
            #expect(image["error"] == PictureTests.success)
            let detection = try #require(image["estimations"]?.array?.first?["face"]?["detection"])
            #expect(detection["rect"] == ["x": 75, "y": 60, "width": 90, "height": 90])
            #expect(detection["iso"]?["status"] == 0)
            let checks = try Self.checks(detection["iso"])
            #expect(Set(checks.keys) == Set(PortraitCheck.ofISO.map(\.rawValue)))
            #expect(checks["image_format"]?["object_value"] == "PNG" && checks["image_format"]?["result"] == 1)
            #expect(checks["eye_distance"]?["threshold_value"] == ["min": 90, "max": nil])
            #expect(checks["eye_distance"]?["result"] == 0)
            #expect(abs(try #require(checks["eye_distance"]?["object_value"]?.double) - 44.4) < 0.1)
            let center = try #require(checks["head_horizontal_center"]?["object_value"]?.double)
            #expect((0.45...0.55).contains(center) && checks["head_horizontal_center"]?["result"] == 1)
            for name in Self.undone {
                #expect(checks[name]?["object_value"] == .null && checks[name]?["result"] == 0, "\(name)")
            }
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func severalFacesAreRefusedUnlessSomebodySaysOtherwise() async throws {
        let looker = PictureTests.looker(faces: [Sights.face(40, 30), Sights.face(110, 60, side: 90, confidence: 0.8)])
        try await withServer(looker: looker) { server in
            let picture = try ImageTests.picture("image/png")
            func image(_ query: String) async throws -> JSONValue? {
                try await PictureTests.send(server, "/6/iso\(query)", picture, type: "image/png").json["images"]?
                    .array?.first
            }
            let refused = try await image("")
            #expect(refused?["status"] == 0 && refused?["error"] == APIError.severalFaces.body)
            #expect(refused?["estimations"] == [])
            #expect(try await image("?multiface_policy=1")?["estimations"]?.array?.count == 2)
            #expect(try await image("?multiface_policy=2")?["estimations"]?.array?.count == 1)
        }
    }

    @Test func anAlignedFaceSaysNothingOfWhereItWas() async throws {
        try await withServer(looker: PictureTests.looker(findsFaces: false)) { server in
            let warp = try ImageTests.picture("image/png")
            let path = "/6/iso?image_type=1"
            let reply = try await PictureTests.send(server, path, warp, type: "image/png")
            let detection = try #require(
                try reply.json["images"]?.array?.first?["estimations"]?.array?.first?["face"]?["detection"])
            #expect(detection["rect"] == nil)
            let checks = try Self.checks(detection["iso"])
            for name in ["head_width", "head_yaw", "eye_distance"] { #expect(checks[name]?["object_value"] == .null) }
            #expect(checks["blurriness_quality"]?["object_value"]?.double != nil)
            #expect(checks["face_color_type"]?["object_value"] == "color")
            let packed = try await PictureTests.send(
                server, path, warp, type: "image/png", accept: "application/msgpack")
            #expect(packed.headers["content-type"] == "application/msgpack")
            #expect(Array(packed.body) == (try reply.json).messagePack(bytesIn: []))
            let small = try await PictureTests.send(
                server, path, ImageTests.picture("image/png", size: "100x100"), type: "image/png")
            #expect(try small.json["images"]?.array?.first?["error"]?["error_code"] == 11043)
            try await PictureTests.send(server, "/6/iso", warp, type: "image/png").expectError(
                403, 11055, "Forbidden", "License problem: Face detection feature disabled")
            try await PictureTests.send(server, "/6/iso?image_type=2", warp, type: "image/png").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'image_type'")
        }
    }

    @Test func theDetectorTellsAllChecksBesideWhatElseIsAskedFor() async throws {
        try await withServer(looker: PictureTests.looker(faces: [Sights.face(40, 30)])) { server in
            let picture = try ImageTests.picture("image/png")
            func detection(_ query: String) async throws -> JSONValue {
                let reply = try await PictureTests.send(server, "/6/detector?\(query)", picture, type: "image/png")
                let samples = try reply.json["images"]?.array?.first?["detections"]?["samples"]?.array
                return try #require(samples?.first?["face"]?["detection"])
            }
            let alone = try await detection("estimate_face_quality=1")
            // What only checks need is not told beside them.
            #expect(alone["quality"] == nil && alone["attributes"] == nil)
            let checks = try Self.checks(alone["face_quality"])
            #expect(checks.count == 44 && alone["face_quality"]?["status"] == 0)
            #expect(checks["face_width"]?["object_value"] == 50 && checks["face_width"]?["result"] == 0)
            #expect(checks["indent_left"]?["object_value"] == 40 && checks["indent_right"]?["object_value"] == 160)
            #expect(checks["aspect_ratio"]?["object_value"] == 1)
            #expect(checks["image_size"]?["object_value"] == .integer(Int64(picture.count)))
            for name in ["illumination_uniformity", "dynamic_range"] {
                #expect((0...1).contains(try #require(checks[name]?["object_value"]?.double)))
            }
            let both = try await detection("estimate_face_quality=1&estimate_quality=1")
            #expect(both["quality"]?["dark"] == checks["dark_quality"]?["object_value"])
            #expect(try await detection("")["face_quality"] == nil)
            let warp = try await detection("warped_image=1&estimate_face_quality=1")
            #expect(try Self.checks(warp["face_quality"])["face_width"]?["object_value"] == .null)
        }
    }

    @Test(arguments: ["image/png", "application/json", "multipart/form-data; boundary=limit"])
    func whetherSomebodyIsThereNobodyCanTell(type: String) async throws {
        try await withServer { server in
            let body = try type == "image/png" ? ImageTests.picture(type) : Data("{\"urls\": [\"http://a/\"]}".utf8)
            try await PictureTests.send(server, "/6/liveness?aggregate=1", body, type: type).expectError(
                403, 11055, "Forbidden", "License problem: Liveness feature disabled")
        }
    }
}
