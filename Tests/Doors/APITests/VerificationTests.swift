import DoorSupport
import Foundation
import Frames
import Identity
import Inference
import JSON
import Recognition
import Records
import Scene
import Store
import Testing

@testable import API

/// `/6/verifiers/{verifier_id}/verifications` and `…/raw`, over HTTP. What is found and what it looks like is a script's.
struct VerificationTests {
    /// Says the same of every face.
    private struct Describer: FaceDescriber, DescriberShelf {
        let descriptor: Descriptor
        func describer() -> LoadedDescriber { LoadedDescriber(describer: self) }
        func describe(_ frame: Frame, region: PixelRect, urgency: Urgency) -> Descriptor? { descriptor }
    }
    private static func looker(_ descriptor: Descriptor, faces: [Detection] = [Sights.face(40, 30)]) -> PictureLooker {
        PictureLooker(models: Sights(faces: faces), findsFaces: true, describers: Describer(descriptor: descriptor))
    }
    private static func images(_ reply: Reply) throws -> [JSONValue] {
        #expect(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
        return try #require(try reply.json["images"]?.array)
    }
    private static func verify(
        _ server: TestServer, _ verifier: String, _ query: String, _ body: Data? = nil, type: String = "image/png",
        headers: [String: String]? = nil
    ) async throws -> Reply {
        var headers = headers ?? TestServer.basic(server.user)
        headers["Content-Type"] = type
        return try await server.sendRaw(
            "POST", "/6/verifiers/\(verifier)/verifications?\(query)", headers: headers,
            body: body ?? ImageTests.picture("image/png"))
    }

