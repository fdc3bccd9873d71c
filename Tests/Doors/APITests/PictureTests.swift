import DecodeWorker
import DoorSupport
import Foundation
import Frames
import HTTPEdge
import JSON
import Media
import Notifications
import Recognition
import Records
import Scene
import Store
import TestSupport
import Testing

@testable import API

/// `/6/sdk`, over HTTP: forms of requests and of answers, and what they say. What is found is a script's.
struct PictureTests {
    private static let face = Sights.face(40, 30), body = Sights.body(30, 20)
    static func looker(
        faces: [Detection] = [face], people: [Detection] = [body], findsFaces: Bool = true,
        estimators: ScriptedEstimators? = nil
    ) -> PictureLooker {
        PictureLooker(
            models: Sights(faces: faces, people: people), findsFaces: findsFaces, estimators: estimators)
    }

    static func send(
        _ server: TestServer, _ path: String, _ body: Data, type: String, accept: String? = nil
    ) async throws -> Reply {
        var headers = TestServer.basic(server.user)
        headers["Content-Type"] = type
        headers["Accept"] = accept
        return try await server.sendRaw("POST", path, headers: headers, body: body)
    }
    static func multipart(_ parts: [(head: String, body: Data)]) -> (Data, type: String) {
        var data = Data()
        for part in parts { data += Data("--limit\r\n\(part.head)\r\n\r\n".utf8) + part.body + Data("\r\n".utf8) }
        return (data + Data("--limit--\r\n".utf8), "multipart/form-data; boundary=limit")
    }
    static func image(_ name: String, _ body: Data, type: String = "image/png") -> (head: String, body: Data) {
        ("Content-Disposition: form-data; name=\"image\"; filename=\"\(name)\"\r\nContent-Type: \(type)", body)
    }
    static let success: JSONValue = APIError.success.body

    // MARK: What is told

    @Test func nothingIsToldThatNobodyAskedFor() async throws {
        try await withServer(looker: Self.looker()) { server in
            let body = try ImageTests.picture("image/png")
            let reply = try await Self.send(server, "/6/sdk", body, type: "image/png")
            #expect(reply.status == 200)
            #expect(
                try reply.json == [
                    "images_estimations": [["filename": "raw image", "estimations": [], "image_estimations": [:]]]
                ])
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func allThatThereIsAModelForIsTold() async throws {
        try await withServer(looker: Self.looker()) { server in
            let query = [
                "detect_face", "detect_body", "estimate_people_count", "estimate_landmarks5", "estimate_head_pose",
                "estimate_quality", "estimate_face_warp", "estimate_body_warp", "extract_exif",
                "aggregate_attributes",
            ].map { "\($0)=1" }.joined(separator: "&")
            let reply = try await Self.send(
                server, "/6/sdk?\(query)", ImageTests.picture("image/jpeg"), type: "image/jpeg")
            #expect(reply.status == 200)
            let answer = try reply.json
            #expect(answer["aggregate_estimations"] == ["face": ["attributes": [:]], "body": ["attributes": [:]]])
            let image = try #require(answer["images_estimations"]?.array?.first)
            #expect(image["exif"] == [:])
            #expect(image["image_estimations"] == ["people": ["count": 1, "coordinates": [[70, 110]]]])
            let person = try #require(image["estimations"]?.array?.first)
            let face = try #require(person["face"]?["detection"]), body = try #require(person["body"]?["detection"])
            #expect(face["rect"] == ["x": 40, "y": 30, "width": 50, "height": 50])
            #expect(body["rect"] == ["x": 30, "y": 20, "width": 80, "height": 180])
            #expect(face["landmarks5"]?.array?.count == 5)
            #expect(Set((face["attributes"]?["head_pose"]?.object ?? [:]).keys) == ["yaw", "pitch", "roll"])
            #expect(
                Set((face["quality"]?.object ?? [:]).keys)
                    == ["dark", "light", "illumination", "specularity", "blurriness"])
            for (part, size) in [(face, PixelSize(width: 250, height: 250)), (body, PixelSize(width: 80, height: 180))]
            {
                let jpeg = try #require(part["warp"]?.string.flatMap { Data(base64Encoded: $0) })
                let image = try StillWork.decode(Array(jpeg), maximumPixels: 1 << 20)
                #expect(image.size == size && image.contentType == "image/jpeg")
            }
        }
    }

