import DoorSupport
import Foundation
import JSON
import Media
import Notifications
import Recognition
import Records
import Scene
import Store
import Testing

@testable import API

/// `/6/handlers/{handler_id}/events`, over HTTP. What is found, and what faces look like, is a script's.
struct HandlerEventTests {
    private static func looker(
        _ descriptors: [Descriptor]?, faces: [Detection] = [Sights.face(40, 30)],
        people: [Detection] = [Sights.body(30, 20)]
    ) -> PictureLooker {
        PictureLooker(
            models: Sights(faces: faces, people: people), findsFaces: true,
            describers: descriptors.map { ExtractorTests.Script($0) })
    }
    private static func handler(_ server: TestServer, _ policies: JSONValue) async throws -> String {
        let reply = try await server.send("POST", "/6/handlers", ["policies": policies])
        #expect(reply.status == 201)
        return "/6/handlers/\(try #require(try reply.json["handler_id"]?.string))/events"
    }
    private static func post(_ server: TestServer, _ path: String, _ parts: [(head: String, body: Data)]) async throws
        -> Reply
    {
        let (body, type) = PictureTests.multipart(parts)
        return try await PictureTests.send(server, path, body, type: type)
    }
    private static func part(_ name: String, _ value: JSONValue) -> (head: String, body: Data) {
        ("Content-Disposition: form-data; name=\"\(name)\"\r\nContent-Type: application/json", Data(value.bytes))
    }
    private static func events(_ reply: Reply) throws -> [JSONValue] {
        #expect(reply.status == 201)
        return try #require(try reply.json["events"]?.array)
    }