    @Test func aFaceIsComparedWithAllWhoAreNamed() async throws {
        let one = Descriptor.random(), other = Descriptor.random()
        try await withServer(looker: Self.looker(one)) { server in
            let verifier = try await server.makeVerifier([
                "policies": ["detect_policy": ["estimate_head_pose": 1]]
            ])
            let same = try await server.makeFace(one, ["external_id": "17"])
            let another = try await server.makeFace(other, ["external_id": "17"])
            let attribute = try await server.makeAttribute(["face_descriptors": [.string(one.sdkText)]])
            let image = try #require(
                try await Self.images(
                    Self.verify(
                        server, verifier, "face_ids=\(same),\(another)&attribute_ids=\(attribute)&external_ids=17")
                ).first)
            #expect(image["status"] == 1 && image["filename"] == "Raw Image" && image["error"] == PictureTests.success)
            #expect(image["detections"]?["filtered_detections"] == ["face_detections": []] && image["exif"] == nil)
            let faces = try #require(image["detections"]?["face_detections"]?.array)
            #expect(faces.count == 1)
            let told = try #require(faces[0]["verifications"]?.array)
            #expect(told.count == 5)
            for (verification, expected) in zip(
                told,
                [("face", same, true), ("face", another, false), ("attribute", attribute, true)])
            {
                let (name, id, isSame) = expected
                #expect(verification[name] == ["\(name)_id": .string(id)])
                #expect(verification["status"] == .bool(isSame))
                #expect((verification["similarity"]?.double ?? 0 > 0.9) == isSame)
            }
            #expect(Set(told[3...].compactMap { $0["face"]?["face_id"]?.string }) == [same, another])
            let detection = try #require(faces[0]["sample"]?["face"]?["detection"])
            #expect(detection["rect"]?["x"] == 40 && detection["attributes"]?["head_pose"] != nil)
            #expect(detection["quality"] == nil && detection["landmarks5"]?.array?.count == 5)
            // Nothing is kept that the verifier does not want kept.
            #expect(faces[0]["sample"]?["face"]?["sample_id"] == .null)
            let attributes = try #require(faces[0]["face_attributes"])
            #expect(attributes["attribute_id"] == .null && attributes["samples"] == [nil])
            #expect((0...1).contains(attributes["score"]?.double ?? -1) && attributes["basic_attributes"] == nil)
            #expect(try await server.store.objectTotals().count == 0)
            #expect(try await server.store.attributes(Filter()).count == 1)
            // Whoever was compared can find it out.
            let lines = try await server.send("GET", "/6/faces/logs?page_size=100").json["logs"]?.array ?? []
            let matched = lines.filter { $0["action"] == "match" }.compactMap { $0["subject_id"]?.string }
            #expect(Set(matched) == [same, another, attribute])
        }
    }

    @Test func whatAVerifierWantsKeptIsKept() async throws {
        let one = Descriptor.random()
        try await withServer(looker: Self.looker(one)) { server in
            let verifier = try await server.makeVerifier([
                "policies": [
                    "verification_threshold": 1,
                    "storage_policy": [
                        "attribute_policy": ["store_attribute": 1, "ttl": 60],
                        "face_sample_policy": ["store_sample": 1, "ttl": 7],
                    ],
                ]
            ])
            let face = try await server.makeFace(one)
            let image = try await Self.images(Self.verify(server, verifier, "face_ids=\(face)")).first
            let told = try #require(image?["detections"]?["face_detections"]?.array?.first)
            // Alike, but not more than the threshold says.
            #expect(told["verifications"]?.array?.first?["status"] == false)
            let sample = try #require(told["sample"]?["face"])
            let id = try #require(sample["sample_id"]?.string)
            #expect(sample["url"]?.string == "/6/samples/faces/\(id)")
            #expect(try await server.send("GET", "/6/samples/faces/\(id)").status == 200)
            let attribute = try #require(told["face_attributes"]?["attribute_id"]?.string)
            #expect(told["face_attributes"]?["url"]?.string == "/6/attributes/\(attribute)")
            #expect(told["face_attributes"]?["samples"] == [.string(id)])
            let kept = try await server.send("GET", "/6/attributes/\(attribute)").json
            #expect(kept["face_descriptor"] == one.rawWire && kept["face_descriptor_samples"] == [.string(id)])
        }
    }

    @Test func facesThatDoNotPassAreToldApart() async throws {
        let one = Descriptor.random()
        let faces = [Sights.face(40, 30), Sights.face(120, 30, turned: 0.2)]
        try await withServer(looker: Self.looker(one, faces: faces)) { server in
            let face = try await server.makeFace(one)
            func detections(_ policies: JSONValue) async throws -> (JSONValue?, [JSONValue], [JSONValue]) {
                let verifier = try await server.makeVerifier(["policies": policies])
                let image = try await Self.images(Self.verify(server, verifier, "face_ids=\(face)")).first
                let detections = image?["detections"]
                return (
                    image, detections?["face_detections"]?.array ?? [],
                    detections?["filtered_detections"]?["face_detections"]?.array ?? []
                )
            }
            let (_, kept, turned) = try await detections(["detect_policy": ["yaw_threshold": 15]])
            #expect(kept.count == 1 && turned.count == 1)
            #expect(turned[0]["filter_reasons"]?.array?.first?["filter_name"] == "yaw_threshold")
            #expect(turned[0]["detection"]?["rect"]?["x"] == 120)

            var checks: [String: JSONValue] = [:]
            for check in PortraitCheck.allCases where check != .faceWidth {
                checks[check.rawValue] = ["estimate": 0]
            }
            let quality: JSONValue = ["estimate": 1, "filter": 1, "checks": .object(checks)]
            let (_, none, small) = try await detections(["detect_policy": ["face_quality": quality]])
            #expect(none.isEmpty && small.count == 2)
            let reason = try #require(small[0]["filter_reasons"]?.array?.first)
            #expect(reason["filter_name"] == "face_width" && reason["object_value"] == 50)
            #expect(small[0]["detection"]?["face_quality"]?["status"] == 0)

            let (_, weak, _) = try await detections(["extract_policy": ["fd_score_threshold": 1]])
            #expect(weak.allSatisfy { $0["verifications"] == [] })
            let filter = try #require(weak.first?["face_attributes"]?["filter"])
            #expect(filter["is_filtered"] == true)
            #expect(filter["filter_reasons"]?.array?.first?["filter_name"] == "score_threshold")

            let (image, _, _) = try await detections(["detect_policy": ["multiface_policy": 0]])
            #expect(image?["status"] == 0 && image?["error"] == APIError.severalFaces.body)
        }
    }

    @Test func alignedFacesAndDescriptorsAreComparedToo() async throws {
        let one = Descriptor.random()
        try await withServer(looker: Self.looker(one, faces: [])) { server in
            let verifier = try await server.makeVerifier(), face = try await server.makeFace(one)
            let query = "face_ids=\(face)"
            let warp = try await Self.images(Self.verify(server, verifier, query + "&image_type=1")).first
            let told = try #require(warp?["detections"]?["face_detections"]?.array?.first)
            #expect(told["verifications"]?.array?.first?["status"] == true)
            #expect(told["sample"]?["face"]?["detection"]?["rect"]?["width"] == 250)
            #expect(told["sample"]?["face"]?["detection"]?["landmarks5"] == nil)
            for (type, body) in [
                ("application/x-sdk-descriptor", Data(one.sdkForm)),
                ("application/x-sdk-descriptor-base64", Data(one.sdkText.utf8)),
            ] {
                let image = try await Self.images(Self.verify(server, verifier, query, body, type: type)).first
                let told = try #require(image?["detections"]?["face_detections"]?.array?.first)
                #expect(told["verifications"]?.array?.first?["status"] == true && told["sample"] == .null)
                #expect(told["face_attributes"]?["samples"] == [] && told["face_attributes"]?["score"] == 1)
            }
            try await Self.verify(server, verifier, query, Data([1]), type: "application/x-sdk-descriptor").expectError(
                400, 12038, "Bad/incomplete input data", "SDK descriptor is not valid")
            try await Self.verify(server, verifier, query, Data([1]), type: "application/x-vl-xpk").expectError(
                400, 12035, "Bad/incomplete input data", "Failed to parse xpk file")
            try await Self.verify(server, verifier, query, Data([1]), type: "text/plain").expectError(
                400, 12017, "Bad/incomplete input data", "Bad content type")
        }
    }

    @Test func descriptorsThatAreSentAreJudged() async throws {
        try await withServer { server in
            let one = Descriptor.random(), verifier = try await server.makeVerifier()
            let body: JSONValue = [
                "references": [one.reference],
                "candidates": [
                    ["type": "raw_descriptor", "id": "other", "data": Descriptor.random().rawWire],
                    ["type": "sdk_descriptor", "id": "same", "data": .string(one.sdkText)],
                ],
            ]
            let reply = try await server.send("POST", "/6/verifiers/\(verifier)/raw", body)
            #expect(reply.status == 200)
            let matches = try #require(try reply.json["matches"]?.array)
            #expect(matches.count == 1 && matches[0]["reference_id"] == "one")
            let told = try #require(matches[0]["matches"]?.array)
            #expect(told.map { $0["candidate_id"]?.string } == ["other", "same"])
            #expect(told.map { $0["status"] } == [false, true])
            #expect(told[1]["similarity"]?.double ?? 0 > 0.999999)
        }
    }

    @Test func whoIsNotThereIsToldOfTheWhole() async throws {
        try await withServer(looker: Self.looker(.random())) { server in
            let verifier = try await server.makeVerifier(), id = UUID().wire
            try await Self.verify(server, verifier, "").expectError(
                400, 34006, "Bad/incomplete input data", APIError.noCandidates.detail)
            for (query, status, code, detail) in [
                ("face_ids=\(id)", 404, 22002, "Face with id '\(id)' not found"),
                ("attribute_ids=\(id)", 404, 22011, "Attribute with id '\(id)' not found"),
                ("event_ids=\(id)", 404, 23001, "Event with id '\(id)' not found"),
                ("external_ids=17", 400, 11041, "Face with external id '17' not found"),
            ] as [(String, Int, Int64, String)] {
                try await Self.verify(server, verifier, query).expectError(status, code, "Object not found", detail)
            }
            let bare = try await server.makeFace()
            try await Self.verify(server, verifier, "face_ids=\(bare)").expectError(
                400, 11034, "Bad/incomplete input data", "Face with id '\(bare)' has no descriptor")
            try await Self.verify(server, verifier, "face_ids=1").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'face_ids'")
            try await Self.verify(server, id, "face_ids=\(bare)").expectError(
                404, 34004, "Object not found", "Verifier with id '\(id)' not found")
        }
        try await withServer(looker: PictureTests.looker()) { server in
            let face = try await server.makeFace(.random()), verifier = try await server.makeVerifier()
            try await Self.verify(server, verifier, "face_ids=\(face)").expectError(
                403, 11055, "Forbidden", "License problem: Face descriptor feature disabled")
        }
    }

    @Test func tokensUseTheVerifiersThatTheyMay() async throws {
        let one = Descriptor.random()
        try await withServer(looker: Self.looker(one)) { server in
            let verifier = try await server.makeVerifier(), other = try await server.makeVerifier()
            let face = try await server.makeFace(one), ids = [verifier, other].compactMap { UUID(wire: $0) }
            func bearer(
                _ actions: [String: [String]], _ use: TokenPermissions.Use?
            ) async throws -> [String: String] {
                let token = try await server.identity.createToken(
                    TokenSpecification(permissions: TokenPermissions(actions, verify: use)), account: server.user.id)
                return ["Authorization": "Bearer \(token.jwt)"]
            }
            let body: JSONValue = ["references": [one.reference], "candidates": [one.reference]]
            let (lists, all) = (APIError.mayNotUseVerifier.detail, APIError.mayNotVerify.detail)
            for (use, code, detail) in [
                (.init(whiteList: [ids[1]]), 11067, lists), (.init(blackList: [ids[0]]), 11067, lists),
                (.init(isAllowed: false), 11068, all),
            ] as [(TokenPermissions.Use, Int64, String)] {
                let headers = try await bearer(["face": ["matching"]], use)
                try await Self.verify(server, verifier, "face_ids=\(face)", headers: headers).expectError(
                    403, code, "Forbidden", detail)
                try await server.send("POST", "/6/verifiers/\(verifier)/raw", body, headers: headers).expectError(
                    403, code, "Forbidden", detail)
            }
            let narrow = try await bearer(["face": ["matching"]], .init(whiteList: [ids[0]]))
            #expect(try await Self.verify(server, verifier, "face_ids=\(face)", headers: narrow).status == 200)
            let none = try await bearer(["face": ["view"]], nil)
            #expect(try await server.send("POST", "/6/verifiers/\(verifier)/raw", body, headers: none).status == 200)
            try await Self.verify(server, verifier, "face_ids=\(face)", headers: none).expectError(
                403, 11059, "Forbidden",
                "Request denied due to token restrictions, required 'matching' permission for 'face'")
        }
    }
}