    @Test func asMessagePackPicturesAreBytes() async throws {
        try await withServer(looker: Self.looker()) { server in
            let path = "/6/sdk?detect_face=1&estimate_face_warp=1", body = try ImageTests.picture("image/png")
            let text = try await Self.send(server, path, body, type: "image/png", accept: "application/json").json
            let reply = try await Self.send(server, path, body, type: "image/png", accept: "application/msgpack")
            #expect(reply.status == 200 && reply.headers["content-type"] == "application/msgpack")
            #expect(Array(reply.body) == text.messagePack(bytesIn: ["warp"]))
            #expect(reply.body.firstRange(of: Data([0xa4]) + Data("warp".utf8) + Data([0xc5])) != nil)
        }
    }

    @Test func facesAndBodiesOfOnePersonStandTogether() async throws {
        let looker = Self.looker(
            faces: [Self.face, Sights.face(190, 190, confidence: 0.7)],
            people: [Sights.body(150, 20), Self.body, Sights.body(30, 20, confidence: 0.4)])
        try await withServer(looker: looker) { server in
            let picture = try ImageTests.picture("image/png")
            func told(_ query: String) async throws -> [[Int64?]] {
                let reply = try await Self.send(
                    server, "/6/sdk?detect_face=1&detect_body=1&\(query)", picture, type: "image/png")
                let image = try #require(try reply.json["images_estimations"]?.array?.first)
                return image["estimations"]?.array?.map { person in
                    ["face", "body"].map { person[$0]?["detection"]?["rect"]?["x"]?.integer }
                } ?? []
            }
            #expect(try await told("") == [[40, 30], [190, nil], [nil, 150]])
            #expect(try await told("score_threshold=0.8") == [[40, 30], [nil, 150]])
            #expect(try await told("multiface_policy=2") == [[40, 30]])
            #expect(try await told("multiface_policy=2&score_threshold=0.95").isEmpty)
            let several = try await Self.send(
                server, "/6/sdk?detect_face=1&multiface_policy=0", picture, type: "image/png")
            #expect(
                try several.json == [
                    "images_estimations": [["filename": "raw image", "error": APIError.severalFaces.body]]
                ])
        }
    }

    @Test func facesThatAreTurnedTooFarAreNotTold() async throws {
        let looker = Self.looker(faces: [Self.face, Sights.face(120, 30, turned: 0.2)], people: [])
        try await withServer(looker: looker) { server in
            let picture = try ImageTests.picture("image/png")
            for (query, count) in [
                ("yaw_threshold=180", 2), ("yaw_threshold=20", 1), ("roll_threshold=0", 0), ("pitch_threshold=60", 2),
            ] {
                let reply = try await Self.send(
                    server, "/6/sdk?detect_face=1&\(query)", picture, type: "image/png")
                let image = try reply.json["images_estimations"]?.array?.first
                #expect(image?["estimations"]?.array?.count == count, "\(query)")
            }
        }
    }

    @Test func aPictureOfAFaceOrABodyIsNotSearched() async throws {
        try await withServer(looker: Self.looker(findsFaces: false)) { server in
            let warp = try ImageTests.picture("image/png")
            let face = try await Self.send(
                server, "/6/sdk?image_type=1&detect_face=1&estimate_quality=1&estimate_face_warp=1", warp,
                type: "image/png")
            let told = try #require(try face.json["images_estimations"]?.array?.first?["estimations"]?.array?.first)
            #expect(told["body"] == .null)
            #expect(told["face"]?["detection"]?["rect"] == ["x": 0, "y": 0, "width": 250, "height": 250])
            #expect(told["face"]?["detection"]?["quality"]?["dark"]?.double != nil)
            let body = try await Self.send(
                server, "/6/sdk?image_type=2&detect_body=1", ImageTests.picture("image/png", size: "60x140"),
                type: "image/png")
            #expect(
                try body.json["images_estimations"]?.array?.first?["estimations"] == [
                    ["face": nil, "body": ["detection": ["rect": ["x": 0, "y": 0, "width": 60, "height": 140]]]]
                ])
            // And it is told of where somebody asks.
            for (query, count) in [
                ("1", 0), ("1&detect_body=1", 0), ("1&estimate_quality=1", 1), ("1&estimate_face_warp=1", 1), ("2", 0),
                ("2&detect_face=1", 0), ("2&estimate_body_warp=1", 1),
            ] {
                let reply = try await Self.send(server, "/6/sdk?image_type=\(query)", warp, type: "image/png")
                let told = try reply.json["images_estimations"]?.array?.first?["estimations"]?.array
                #expect(told?.count == count, "\(query)")
            }
            let wrong = try await Self.send(
                server, "/6/sdk?image_type=1", ImageTests.picture("image/png", size: "250x249"), type: "image/png")
            #expect(try wrong.json["images_estimations"]?.array?.first?["error"]?["error_code"] == 11043)
        }
    }

    // MARK: What is refused

    @Test(
        arguments: [
            ("estimate_landmarks68=1", "Landmarks68"), ("estimate_emotions=1", "Emotions"),
            ("estimate_mask=1", "Mask"), ("estimate_glasses=1", "Glasses"), ("estimate_gaze=1", "Gaze"),
            ("estimate_eyes_attributes=1", "Eyes attributes"), ("estimate_mouth_attributes=1", "Mouth attributes"),
            ("estimate_liveness=1", "Liveness"), ("estimate_deepfake=1", "Deepfake"),
            ("estimate_face_descriptor=1", "Face descriptor"), ("estimate_basic_attributes=1", "Basic attributes"),
            ("estimate_body_descriptor=1", "Body descriptor"), ("estimate_upper_body=1", "Body attributes"),
            ("estimate_lower_body=1", "Body attributes"), ("estimate_accessories=1", "Body attributes"),
            ("estimate_body_basic_attributes=1", "Body attributes"), ("mask_states=1,2", "Mask"),
            ("liveness_states=0", "Liveness"), ("deepfake_states=1", "Deepfake"),
        ])
    func whatHasNoModelIsRefusedByName(query: String, feature: String) async throws {
        try await withServer(looker: Self.looker()) { server in
            let body = try ImageTests.picture("image/png")
            try await Self.send(server, "/6/sdk?\(query)", body, type: "image/png").expectError(
                403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
            let off = query.replacing("=1", with: "=0")
            if query.hasPrefix("estimate") {
                #expect(try await Self.send(server, "/6/sdk?\(off)", body, type: "image/png").status == 200)
            }
        }
    }

    @Test func withoutAModelThatFindsFacesTheyAreRefused() async throws {
        try await withServer(looker: Self.looker(findsFaces: false)) { server in
            let body = try ImageTests.picture("image/png")
            for path in ["/6/sdk?detect_face=1", "/6/detector"] {
                try await Self.send(server, path, body, type: "image/png").expectError(
                    403, 11055, "Forbidden", "License problem: Face detection feature disabled")
            }
            #expect(try await Self.send(server, "/6/sdk?detect_body=1", body, type: "image/png").status == 200)
        }
    }

    @Test(
        arguments: [
            "image_type=3", "multiface_policy=3", "detect_face=2", "detect_body=true", "estimate_people_count=-1",
            "people_count_coordinates=5", "estimate_landmarks5=", "estimate_head_pose=x", "estimate_quality=2",
            "estimate_face_warp=2", "estimate_body_warp=2", "aggregate_attributes=2", "use_exif_info=2",
            "extract_exif=2", "pitch_threshold=181", "roll_threshold=-1", "yaw_threshold=x", "score_threshold=1.1",
            "mask_states=4", "liveness_states=3", "deepfake_states=a", "estimate_liveness=2",
        ])
    func badQueriesNameTheirParameter(query: String) async throws {
        try await withServer(looker: Self.looker()) { server in
            let name = query.prefix { $0 != "=" }
            try await Self.send(server, "/6/sdk?\(query)", Data([1]), type: "image/png").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
        }
    }

    @Test func bodiesOfOtherKindsAreRefused() async throws {
        try await withServer({ $0.pictureLimit = 100_000 }, looker: Self.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            func code(_ body: Data, _ type: String) async throws -> [Int64?] {
                let reply = try await Self.send(server, "/6/sdk?detect_face=1", body, type: type)
                return [Int64(reply.status), try reply.json["error_code"]?.integer]
            }
            func json(_ value: JSONValue) async throws -> [Int64?] { try await code(value.data, "application/json") }
            #expect(try await code(picture, "text/plain") == [400, 12017])
            #expect(try await code(picture, "image/gif") == [400, 12017])
            #expect(try await code(picture, "multipart/form-data") == [400, 12017])
            #expect(try await code(picture, "multipart/form-data; boundary=a") == [400, 12041])
            #expect(try await code(Data("{".utf8), "application/json") == [400, 12002])
            #expect(try await code(Data(count: 100_001), "image/png") == [413, 37003])
            let text = JSONValue.string(picture.base64EncodedString())
            for body in [
                [:], ["image": text], ["image": text, "mimetype": "image/gif"], ["urls": []],
                ["urls": .array(Array(repeating: ["url": "http://a/"], count: 9))], ["samples": ["x"]],
                ["samples": [], "urls": []], ["urls": ["http://a/"]], ["image": text, "mimetype": "image/png", "x": 1],
                ["image": text, "mimetype": "image/png", "face_bounding_boxes": [["x": 1]]],
                ["image": text, "mimetype": "image/png", "trusted_detections": 2],
            ] as [JSONValue] { #expect(try await json(body) == [400, 12022], "\(body)") }
            let box: JSONValue = ["x": 1, "y": 1, "width": 5, "height": 5]
            #expect(
                try await json(["image": text, "mimetype": "image/png", "face_bounding_boxes": [box, box]])
                    == [403, 11045])
            // Beside a crop they say nothing.
            let crop = try await Self.send(
                server, "/6/sdk?detect_body=1&image_type=2",
                (["image": text, "mimetype": "image/png", "face_bounding_boxes": [box, box]] as JSONValue).data,
                type: "application/json")
            #expect(crop.status == 200)
            func parts(_ parts: [(head: String, body: Data)]) async throws -> [Int64?] {
                let (body, type) = Self.multipart(parts)
                return try await code(body, type)
            }
            let image = Self.image("a", picture)
            #expect(try await parts([]) == [400, 11049])
            #expect(try await parts([Self.image("a", picture, type: "text/plain")]) == [400, 11029])
            #expect(try await parts([image, image]) == [400, 12040])
            #expect(
                try await parts([image, ("Content-Disposition: form-data; name=\"other\"", Data())]) == [400, 12039])
            func trusted(_ value: String) async throws -> [Int64?] {
                try await parts([("\(image.head)\r\nx-luna-trusted-detections: \(value)", image.body)])
            }
            for value in ["0", "1 "] { #expect(try await trusted(value) == [200, nil]) }
            for value in ["7", "-1", "true", ""] { #expect(try await trusted(value) == [400, 12022], "\(value)") }
            let places = "Content-Disposition: form-data; name=\"face_bounding_boxes\""
            #expect(try await parts([image, (places, Data("x".utf8))]) == [400, 12002])
            let elsewhere = Data("[{\"filename\": \"b\", \"face_bounding_boxes\": []}]".utf8)
            #expect(try await parts([image, (places, elsewhere)]) == [400, 12022])
        }
    }

    // MARK: How pictures come

    @Test(
        arguments: ["image/jpeg", "image/png", "image/bmp", "image/tiff", "image/x-portable-pixmap", "image/webp"],
        [false, true])
    func anyFormIsRead(type: String, isBase64: Bool) async throws {
        try await withServer(looker: Self.looker()) { server in
            let picture = try ImageTests.picture(type)
            let twin = "image/\(type.hasPrefix("image/x-") ? "" : "x-")\(type.dropFirst(6))-base64"
            let reply = try await Self.send(
                server, "/6/sdk?detect_face=1", isBase64 ? picture.base64EncodedData() : picture,
                type: isBase64 ? twin : type)
            let image = try #require(try reply.json["images_estimations"]?.array?.first)
            #expect(image["error"] == nil && image["estimations"]?.array?.count == 1)
            let json = try await Self.send(
                server, "/6/sdk?detect_face=1",
                JSONValue.object([
                    "image": .string(picture.base64EncodedString()), "mimetype": .string(isBase64 ? twin : type),
                ]).data, type: "application/json")
            #expect(try json.json == reply.json)
        }
    }

    @Test func aBrokenPictureDoesNotFailTheOthers() async throws {
        try await withServer(looker: Self.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            let (body, type) = Self.multipart([
                Self.image("a.png", picture), Self.image("half.png", picture.prefix(700)),
                Self.image("none.png", Data("GIF89a".utf8)), Self.image("b.png", picture),
                Self.image("text.png", Data("?".utf8), type: "image/x-png-base64"),
                (
                    "Content-Disposition: form-data; name=\"face_bounding_boxes\"",
                    Data(
                        """
                        [{"filename": "b.png", "face_bounding_boxes": [{"x": 240, "y": 1, "width": 20, "height": 9}]}]
                        """.utf8)
                ),
            ])
            let reply = try await Self.send(server, "/6/sdk?detect_face=1", body, type: type)
            #expect(reply.status == 200)
            let images = try #require(try reply.json["images_estimations"]?.array)
            #expect(
                images.map { $0["filename"]?.string } == ["a.png", "half.png", "none.png", "b.png", "text.png"])
            #expect(
                images.map { $0["error"]?["error_code"]?.integer } == [nil, 18002, 100_033, 100_016, 18001])
        }
    }

    @Test func anEmptyFileNameIsNone() async throws {
        try await withServer(looker: Self.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            let (body, type) = Self.multipart([Self.image("", picture), Self.image("", picture)])
            let reply = try await Self.send(server, "/6/sdk", body, type: type)
            #expect(
                try reply.json["images_estimations"]?.array?.map { $0["filename"]?.string }
                    == ["raw image", "raw image"])
        }
    }

    @Test(arguments: ["data:image/png;base64,", "*", "\u{a0}"]) func whatIsNoBase64IsNotTakenForAPicture(
        head: String
    ) async throws {
        try await withServer(looker: Self.looker()) { server in
            let text = head + (try ImageTests.picture("image/png").base64EncodedString())
            let (form, formType) = Self.multipart([Self.image("a", Data(text.utf8), type: "image/x-png-base64")])
            for (body, type) in [
                (JSONValue.object(["image": .string(text), "mimetype": "image/png"]).data, "application/json"),
                (Data(text.utf8), "image/x-png-base64"), (form, formType),
            ] {
                let reply = try await Self.send(server, "/6/sdk", body, type: type)
                #expect(
                    try reply.json["images_estimations"]?.array?.map { $0["error"]?["error_code"]?.integer } == [18001])
            }
        }
    }

    @Test func samplesAreReadFromTheStoreOfTheirAccount() async throws {
        try await withServer(looker: Self.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            let made = try await Self.send(server, "/6/samples/faces", picture, type: "image/png")
            let id = try #require(try made.json["sample_id"])
            func look(_ ids: [JSONValue], _ query: String = "", by account: Account? = nil) async throws -> Reply {
                try await server.send(
                    "POST", "/6/sdk?detect_face=1\(query)", ["samples": .array(ids)],
                    headers: account.map(TestServer.basic))
            }
            #expect(try await look([id]).json["images_estimations"]?.array?.first?["error"] == nil)
            #expect(try await look([id], "&image_type=1").status == 200)
            try await look([id], "&image_type=2").expectError(
                404, 13003, "Object not found", "Image with id '\(id.string ?? "")' not found")
            #expect(try await look([id], by: server.stranger).status == 404)
            // One whose file is gone is not one that nobody has.
            let gone = try await Self.send(server, "/6/samples/faces", picture, type: "image/png")
            let name = try #require(try gone.json["sample_id"]?.string)
            try FileManager.default.removeItem(
                at: server.directory.appending(path: "objects/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
            )
            try await look([.string(name)]).expectError(500, 11009, "Internal server error", "Internal server error")
            // One that is there and one that is not.
            let other = UUID().wire
            let both = try await look([.string(other), id])
            #expect(both.status == 200)
            #expect(
                try both.json["images_estimations"]?.array?.map { $0["error"]?["error_code"]?.integer }
                    == [13003, nil])
        }
    }

    @Test func picturesAreFetched() async throws {
        let picture = try ImageTests.picture("image/png")
        let fetch: @Sendable (String, Int) async throws -> Fetched = { url, limit in
            switch url {
            case "http://a/good": return Fetched(contentType: "image/PNG; x=1", bytes: Array(picture))
            case "http://a/text": return Fetched(contentType: "text/html", bytes: Array(picture))
            default: throw FetchFailure(description: "It is not there")
            }
        }
        try await withServer(looker: Self.looker(), fetch: fetch) { server in
            func look(_ urls: [String]) async throws -> Reply {
                try await server.send(
                    "POST", "/6/sdk?detect_face=1", ["urls": .array(urls.map { ["url": .string($0)] })])
            }
            #expect(try await look(["http://a/good"]).json["images_estimations"]?.array?.first?["error"] == nil)
            try await look(["http://a/none?token=s3cretvalue"]).expectError(
                400, 11027, "External request failed", "Failed to download image by url 'http://a/none?token=***'")
            try await look(["http://a/text"]).expectError(
                400, 11028, "Bad/incomplete input data", "Bad content type of image 'http://a/text'")
            let some = try await look(["http://a/text", "http://a/good", "http://a/none"])
            #expect(
                try some.json["images_estimations"]?.array?.map { $0["error"]?["error_code"]?.integer }
                    == [11028, nil, 11027])
        }
    }

    /// Answers when it is let.
    private actor SlowServer {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private var isOpen = false
        private(set) var asked = 0
        func wait() async {
            asked += 1
            guard !isOpen else { return }
            await withCheckedContinuation { waiting.append($0) }
        }
        func answer() {
            isOpen = true
            for one in waiting { one.resume() }
            waiting = []
        }
    }
    /// More requests wait for it than are looked at at once.
    @Test(arguments: ["sdk", "detector"]) func aSlowServerKeepsNobodyElseWaiting(operation: String) async throws {
        let picture = try ImageTests.picture("image/png"), slow = SlowServer()
        let fetch: @Sendable (String, Int) async throws -> Fetched = { _, _ in
            await slow.wait()
            return Fetched(contentType: "image/png", bytes: Array(picture))
        }
        let path = "/6/\(operation)", isMade = operation == "detector"
        try await withServer(looker: Self.looker(), fetch: fetch) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await server.send("POST", path, ["urls": [["url": "http://a/slow"]]]).status
                    }
                }
                var asked = 0, tries = 0
                while asked < 4, tries < 2000 {
                    try await Task.sleep(for: .milliseconds(5))
                    (asked, tries) = (await slow.asked, tries + 1)
                }
                #expect(asked == 4)
                if asked == 4 {
                    let sent = try await Self.send(server, path, picture, type: "image/png")
                    #expect(sent.status == (isMade ? 201 : 200))
                }
                await slow.answer()
                for try await status in group { #expect(status == (isMade ? 201 : 200)) }
            }
        }
    }

    // MARK: Turned pictures

    /// A JPEG of 40 × 20 whose EXIF says that it is to be turned clockwise, and who made it.
    private static func turned() throws -> Data {
        let picture = try ImageTests.picture("image/jpeg", size: "40x20")
        var block: [UInt8] = Array("Exif\0\0MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 2]
        block += [0x01, 0x0f, 0, 2, 0, 0, 0, 4] + Array("ACM\0".utf8)
        block += [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
        let length = block.count + 2
        return picture.prefix(2) + Data([0xff, 0xe1, UInt8(length >> 8), UInt8(length & 0xff)] + block)
            + picture.dropFirst(2)
    }

    @Test func aPictureIsTurnedAsItsEXIFSaysUnlessThatIsNotWanted() async throws {
        try await withServer(looker: Self.looker()) { server in
            let picture = try Self.turned()
            func width(_ query: String) async throws -> JSONValue? {
                let reply = try await Self.send(
                    server, "/6/sdk?image_type=\(query)&extract_exif=1", picture, type: "image/jpeg")
                let image = try #require(try reply.json["images_estimations"]?.array?.first)
                #expect(image["exif"] == ["Make": "ACM", "Orientation": 6])
                return image["estimations"]?.array?.first?["body"]?["detection"]?["rect"]?["width"]
            }
            // Crops of bodies are never turned.
            #expect(try await width("2&detect_body=1") == 40)
        }
        let wishes = StillWishes(maximumPixels: 1 << 20, readsEXIF: true)
        let still = try StillWork.open(Array(Self.turned()), wishes)
        #expect(still.size == PixelSize(width: 20, height: 40) && still.picture.size == still.size)
        var asItIs = wishes
        asItIs.isTurned = false
        #expect(try StillWork.open(Array(Self.turned()), asItIs).size == PixelSize(width: 40, height: 20))
    }
}