    @Test func somebodyWhoIsOnAListIsKnown() async throws {
        let looks = Descriptor.random()
        try await withServer(looker: Self.looker([looks])) { server in
            let list = try await server.store.createList(account: server.user.id)
            let known = try await server.store.createFace(
                FaceDetails(externalID: "7"), on: [list.id], .features(FaceFeatures(descriptor: looks)),
                account: server.user.id)
            let filters: JSONValue = ["match": [["label": "guests", "similarity__gte": 0.9]]]
            let path = try await Self.handler(
                server,
                [
                    "match_policy": [
                        [
                            "label": "guests", "targets": ["face_id", "external_id"],
                            "candidates": ["origin": "faces", "list_id": .string(list.id.wire)],
                        ]
                    ],
                    "conditional_tags_policy": [
                        ["tag": "known", "filters": filters],
                        ["tag": "man", "filters": ["gender": 1]],
                    ],
                    "storage_policy": [
                        "attribute_policy": ["store_attribute": 1, "ttl": 60],
                        "face_policy": [
                            "store_face": 1, "filters": filters,
                            "link_to_lists_policy": [["list_id": .string(list.id.wire)]],
                        ],
                    ],
                ])
            let reply = try await PictureTests.send(
                server, path + "?source=door&tags=a,b&external_id=x&city=Riga&track_id=t-1",
                ImageTests.picture("image/png"), type: "image/png")
            let events = try Self.events(reply)
            let image = try #require(try reply.json["images"]?.array?.first)
            #expect(image == ["filename": "Raw Image", "status": 1, "error": PictureTests.success])
            let event = try #require(events.first)
            #expect(events.count == 1 && event["source"] == "door" && event["tags"] == ["a", "b", "known"])
            #expect(event["location"]?["city"] == "Riga" && event["track_id"] == "t-1" && event["external_id"] == "x")
            let match = try #require(event["matches"]?.array?.first)
            let candidate = try #require(match["candidates"]?.array?.first)
            #expect(match["label"] == "guests")
            #expect(candidate["face"] == ["face_id": .string(known.id.wire), "external_id": "7"])
            #expect(try #require(candidate["similarity"]?.double) > 0.999)
            let sample = try #require(event["detections"]?.array?.first?["samples"]?["face"])
            let sampleURL = try #require(sample["url"]?.string)
            #expect(try await server.send("GET", sampleURL).status == 200)
            #expect(event["face"]?["avatar"] == .string(sampleURL) && event["face"]?["external_id"] == "x")
            #expect(event["face"]?["lists"] == [.string(list.id.wire)])
            let attribute = try #require(event["face_attributes"]?["url"]?.string)
            #expect(try await server.send("GET", attribute).json["face_descriptor"] == looks.rawWire)

            let stored = try await server.send("GET", try #require(event["url"]?.string)).json
            #expect(stored["top_match"]?["face_id"] == .string(known.id.wire))
            #expect(stored["face_id"] == event["face"]?["face_id"] && stored["tags"] == event["tags"])
            #expect(stored["handler_id"] == .string(String(path.split(separator: "/")[2])))
            let created = try await server.send("GET", try #require(event["face"]?["url"]?.string)).json
            #expect(created["event_id"] == event["event_id"])
            let log = try await server.send("GET", "/6/faces/logs?subject_ids=\(known.id.wire)").json["logs"]?.array
            #expect(log?.first?["action"] == "match")
        }
    }

    @Test func aStrangerMatchesNobodyAndNothingIsMadeOfHim() async throws {
        let (known, other) = (Descriptor.random(), Descriptor.random())
        try await withServer(looker: Self.looker([other])) { server in
            _ = try await server.store.createFace(
                .init(), .features(FaceFeatures(descriptor: known)), account: server.user.id)
            let path = try await Self.handler(
                server,
                [
                    "match_policy": [["label": "all", "threshold": 0.99, "candidates": ["origin": "faces"]]],
                    "storage_policy": [
                        "face_policy": ["store_face": 1, "filters": ["match": [["label": "all"]]]],
                        "face_sample_policy": ["store_sample": 0],
                    ],
                ])
            let event = try #require(
                try Self.events(
                    try await PictureTests.send(server, path, ImageTests.picture("image/png"), type: "image/png")
                ).first)
            #expect(event["face"] == .null && event["matches"] == .null)
            #expect(event["detections"]?.array?.first?["samples"]?["face"]?["sample_id"] == .null)
            #expect(try await server.send("GET", "/6/faces/count").json == ["faces_count": 1])
            #expect(try await server.store.objectTotals().count == 0)
        }
    }

    @Test func onePictureThatIsNoneFailsNoOther() async throws {
        try await withServer(looker: Self.looker(nil, faces: [Sights.face(40, 30), Sights.face(150, 30, turned: 0.2)]))
        {
            server in
            let path = try await Self.handler(
                server,
                [
                    "detect_policy": [
                        "yaw_threshold": 15, "detect_body": 1, "estimate_head_pose": 1, "extract_exif": 1,
                        "estimate_people_count": ["estimate": 1],
                    ]
                ])
            let picture = try ImageTests.picture("image/png")
            let reply = try await Self.post(
                server, path,
                [
                    PictureTests.image("a.png", picture), PictureTests.image("b.png", Data("no picture".utf8)),
                    PictureTests.image("c.png", picture),
                    Self.part("meta", [["filename": "c.png", "meta": ["lane": 5]]]),
                    Self.part("image_detect_ts", [["filename": "a.png", "detect_ts": 1.5]]),
                    Self.part(
                        "image_origin", [["filename": "a.png", "image_origin": "https://example.org/frame.jpg"]]),
                ])
            let events = try Self.events(reply)
            let images = try #require(try reply.json["images"]?.array)
            #expect(images.map { $0["status"] } == [1, 0, 1])
            #expect(images[1]["error"]?["error_code"] != 0)
            #expect(images[0]["image_estimations"]?["people"]?["count"] == 1 && images[0]["exif"] == [:])
            let filtered = try #require(try reply.json["filtered_detections"]?["face_detections"]?.array)
            #expect(filtered.map { $0["detection"]?["filename"] } == ["a.png", "c.png"])
            #expect(filtered[0]["filter_reasons"]?.array?.first?["filter_name"] == "yaw_threshold")
            // A face with its body from each.
            #expect(events.count == 2)
            let detections = events.compactMap { $0["detections"]?.array?.first }
            #expect(detections.map { $0["filename"] } == ["a.png", "c.png"])
            #expect(detections[0]["detect_ts"] == 1.5)
            #expect(detections[0]["image_origin"] == "https://example.org/frame.jpg")
            #expect(events.map { $0["meta"] } == [.null, ["lane": 5]])
            for detection in detections {
                let samples = try #require(detection["samples"])
                #expect(samples["face"]?["detection"]?["attributes"]?["head_pose"]?["yaw"] != nil)
                for side in ["face", "body"] {
                    let url = try #require(samples[side]?["url"]?.string)
                    #expect(try await server.send("GET", url).status == 200)
                }
            }
        }
    }

    @Test func picturesOfOnePersonAreOneEvent() async throws {
        let looks = [Descriptor.random(), Descriptor.random()]
        try await withServer(looker: Self.looker(looks, people: [])) { server in
            let path = try await Self.handler(server, ["storage_policy": ["attribute_policy": ["store_attribute": 1]]])
            let picture = try ImageTests.picture("image/png")
            let events = try Self.events(
                try await Self.post(
                    server, path + "?aggregate_attributes=1",
                    [
                        PictureTests.image("a.png", picture), PictureTests.image("b.png", picture),
                        Self.part("meta", ["lane": 5]),
                    ]))
            #expect(events.count == 1 && events[0]["meta"] == ["lane": 5])
            #expect(events[0]["detections"]?.array?.count == 2)
            #expect(events[0]["face_attributes"]?["samples"]?.array?.count == 2)
            let id = try #require(events[0]["face_attributes"]?["attribute_id"]?.string.flatMap { UUID(wire: $0) })
            let kept = try #require(try await server.store.attribute(id: id, account: nil)?.features.descriptor)
            let mean = try #require(Descriptor.mean(of: looks.map { ($0, 1) }))
            #expect(kept.cosine(to: mean) > 0.99999)
        }
    }

    @Test func aDynamicHandlerTakesItsPoliciesFromTheRequest() async throws {
        try await withServer(looker: Self.looker(nil)) { server in
            let dynamic = "/6/handlers/\(BuiltInHandler.id(of: server.user.id).wire)/events"
            let picture = try ImageTests.picture("image/png")
            func parts(_ policies: JSONValue) -> [(head: String, body: Data)] {
                [PictureTests.image("a.png", picture), Self.part("policies", policies)]
            }
            let bodies: JSONValue = ["detect_policy": ["detect_face": 0, "detect_body": 1]]
            let events = try Self.events(try await Self.post(server, dynamic, parts(bodies)))
            #expect(events.count == 1)
            #expect(events[0]["detections"]?.array?.first?["samples"]?["face"] == .null)
            let bad = try await Self.post(server, dynamic, parts(["detect_policy": ["detect_face": 2]]))
            #expect(try bad.status == 400 && bad.json["error_code"] == 12027)
            let missing = try await Self.post(server, dynamic, parts(["detect_policy": ["estimate_mask": 1]]))
            #expect(try missing.status == 403 && missing.json["error_code"] == 11055)
            let own = try await Self.handler(server, [:])
            try await Self.post(server, own, parts(bodies)).expectError(
                400, 11027, "Bad/incomplete input data", "Not available to send new policies to non-dynamic handler")
        }
    }

    /// Subscribers are told of what is stored alone, callbacks of all.
    @Test func whoIsToBeToldOfAnEventIsTold() async throws {
        try await withServer(looker: Self.looker(nil)) { server in
            for (isStored, sends) in [(1, 1), (0, 1), (1, 0)] as [(Int64, Int64)] {
                let path = try await Self.handler(
                    server,
                    [
                        "storage_policy": [
                            "event_policy": ["store_event": .integer(isStored)],
                            "notification_policy": ["send_notification": .integer(sends)],
                            "callbacks": [["type": "http", "url": "https://example.org/hook"]],
                        ]
                    ])
                let event = try #require(
                    try Self.events(
                        try await PictureTests.send(server, path, ImageTests.picture("image/png"), type: "image/png")
                    ).first)
                let id = try #require(event["event_id"]?.string)
                #expect(try await server.send("GET", "/6/events/\(id)").status == (isStored == 1 ? 200 : 404))
                let due = try #require(try await server.send("GET", "/6/deliveries").json["deliveries"]?.array?.first)
                #expect(due["event_id"] == (isStored == 1 ? .string(id) : .null))
                #expect(due["handler_id"] == .string(String(path.split(separator: "/")[2])))
                let told = try await server.store.records(of: .account(server.user.id), after: 0).records
                    .filter { $0.eventID.wire == id && $0.isNotice }
                #expect(told.isEmpty == (isStored == 0 || sends == 0))
            }
        }
    }

