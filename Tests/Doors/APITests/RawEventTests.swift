import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Store
import Testing

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
    private static let whole: JSONValue = [
        "create_time": "2026-03-02T10:15:30.125Z", "end_time": "2026-03-02T10:15:31Z", "source": "gate-2",
        "stream_id": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "track_id": "cam4-000117", "external_id": "e",
        "user_data": "who", "meta": ["temp": 36.6], "tags": ["vip", "late"],
        "location": ["city": "Riga", "geo_position": ["longitude": 24.118, "latitude": 56.955]],
        "detections": [
            [
                "samples": [
                    "face": [
                        "sample_id": "0b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061",
                        "detection": ["rect": ["x": 1, "y": 2, "width": 3, "height": 4]],
                    ],
                    "body": nil,
                ], "detect_time": "2026-03-02T10:15:30.125Z", "detect_ts": 1.5,
            ]
        ],
        "face": ["face_id": "1b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "lists": []],
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
            "basic_attributes": ["age": 33, "gender": 1, "ethnicities": ["predominant_ethnicity": "asian"]],
            "samples": ["0b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061"], "descriptor": "AAAA",
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
    private static func path(_ server: TestServer) -> String {
        "/6/handlers/\(BuiltInHandler.id(of: server.user.id).wire)/events/raw"
    }
    private static let year = "create_time__gte=2026-01-01T00:00:00Z"

    @Test func whatWasMadeElsewhereIsFoundAsAnyOtherEvent() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", Self.path(server), Self.whole)
            #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
            let id = try #require(try reply.json["event_id"]?.string)
            #expect(reply.headers["location"] == "/6/events/\(id)")
            #expect(try reply.json["url"] == .string("/6/events/\(id)"))
            #expect(try reply.json["external_url"]?.string?.hasSuffix("/6/events/\(id)") == true)

            let event = try await server.send("GET", "/6/events/\(id)").json
            for name in ["create_time", "source", "stream_id", "track_id", "external_id", "user_data", "meta", "tags"] {
                #expect(event[name] == Self.whole[name], "\(name)")
            }
            #expect(event["age"] == 33 && event["gender"] == 1 && event["ethnic_group"] == 3)
            #expect(event["emotion"] == 4 && event["mask"] == 1 && event["liveness"] == .null)
            #expect(event["top_match"]?["similarity"] == 0.7 && event["top_match"]?["label"] == "staff")
            #expect(event["match_result"] == Self.whole["matches"])
            #expect(event["face_detections"]?.array?.count == 1 && event["body_detections"] == .null)
            #expect(event["face_detections"]?.array?.first?["detection"]?["rect"]?["width"] == 3)
            #expect(event["location"]?["city"] == "Riga" && event["location"]?["street"] == .null)
        }
    }

    @Test func eachFilterFindsItAndItsOppositeDoesNot() async throws {
        try await withServer { server in
            let reply = try await server.send("POST", Self.path(server), Self.whole)
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
                ("face_ids=1b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "face_ids=\(UUID().wire)"),
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
