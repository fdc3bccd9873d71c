import DoorSupport
import Foundation
import JSON
import LogSupport
import Records
import Store
import Testing

struct StreamTests {
    static let minimal: JSONValue = [
        "data": ["type": "videofile", "reference": "https://reference.local/video.mp4"],
        "analytics": [["analytic_name": "example_analytic"]],
    ]
    /// `minimal` with one member, given by its path, set to a value or (with `nil`) left out.
    static func changed(_ path: String, to value: JSONValue?) -> JSONValue {
        func set(_ document: JSONValue, _ keys: ArraySlice<String>) -> JSONValue {
            guard let key = keys.first else { return value ?? .null }
            if case .array(var items) = document, let index = Int(key) {
                items[index] = set(items[index], keys.dropFirst())
                return .array(items)
            }
            var members = document.object ?? [:]
            members[key] =
                keys.count == 1 && value == nil ? JSONValue?.none : set(members[key] ?? .emptyObject, keys.dropFirst())
            return .object(members)
        }
        return set(minimal, path.split(separator: ".").map(String.init)[...])
    }

    @Test func aMinimalRegistrationGetsEveryDefault() async throws {
        try await withServer { server in
            let created = try await server.send("POST", "/6/streams", Self.minimal)
            #expect(created.status == 201)
            #expect(created.headers["content-type"] == "application/json")
            let id = try #require(try created.json["stream_id"]?.string)
            #expect(try created.json == ["stream_id": .string(id)])

            let stream = try await server.send("GET", "/6/streams/\(id)").json
            let createTime = try #require(stream["create_time"]?.string)
            #expect(createTime.hasSuffix("Z") && Date(rfc3339: createTime) != nil)
            #expect(
                stream == [
                    "stream_id": .string(id), "account_id": .string(server.user.id.uuidString.lowercased()),
                    "name": "", "description": "",
                    "data": [
                        "type": "videofile", "reference": "https://reference.local/video.mp4", "rotation": 0,
                        "downloadable": false, "timestamp_source": "auto", "pts": ["start_time": 0],
                    ],
                    "location": [
                        "city": nil, "area": nil, "district": nil, "street": nil, "house_number": nil,
                        "geo_position": nil,
                    ],
                    "autorestart": [
                        "restart": 0, "attempt_count": 10, "delay": 60, "current_attempt": 0,
                        "last_attempt_time": nil, "status": "disabled",
                    ],
                    "version": 1, "create_time": .string(createTime), "status": 0, "last_error": nil, "groups": [],
                    "analytics": [["analytic_name": "example_analytic", "parameters": [:]]],
                ])
        }
    }

    @Test func aFullRegistrationComesBackAsItWasGiven() async throws {
        try await withServer { server in
            let location: JSONValue = [
                "city": "Riga", "area": nil, "district": "d", "street": "s", "house_number": "1a",
                "geo_position": ["longitude": 24.1, "latitude": 56.9],
            ]
            let data: JSONValue = [
                "type": "stream", "reference": "rtsp://camera/1", "rotation": 270, "downloadable": true,
                "timestamp_source": "server", "pts": ["start_time": 1.5],
            ]
            let analytics: JSONValue = [["analytic_name": "picky", "parameters": ["count": 2]]]
            let created = try await server.send(
                "POST", "/6/streams",
                [
                    "name": "gate", "description": "the gate", "data": data, "location": location,
                    "autorestart": ["restart": 1, "attempt_count": 3, "delay": 5], "analytics": analytics,
                ])
            let id = try #require(try created.json["stream_id"]?.string)
            let stream = try await server.send("GET", "/6/streams/\(id)").json
            #expect(stream["name"] == "gate" && stream["description"] == "the gate")
            #expect(stream["data"] == data && stream["location"] == location && stream["analytics"] == analytics)
            #expect(
                stream["autorestart"] == [
                    "restart": 1, "attempt_count": 3, "delay": 5, "current_attempt": 0, "last_attempt_time": nil,
                    "status": "enabled",
                ])
        }
    }

    static let long = JSONValue.string(String(repeating: "x", count: 513))
    @Test(
        arguments: [
            ("extra", 1, "extra", "Extra inputs are not permitted"),
            ("name", 1, "name", "Input should be a valid string"),
            ("name", Self.long, "name", "String should have at most 128 characters"),
            ("description", Self.long, "description", "String should have at most 512 characters"),
            ("data", nil, "data", "Field required"),
            ("data", [], "data", "Input should be a valid dictionary"),
            ("data.type", nil, "data.type", "Field required"),
            ("data.type", "file", "data.type", "Input should be 'videofile' or 'stream'"),
            ("data.reference", nil, "data.reference", "Field required"),
            ("data.reference", Self.long, "data.reference", "String should have at most 512 characters"),
            (
                "data.reference", "rtsp://admin:a#b@10.0.0.5/1", "data.reference",
                "The address has a '#' in its password that ends the address; "
                    + "write it as '%23', or give login and password in data.authorization"
            ),
            (
                "data.authorization", ["login": "a:b", "password": "c"], "data.authorization.login",
                "String should have no ':'"
            ),
            ("data.authorization", ["login": "a"], "data.authorization.password", "Field required"),
            ("data.authorization", "a:b", "data.authorization", "Input should be a valid dictionary"),
            (
                "data", ["type": "videofile", "reference": "a.mp4", "authorization": ["login": "a", "password": "b"]],
                "data.authorization", "Only an address takes a login and a password, and the reference is a path"
            ),
            (
                "data",
                [
                    "type": "stream", "reference": "rtsp://a:b@10.0.0.5/1",
                    "authorization": ["login": "a", "password": "b"],
                ], "data.authorization",
                "The address in the reference names a user, too; name one in one of the two places"
            ),
            ("data.downloadable", 1, "data.downloadable", "Input should be a valid boolean"),
            (
                "data.timestamp_source", "clock", "data.timestamp_source",
                "Input should be 'auto', 'pts', 'server' or 'frame_rate'"
            ),
            ("data.rotation", 45, "data.rotation", "Input should be 0, 90, 180 or 270"),
            ("data.pts", .null, "data.pts", "Input should be a valid dictionary"),
            ("data.pts", [:], "data.pts.start_time", "Field required"),
            ("data.pts.start_time", -1, "data.pts.start_time", "Input should be greater than or equal to 0"),
            ("data.pts.start_time", 1e300, "data.pts.start_time", "Input should be less than or equal to 4000000000"),
            ("data.preview", true, "data.preview", "Extra inputs are not permitted"),
            ("location.city", Self.long, "location.city", "String should have at most 36 characters"),
            ("location.planet", "Earth", "location.planet", "Extra inputs are not permitted"),
            ("location.geo_position", 1, "location.geo_position", "Input should be a valid dictionary"),
            ("location.geo_position.latitude", 91, "location.geo_position.longitude", "Field required"),
            (
                "location.geo_position", ["longitude": 0, "latitude": 91], "location.geo_position.latitude",
                "Input should be less than or equal to 90"
            ),
            ("autorestart.restart", 2, "autorestart.restart", "Input should be 0 or 1"),
            ("autorestart.restart", true, "autorestart.restart", "Input should be a valid integer"),
            ("autorestart.delay", 0, "autorestart.delay", "Input should be greater than or equal to 1"),
            ("autorestart.attempt_count", 1.5, "autorestart.attempt_count", "Input should be a valid integer"),
            ("analytics", nil, "analytics", "Field required"),
            ("analytics", [], "analytics", "List should have at least 1 item after validation, not 0"),
            ("analytics.0", [:], "analytics.0.analytic_name", "Field required"),
            (
                "analytics.0.analytic_name", "unknown", "analytics.0.analytic_name",
                "Input should be 'example_analytic' or 'picky'"
            ),
            (
                "analytics.0.analytic_name", "a b", "analytics.0.analytic_name",
                "String should match pattern '^[a-zA-Z0-9_\\-]{1,36}$'"
            ),
            ("analytics.0.parameters", [], "analytics.0.parameters", "Input should be a valid dictionary"),
            (
                "analytics.0", ["analytic_name": "picky", "parameters": ["count": 10]], "analytics.0.parameters.count",
                "Input should be less than or equal to 9"
            ),
            ("group_name", "a b", "group_name", "String should match pattern '^[a-zA-Z0-9_\\-]{1,128}$'"),
            ("privacy", "faces", "privacy", "Input should be a valid dictionary"),
            ("privacy", [:], "privacy.mode", "Field required"),
            ("privacy.mode", "heads", "privacy.mode", "Input should be 'faces', 'people' or 'counts_only'"),
            ("privacy", ["mode": "people", "by": "blur"], "privacy.by", "Extra inputs are not permitted"),
            (
                "privacy", ["mode": "people", "method": "smudge"], "privacy.method",
                "Input should be 'blur', 'mosaic' or 'mask'"
            ),
            (
                "privacy", ["mode": "counts_only", "method": "blur"], "privacy.method",
                "Of 'counts_only' there are no pictures, and nothing to cover"
            ),
            (
                "privacy.mode", "faces", "privacy.mode",
                "'faces' needs a face detector, which this server does not have; use 'people' or 'counts_only'"
            ),
            ("group_id", "1", "group_id", "Input should be a valid UUID"),
        ] as [(String, JSONValue?, String, String)])
    func aBadBodyNamesItsPath(change: String, value: JSONValue?, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/streams", Self.changed(change, to: value)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
            #expect(try await server.store.streamCount(Filter<RegisteredStream>()) == 0)
        }
    }

    @Test func aGroupThatDoesNotExistIsNamed() async throws {
        try await withServer { server in
            try await server.send("POST", "/6/streams", Self.changed("group_name", to: "hd")).expectError(
                400, 44004, "Object not found", "Group named hd not found")
            let id = UUID().uuidString.lowercased()
            try await server.send("POST", "/6/streams", Self.changed("group_id", to: .string(id))).expectError(
                400, 44004, "Object not found", "Group with id \(id) not found")
        }
    }

    @Test func headTellsTheSameWithoutABody() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            let path = "/6/streams/\(stream.id.uuidString.lowercased())"
            let found = try await server.send("HEAD", path)
            #expect(found.status == 200 && found.body.isEmpty && found.headers["content-type"] == "application/json")
            let missing = try await server.send("HEAD", "/6/streams/\(UUID().uuidString.lowercased())")
            #expect(
                missing.status == 404 && missing.body.isEmpty && missing.headers["content-type"] == "application/json")
        }
    }

    @Test func stopAndResumeMoveTheStreamAndSayWhenTheyCannot() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            let path = "/6/streams/\(stream.id.uuidString.lowercased())"
            let stopped = try await server.send("PATCH", "\(path)?action=stop")
            #expect(stopped.status == 204 && stopped.body.isEmpty && stopped.headers["content-length"] == nil)
            #expect(try await server.send("GET", path).json["status"] == 5)
            try await server.send("PATCH", "\(path)?action=stop").expectError(
                409, 44010, "Unable to stop processing",
                "Unable to stop processing, because stream processing is not in progress")
            #expect(try await server.send("PATCH", "\(path)?action=resume").status == 204)
            #expect(try await server.send("GET", path).json["status"] == 0)
            try await server.send("PATCH", "\(path)?action=resume").expectError(
                409, 44011, "Unable to resume processing",
                "Unable to resume processing, because stream processing is not stopped")
            for query in ["", "?action=", "?action=pause"] {
                try await server.send("PATCH", path + query).expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters 'action'")
            }
        }
    }

    @Test func aDeletedStreamIsGone() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            let id = stream.id.uuidString.lowercased()
            #expect(try await server.send("DELETE", "/6/streams/\(id)").status == 204)
            for method in ["GET", "DELETE", "PATCH"] {
                try await server.send(method, "/6/streams/\(id)?action=stop").expectError(
                    404, 44001, "Object not found", "Stream with id '\(id)' not found")
            }
        }
    }

    @Test func logsHoldTheTargetsThatWereAskedFor() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            #expect(
                try await server.store.transition(
                    StreamVersion(id: stream.id, version: 1), from: .pending, to: .failure, error: "no route",
                    isFatal: false))
            let id = JSONValue.string(stream.id.uuidString.lowercased())
            let logs = try #require(try await server.send("GET", "/6/streams/logs").json["logs"]?.array)
            #expect(logs.map { $0["status"] } == [4, 0])
            #expect(logs.map { $0["error"] } == ["no route", .null])
            #expect(logs.allSatisfy { $0["stream_id"] == id && $0.object?.count == 4 })
            #expect(logs.allSatisfy { $0["log_time"]?.string.flatMap { Date(rfc3339: $0) } != nil })
            #expect(
                try await server.send("GET", "/6/streams/logs?targets=status&targets=error,status&statuses=failure")
                    .json
                    == ["logs": [["status": 4, "error": "no route"]]])
            #expect(try await server.send("GET", "/6/streams/logs?page=3&page_size=1").json == ["logs": []])
            #expect(
                try await server.send("GET", "/6/streams/logs?log_time__lt=2020-01-01T00:00:00Z").json == ["logs": []])
            for query in [
                "targets=id", "targets=", "statuses=9", "stream_ids=1", "log_time__lt=1", "log_time__gte=1", "page=-1",
            ] {
                let name = query.prefix { $0 != "=" }
                try await server.send("GET", "/6/streams/logs?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    @Test func noPasswordIsEverShown() async throws {
        try await withServer { server in
            let reference = "rtsp://admin:canary@10.0.0.5/1"
            var body = Self.changed("data.reference", to: .string(reference))
            body = .object(
                try #require(body.object).merging([
                    "analytics": [
                        [
                            "analytic_name": "example_analytic",
                            "parameters": [
                                "callbacks": [
                                    [
                                        "url": "http://bob:canary@example.org/cb",
                                        "authorization": ["login": "bob", "password": "canary"],
                                    ]
                                ]
                            ],
                        ]
                    ]
                ]) { $1 })
            let created = try await server.send("POST", "/6/streams", body)
            let id = try #require(try created.json["stream_id"]?.string)
            let uuid = try #require(UUID(uuidString: id))
            #expect(
                try await server.store.transition(
                    StreamVersion(id: uuid, version: 1), from: .pending, to: .failure,
                    error: "Cannot open \(reference)",
                    isFatal: false))
            var seen = ""
            for path in [
                "/6/streams", "/6/streams/\(id)", "/6/streams/logs", "/6/streams?reference=\(reference)",
                "/6/streams/\(id)?order=canary", "/6/streams?order=\(reference)",
            ] {
                seen += String(decoding: try await server.send("GET", path).body, as: UTF8.self)
            }
            seen += server.log.lines.joined(separator: "\n")
            #expect(seen.contains("rtsp://admin:***@10.0.0.5/1") && seen.contains("http://bob:***@example.org/cb"))
            #expect(!seen.contains("canary"))
            #expect(!seen.contains(Data("user@example.org:secret".utf8).base64EncodedString()))
            #expect(try await server.store.stream(id: uuid, account: nil)?.specification.source.reference == reference)
        }
    }
}