    @Test func cropsAndSamplesAreNotLookedThrough() async throws {
        let looks = [Descriptor.random(), Descriptor.random()]
        try await withServer(looker: Self.looker(looks, faces: [], people: [])) { server in
            let path = try await Self.handler(server, ["storage_policy": ["image_origin_policy": ["store_image": 1]]])
            let warp = try ImageTests.picture("image/png", size: "250x250")
            let event = try #require(
                try Self.events(
                    try await PictureTests.send(server, path + "?image_type=1", warp, type: "image/png")
                ).first)
            let detection = try #require(event["detections"]?.array?.first)
            let sample = try #require(detection["samples"]?["face"]?["sample_id"])
            #expect(detection["samples"]?["face"]?["detection"]?["rect"]?["width"] == 250)
            let origin = try #require(detection["image_origin"]?.string)
            #expect(origin.hasPrefix("/6/images/"))
            #expect(try await server.send("GET", origin).status == 200)
            let count = try await server.store.objectTotals().count
            let again = try #require(
                try Self.events(
                    try await server.send(
                        "POST", path + "?image_type=1",
                        ["samples": [["sample_id": sample, "detect_time": "2026-03-02T10:15:30Z"]]])
                ).first?["detections"]?.array?.first)
            #expect(again["samples"]?["face"]?["sample_id"] == sample)
            #expect(again["image_origin"] == detection["samples"]?["face"]?["url"])
            #expect(again["detect_time"]?.string?.hasPrefix("2026-03-02T10:15:30") == true)
            #expect(try await server.store.objectTotals().count == count)
            let small = try await PictureTests.send(
                server, path + "?image_type=1", ImageTests.picture("image/png", size: "240x250"), type: "image/png")
            #expect(try small.json["images"]?.array?.first?["error"]?["error_code"] == 11043)
            let body = try Self.events(
                try await PictureTests.send(
                    server, path + "?image_type=2", ImageTests.picture("image/png"), type: "image/png"))
            #expect(body.first?["detections"]?.array?.first?["samples"]?["body"]?["sample_id"]?.string != nil)
        }
    }

    @Test func whatSomebodyLooksLikeIsEnoughForAnEvent() async throws {
        let looks = Descriptor.random()
        try await withServer(looker: Self.looker([])) { server in
            _ = try await server.store.createFace(
                .init(), .features(FaceFeatures(descriptor: looks)), account: server.user.id)
            let path = try await Self.handler(
                server, ["match_policy": [["label": "all", "candidates": ["origin": "faces"]]]])
            let form = Data(looks.sdkForm)
            for (type, body) in [
                ("application/x-sdk-descriptor", form),
                ("application/x-sdk-descriptor-base64", form.base64EncodedData()),
            ] {
                let events = try Self.events(try await PictureTests.send(server, path, body, type: type))
                #expect(events.count == 1 && events[0]["detections"] == [])
                #expect(events[0]["matches"]?.array?.first?["candidates"]?.array?.count == 1)
            }
            // Now there are two events that have looks, too.
            let among = try await Self.handler(
                server, ["match_policy": [["label": "seen", "candidates": ["origin": "events"]]]])
            let seen = try Self.events(
                try await PictureTests.send(server, among, form, type: "application/x-sdk-descriptor"))
            #expect(seen.first?["matches"]?.array?.first?["candidates"]?.array?.count == 2)
            let sent: [(String, Data, String, Int64)] = [
                ("", Data("x".utf8), "application/x-sdk-descriptor", 12038), ("", form, "application/x-vl-xpk", 12035),
                ("?aggregate_attributes=1", form, "application/x-sdk-descriptor", 34003),
            ]
            for (query, body, type, code) in sent {
                let reply = try await PictureTests.send(server, path + query, body, type: type)
                #expect(try reply.status == 400 && reply.json["error_code"] == .integer(code))
            }
        }
    }

    @Test func eventsThatAreMatchedHoldNoEvents() async throws {
        let looks = Data(Descriptor.random().sdkForm)
        try await withServer(looker: Self.looker([])) { server in
            let path = try await Self.handler(
                server, ["match_policy": [["label": "seen", "candidates": ["origin": "events"]]]])
            var found = 0
            for number in 0..<5 {
                let reply = try await PictureTests.send(server, path, looks, type: "application/x-sdk-descriptor")
                let event = try #require(try Self.events(reply).first)
                let candidates = event["matches"]?.array?.first?["candidates"]?.array ?? []
                #expect(candidates.count == min(number, 3))
                for candidate in candidates {
                    let told = try #require(candidate["event"]?.object)
                    #expect(told["event_id"] != nil && told["match_result"] == nil && told["meta"] == nil)
                    found += 1
                }
            }
            #expect(found == 0 + 1 + 2 + 3 + 3)
        }
    }

    @Test func withRecognitionOffNobodyIsDescribed() async throws {
        try await withServer({ $0.recognition = .off }, looker: Self.looker([])) { server in
            let path = try await Self.handler(
                server,
                [
                    "match_policy": [["label": "all", "candidates": ["origin": "faces"]]],
                    "storage_policy": ["face_policy": ["store_face": 1], "attribute_policy": ["store_attribute": 1]],
                ])
            let event = try #require(
                try Self.events(
                    try await PictureTests.send(server, path, ImageTests.picture("image/png"), type: "image/png")
                ).first)
            #expect(event["face_attributes"] == .null && event["matches"] == .null && event["face"] == .null)
            #expect(try await server.store.faceCount(Filter()) == 0)
            let policies: JSONValue = ["policies": ["extract_policy": ["extract_face_descriptor": 1]]]
            #expect(try await server.send("POST", "/6/handlers", policies).json["error_code"] == 11055)
            let form = try await PictureTests.send(
                server, path, Data(Descriptor.random().sdkForm), type: "application/x-sdk-descriptor")
            #expect(try form.status == 403 && form.json["error_code"] == 11055)
        }
    }

    @Test func tokensSayWhichHandlersMakeEvents() async throws {
        try await withServer(looker: Self.looker(nil)) { server in
            let path = try await Self.handler(server, [:]), other = try await Self.handler(server, [:])
            let id = try #require(UUID(wire: String(path.split(separator: "/")[2])))
            let picture = try ImageTests.picture("image/png")
            func status(_ path: String, _ use: JSONValue) async throws -> (Int, JSONValue?) {
                let permissions: JSONValue = ["event": ["creation"], "emit_events": use]
                let token = try await server.send(
                    "POST", "/6/tokens", ["expiration_time": nil, "permissions": permissions]
                ).json["token"]?.string
                let reply = try await server.sendRaw(
                    "POST", path,
                    headers: ["Authorization": "Bearer \(try #require(token))", "Content-Type": "image/png"],
                    body: picture)
                return (reply.status, try reply.json["error_code"])
            }
            let ids: JSONValue = [.string(id.wire)]
            let white: JSONValue = ["allowed": 1, "white_list": ids, "black_list": nil]
            let black: JSONValue = ["allowed": 1, "white_list": nil, "black_list": ids]
            #expect(try await status(path, white) == (201, nil))
            #expect(try await status(other, white) == (403, 11067))
            #expect(try await status(path, black) == (403, 11067))
            #expect(try await status(other, black) == (201, nil))
            #expect(try await status(path, ["allowed": 0, "white_list": nil, "black_list": nil]) == (403, 11068))
            let missing = UUID().wire
            try await PictureTests.send(server, "/6/handlers/\(missing)/events", picture, type: "image/png")
                .expectError(404, 11033, "Object not found", "Handler with id '\(missing)' not found")
        }
    }

    @Test func whoWorksOnVideoSendsWhatHeHasCutOut() async throws {
        let looks = [Descriptor.random(), Descriptor.random()]
        try await withServer(looker: Self.looker(looks, faces: [], people: [])) { server in
            let path = try await Self.handler(server, [:])
                .replacing("/events", with: "/stream_events")
            let warp = JSONValue.string(try ImageTests.picture("image/png", size: "250x250").base64EncodedString())
            let crop = JSONValue.string(try ImageTests.picture("image/png").base64EncodedString())
            let rect: JSONValue = ["x": 910, "y": 120, "width": 88, "height": 240]
            func send(_ body: JSONValue) async throws -> Reply {
                try await PictureTests.send(
                    server, path, Data(body.messagePack(bytesIn: ["warp", "body"])), type: "application/msgpack")
            }
            let data: JSONValue = [
                "event_time": "2026-03-02T10:15:30Z", "event_end_time": "2026-03-02T10:15:40Z", "track_id": "cam4-7",
                "source": "cam4", "tags": ["a"],
                "location": ["city": "Riga", "geo_position": ["latitude": 56.9, "longitude": 24.1]],
            ]
            let person: JSONValue = [
                "face": ["warp": warp], "body": ["warp": crop, "origin_bounding_box": rect], "source_data": data,
            ]
            let source: JSONValue = [
                "source_type": "detections", "filename": "1.jpg", "detect_time": "2026-03-02T10:15:30Z",
                "source": [person, ["source_data": ["source": "none"]]],
            ]
            let reply = try await send(["aggregate_attributes": 0, "sources": [source]])
            let events = try Self.events(reply)
            let text = try reply.json.text
            try #require(events.count == 2, "\(text)")
            #expect(events[1]["source"] == "none" && events[1]["detections"] == [])
            #expect(events[0]["track_id"] == "cam4-7" && events[0]["location"]?["city"] == "Riga")
            let samples = try #require(events[0]["detections"]?.array?.first?["samples"])
            #expect(samples["body"]?["detection"]?["rect"] == rect)
            #expect(samples["face"]?["sample_id"]?.string != nil)
            let stored = try await server.send("GET", try #require(events[0]["url"]?.string)).json
            #expect(stored["end_time"]?.string?.hasPrefix("2026-03-02T10:15:40") == true)

            let broken: JSONValue = [
                "source_type": "detections",
                "source": [["face": ["warp": .string(Data("x".utf8).base64EncodedString())]]],
            ]
            let together = try await send([
                "aggregate_attributes": 1, "source_data": ["source": "cam4"],
                "sources": [
                    ["source_type": "detections", "source": [["face": ["warp": warp]]]],
                    ["source_type": "detections", "source": [["body": ["warp": crop]]]], broken,
                ],
            ])
            let one = try Self.events(together)
            #expect(one.count == 1 && one[0]["source"] == "cam4" && one[0]["detections"]?.array?.count == 2)
            #expect(try together.json["images"]?.array?.map { $0["status"] } == [1, 1, 0])
            #expect(try await send(["aggregate_attributes": 0]).json["error_code"] == 11027)
            let crowd: JSONValue = ["source_type": "detections", "source": .array(Array(repeating: [:], count: 65))]
            let many = try await send(["aggregate_attributes": 0, "sources": [crowd, crowd]])
            #expect(try many.json["error_code"] == 11027 && many.json.text.contains("128 persons"))
            #expect(try await server.send("POST", path, ["aggregate_attributes": 0]).json["error_code"] == 12017)
        }
    }
}
