import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

@testable import API

struct RawEventTests {
    private static let tooManyTags = Array(repeating: JSONValue.string("t"), count: 101)
    private static let mistakes: [(String, JSONValue, String, String)] = [
        ("source", 1, "source", "str type expected"),
        ("extra", 1, "extra", "extra fields not permitted"),
        ("track_id", "a b", "track_id", "String should match pattern '^[a-zA-Z0-9_\\-]{1,36}$'"),
        ("tags", .array(tooManyTags), "tags", "ensure this value has at most 100 items"),
        ("location", ["city": nil], "location.city", "str type expected"),
        ("detections", [[:]], "detections.0.samples", "field required"),
        ("face", [:], "face.face_id", "field required"),
        ("meta", [], "meta", "Input should be a valid dictionary"),
        ("create_time", "today", "create_time", "Input should be a valid datetime"),
        // In UTC it lies in a year that cannot be written.
        ("create_time", "9999-12-31T23:59:59-23:59", "create_time", "Input should be a valid datetime"),
        ("end_time", "9999-12-31T23:59:59-00:01", "end_time", "Input should be a valid datetime"),
    ]
    private static let base: JSONValue = [
        "create_time": "2026-03-02T10:15:30.125Z", "end_time": "2026-03-02T10:15:31Z", "source": "gate-2",
        "stream_id": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "track_id": "cam4-000117", "external_id": "e",
        "user_data": "who", "meta": ["temp": 36.6], "tags": ["vip", "late"],
        "location": ["city": "Riga", "geo_position": ["longitude": 24.118, "latitude": 56.955]],
        "matches": [
            [
                "label": "staff",
                "candidates": [
                    [
                        "face": ["face_id": "2b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "external_id": "x"],
                        "similarity": 0.7,
                    ]
                ],
            ]
        ],
        "face_attributes": [
            "basic_attributes": ["age": 33, "gender": 1, "ethnicities": ["predominant_ethnicity": "asian"]]
        ],
        "aggregate_estimations": [
            "face": [
                "attributes": [
                    "emotions": ["predominant_emotion": "happiness"], "mask": ["predominant_mask": "missing"],
                ]
            ],
            "body": [
                "attributes": [
                    "upper_body": ["upper_clothing": ["colors": ["red", "blue"]], "sleeve": ["length": "long"]]
                ]
            ],
        ],
    ]
    /// With all that events may have, what they name included.
    private static func whole(_ server: TestServer) async throws -> (body: JSONValue, face: String) {
        let face = try await server.makeFace(), sample = try await sample(server)
        let id: JSONValue = .string(sample)
        var members = base.object ?? [:]
        members["face"] = ["face_id": .string(face), "lists": []]
        members["detections"] = [detection("face", id), detection("body", .null)]
        var attributes = base["face_attributes"]?.object ?? [:]
        attributes["samples"] = [id]
        members["face_attributes"] = .object(attributes)
        return (.object(members), face)
    }
    private static func detection(_ side: String, _ sample: JSONValue) -> JSONValue {
        let rect: JSONValue = ["x": 1, "y": 2, "width": 3, "height": 4]
        return [
            "samples": .object([side: ["sample_id": sample, "detection": ["rect": rect]]]),
            "detect_time": "2026-03-02T10:15:30.125Z", "detect_ts": 1.5,
        ]
    }
    private static func sample(
        _ server: TestServer, _ kind: String = "faces", _ account: Account? = nil
    ) async throws -> String {
        var headers = TestServer.basic(account ?? server.user)
        headers["Content-Type"] = "image/png"
        let picture = try ImageTests.picture("image/png", size: kind == "faces" ? "250x250" : "100x200")
        let reply = try await server.sendRaw("POST", "/6/samples/\(kind)", headers: headers, body: picture)
        return try #require(try reply.json["sample_id"]?.string)
    }
    private static func path(_ server: TestServer) -> String {
        "/6/handlers/\(BuiltInHandler.id(of: server.user.id).wire)/events/raw"
    }
    private static let year = "create_time__gte=2026-01-01T00:00:00Z"

    @Test func whatWasMadeElsewhereIsFoundAsAnyOtherEvent() async throws {
        try await withServer { server in
            let (whole, face) = try await Self.whole(server)
            let reply = try await server.send("POST", Self.path(server), whole)
            #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
            let id = try #require(try reply.json["event_id"]?.string)
            #expect(reply.headers["location"] == "/6/events/\(id)")
            #expect(try reply.json["url"] == .string("/6/events/\(id)"))
            #expect(try reply.json["external_url"]?.string?.hasSuffix("/6/events/\(id)") == true)

            let event = try await server.send("GET", "/6/events/\(id)").json
            for name in ["create_time", "source", "stream_id", "track_id", "external_id", "user_data", "meta", "tags"] {
                #expect(event[name] == whole[name], "\(name)")
            }
            #expect(event["age"] == 33 && event["gender"] == 1 && event["ethnic_group"] == 3)
            #expect(event["emotion"] == 4 && event["mask"] == 1 && event["liveness"] == .null)
            #expect(event["top_match"]?["similarity"] == 0.7 && event["top_match"]?["label"] == "staff")
            #expect(event["match_result"] == whole["matches"] && event["face_id"]?.string == face)
            #expect(event["face_detections"]?.array?.count == 1 && event["body_detections"]?.array?.count == 1)
            #expect(event["face_detections"]?.array?.first?["detection"]?["rect"]?["width"] == 3)
            #expect(event["location"]?["city"] == "Riga" && event["location"]?["street"] == .null)
        }
    }

    @Test func eachFilterFindsItAndItsOppositeDoesNot() async throws {
        try await withServer { server in
            let (whole, face) = try await Self.whole(server)
            let reply = try await server.send("POST", Self.path(server), whole)
            let id = try #require(try reply.json["event_id"]?.string)
            _ = try await server.send("POST", Self.path(server), ["create_time": "2026-03-02T10:15:30.125Z"])
            let handler = BuiltInHandler.id(of: server.user.id).wire
            for (found, missed) in [
                ("sources=gate-2", "sources=gate-1"), ("track_ids=cam4-000117", "track_ids=null"),
                ("stream_ids=7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "stream_ids=null"),
                ("external_ids=e,f", "external_ids=f"), ("user_data=wh", "user_data=hw"),
                ("tags=late,vip", "tags=vip,early"), ("cities=Riga,null&sources=gate-2", "cities=Bonn"),
                ("age__gte=33&age__lt=34", "age__gte=34"), ("gender=1", "gender=0"), ("emotions=4", "emotions=1,2"),
                ("masks=1", "masks=2"), ("ethnic_groups=3,null&gender=1", "ethnic_groups=1"),
                ("liveness=null&gender=1", "liveness=1"), ("deepfake=null&gender=1", "deepfake=0"),
                ("upper_clothing_colors=green,red", "upper_clothing_colors=green"),
                ("sleeve_lengths=long", "sleeve_lengths=short"),
                ("top_similar_object_similarity__gte=0.7", "top_similar_object_similarity__lt=0.7"),
                ("top_matching_candidates_label=staff", "top_matching_candidates_label=guest"),
                ("top_similar_object_ids=2b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "top_similar_external_ids=y"),
                ("face_ids=\(face)", "face_ids=\(UUID().wire)"),
                ("end_time__gte=2026-03-02T10:15:31Z", "end_time__gte=2026-03-02T10:15:31.001Z"),
                ("handler_ids=\(handler)&sources=gate-2", "handler_ids=\(UUID().wire)"),
                ("headwear_states=null&gender=1", "headwear_states=0"),
                ("meta.temp__gte:numeric=36.6", "meta.temp__gt:numeric=36.6"),
            ] {
                for (query, expected) in [(found, [id]), (missed, [])] {
                    let list = try await server.send("GET", "/6/events?\(Self.year)&\(query)")
                    let ids = try list.json["events"]?.array?.compactMap { $0["event_id"]?.string }
                    let isOther = query == "track_ids=null" || query == "stream_ids=null"
                    #expect(isOther ? ids?.contains(id) == false : ids == expected, "\(query)")
                }
            }
        }
    }

    @Test func anEventBeginsWhenItEndsAtTheLatest() async throws {
        try await withServer { server in
            func times(_ body: JSONValue) async throws -> [JSONValue?] {
                let reply = try await server.send("POST", Self.path(server), body)
                #expect(reply.status == 201)
                let event = try await server.send("GET", try #require(try reply.json["url"]?.string)).json
                return [event["create_time"], event["end_time"]]
            }
            let noon: JSONValue = "2026-03-02T12:00:00.000Z", late: JSONValue = "2100-01-01T00:00:00.000Z"
            #expect(try await times(["create_time": noon]) == [noon, noon])
            #expect(try await times(["create_time": noon, "end_time": noon]) == [noon, noon])
            // Of one that says only when it ended nobody knows that it lasted until now.
            #expect(try await times(["end_time": noon]) == [noon, noon])
            let begun = try await times(["end_time": late])
            #expect(begun.last == late && begun.first != late)
            try await server.send(
                "POST", Self.path(server), ["create_time": noon, "end_time": "2026-03-02T11:59:59.999Z"]
            ).expectError(
                400, 11027, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'end_time', message: 'Input should not be before create_time'")
        }
    }

    @Test func whoNeedNotWaitIsToldSo() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", Self.path(server) + "?wait_saving=0", [:])
            #expect(reply.status == 202)
            let id = try #require(try reply.json["event_id"]?.string)
            #expect(try await server.send("GET", "/6/events/\(id)").status == 200)
            #expect(try await server.send("POST", Self.path(server) + "?wait_saving=2", [:]).status == 400)
        }
    }

    @Test(arguments: mistakes)
    func aMistakeIsNamedByItsPath(name: String, value: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", Self.path(server), .object([name: value])).expectError(
                400, 11027, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func whatAnEventNamesMustBeThereAndItsAccounts() async throws {
        try await withServer { server in
            let stranger = TestServer.basic(server.stranger), missing = UUID().wire
            let attribute: JSONValue = ["basic_attributes": ["age": 33]]
            let faces = [missing, try await server.makeFace(headers: stranger)]
            let attributes = [missing, try await server.makeAttribute(attribute, headers: stranger)]
            let samples = [
                missing, try await Self.sample(server, "faces", server.stranger),
                try await Self.sample(server, "bodies"),
            ]
            func send(_ name: String, _ value: JSONValue) async throws -> Reply {
                try await server.send("POST", Self.path(server), .object([name: value]))
            }
            for id in faces {
                try await send("face", ["face_id": .string(id)]).expectError(
                    404, 22002, "Object not found", "Face with id '\(id)' not found")
            }
            for id in attributes {
                try await send("face_attributes", ["attribute_id": .string(id)]).expectError(
                    404, 22011, "Object not found", "Attribute with id '\(id)' not found")
            }
            for id in samples {
                let error = "Sample with id '\(id)' not found"
                try await send("face_attributes", ["samples": [.string(id)]]).expectError(
                    404, 11031, "Object not found", error)
                try await send("detections", [Self.detection("face", .string(id))]).expectError(
                    404, 11031, "Object not found", error)
            }
            let body = samples[2]
            #expect(try await send("body_attributes", ["samples": [.string(body)]]).status == 201)
            #expect(try await send("detections", [Self.detection("body", .string(body))]).status == 201)
            let own = try await server.makeAttribute(attribute)
            #expect(try await send("face_attributes", ["attribute_id": .string(own)]).status == 201)
            #expect(try await server.send("GET", "/6/events").json["events"]?.array?.count == 3)
        }
    }

    @Test func whatAFaceLooksLikeIsKeptAndNotTold() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            func send(_ descriptor: String) async throws -> Reply {
                let attributes: JSONValue = ["descriptor": .string(descriptor)]
                return try await server.send("POST", Self.path(server), ["face_attributes": attributes])
            }
            let reply = try await send(one.sdkText)
            #expect(reply.status == 201)
            let id = try #require(try reply.json["event_id"]?.string.flatMap(UUID.init(wire:)))
            #expect(try await server.store.descriptorsOfEvents([id], account: server.user.id) == [id: one])
            let told = String(decoding: try await server.send("GET", "/6/events/\(id.wire)").body, as: UTF8.self)
            #expect(!told.contains("descriptor") && !told.contains(one.rawText.prefix(16)))
            try await send("AAAA").expectError(
                400, 12038, "Bad/incomplete input data", "SDK descriptor is not valid")
            var other = one.sdkForm
            other[4] = 59
            other[5] = 0
            try await send(Data(other).base64EncodedString()).expectError(
                400, 12036, "Bad/incomplete input data", "Descriptor version 59 is not supported, permitted: 1001")
            #expect(try await send("?").json["error_code"] == 11027)
        }
    }

    @Test func withRecognitionOffNobodySaysWhatAFaceLooksLike() async throws {
        try await withServer({ $0.recognition = .off }) { server in
            let attributes: JSONValue = ["descriptor": .string(Descriptor.random().sdkText)]
            try await server.send("POST", Self.path(server), ["face_attributes": attributes]).expectError(
                403, 11055, "Forbidden", "License problem: Recognition feature disabled")
            #expect(try await server.send("POST", Self.path(server), ["face_attributes": ["score": 1]]).status == 201)
            try await server.store.loadDescriptors()
            #expect(server.store.descriptorsInMemory.events == 0)
        }
    }

    @Test func aTokenSaysByWhichHandlersEventsMayBeMade() async throws {
        try await withServer { server in
            let handler = BuiltInHandler.id(of: server.user.id)
            func send(_ use: TokenPermissions.Use) async throws -> Reply {
                let permissions = TokenPermissions(["event": ["creation"]], emitEvents: use)
                let token = try await server.identity.createToken(
                    TokenSpecification(permissions: permissions), account: server.user.id)
                return try await server.send(
                    "POST", Self.path(server), [:], headers: ["Authorization": "Bearer \(token.jwt)"])
            }
            #expect(try await send(.init(whiteList: [handler])).status == 201)
            for use in [TokenPermissions.Use(whiteList: [UUID()]), .init(blackList: [handler])] {
                let reply = try await send(use)
                #expect(try reply.json["error_code"] == 11067)
            }
            let reply = try await send(.init(isAllowed: false))
            #expect(try reply.json["error_code"] == 11068)
        }
    }
}
