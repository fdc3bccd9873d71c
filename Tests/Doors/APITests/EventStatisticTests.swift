import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct EventStatisticTests {
    private static let filters: [(JSONValue, Int)] = [
        ([["column": "source", "operator": "in", "value": ["gate", "x"]]], 1),
        ([["column": "source", "operator": "eq", "value": nil]], 1),
        ([["column": "source", "operator": "neq", "value": nil]], 2),
        ([["column": "tags", "operator": "like", "value": "vip"]], 1),
        ([["column": "tags", "operator": "nlike", "value": "vip"]], 1),
        (
            [
                [
                    "column": "geo_position", "operator": "covered",
                    "value": ["origin_longitude": 24, "origin_latitude": 57],
                ]
            ], 1
        ),
        ([["column": "geo_position", "operator": "eq", "value": nil]], 2),
        ([["column": "meta.t", "operator": "gte", "value": 2.5]], 1),
        ([["column": "meta.name", "operator": "like", "value": "oo"]], 1),
        ([["column": "age", "operator": "lt", "value": 18]], 1),
        ([["column": "upper_clothing_colors", "operator": "in", "value": ["red"]]], 1),
        ([["column": "user_data", "operator": "nin", "value": ["a", "b"]]], 3),
    ]
    private static let mistakes: [(JSONValue, String)] = [
        (["extra": 1], "extra"), (["targets": []], "targets"),
        (["targets": [["column": "color"]]], "targets.0.column"),
        (["targets": [["column": "source", "aggregator": "max"]]], "targets.0.aggregator"),
        (["targets": [["column": "source", "aggregator": "group_by"]]], "targets"),
        (["filters": [["column": "source", "operator": "gt", "value": "a"]]], "filters.0.operator"),
        (["filters": [["column": "age", "operator": "eq", "value": "a"]]], "filters.0.value"),
        (["filters": [["column": "end_time", "operator": "lt", "value": "now-1d"]]], "filters.0.column"),
        (["targets": [["column": "account_id", "aggregator": "count"]]], "targets.0.column"),
        (["targets": [["column": "account_id"]]], "targets.0.column"),
        (["filters": [["column": "user_data", "operator": "eq", "value": nil]]], "filters.0.value"),
        (["period": [["operator": "gt", "value": "yesterday"]]], "period.0.value"),
        (["period": [["operator": "gt", "value": "now-1d"], ["operator": "gte", "value": "now-2d"]]], "period.1"),
        (["group_by": "fortnight"], "group_by"), (["time_zone": "Mars/Base"], "time_zone"),
        (["group_by": nil], "group_by"), (["time_zone": nil], "time_zone"), (["include_gaps": nil], "include_gaps"),
        (["filters": nil], "filters"), (["period": nil], "period"), (["targets": nil], "targets"),
        (["filters": [["column": "meta.n", "operator": "like", "value": 99]]], "filters.0.value"),
        (["filters": [["column": "meta.n", "operator": "nlike", "value": 1.5]]], "filters.0.value"),
    ]
    private static let path = "/6/events/statistic"
    private static let monday = Date(rfc3339: "2026-03-02T10:00:00Z")!

    @Test func theFieldsSayWhatTheValuesOfARowAre() async throws {
        try await withServer { server in
            for (day, age) in [(0.0, 20), (1, 30), (1, 40)] {
                let basic: JSONValue = ["age": .integer(Int64(age)), "gender": .integer(Int64(age / 10 % 2))]
                try await server.createEvent(
                    nil, ["source": "gate-2", "face_attributes": ["basic_attributes": basic]],
                    at: Self.monday + day * 86_400)
            }
            try await server.createEvent(nil, ["source": "gate-1"], at: Self.monday)
            let reply = try await server.send(
                "POST", Self.path,
                [
                    "targets": [
                        ["column": "event_id", "aggregator": "count"], ["column": "gender", "aggregator": "group_by"],
                        ["column": "age", "aggregator": "avg"],
                    ],
                    "filters": [["column": "source", "operator": "eq", "value": "gate-2"]],
                    "period": [
                        ["operator": "gt", "value": "2026-03-02T00:00:00Z"],
                        ["operator": "lt", "value": "2026-03-09T00:00:00Z"],
                    ], "group_by": "dayOfWeek",
                ])
            #expect(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
            #expect(
                try reply.json == [
                    "fields": [
                        "Group by time: dayOfWeek", "gender, aggregator 'group_by'", "event_id, aggregator 'count'",
                        "age, aggregator 'avg'",
                    ], "stats": [["Monday", 0, 1, 20], ["Tuesday", 0, 1, 40], ["Tuesday", 1, 1, 30]],
                ])
            let all = try await server.send("POST", Self.path, [:])
            #expect(try all.json == ["fields": ["event_id, aggregator 'count'"], "stats": [[4]]])
            let none = try await server.send("POST", Self.path, [:], headers: TestServer.basic(server.stranger))
            #expect(try none.json["stats"] == [[0]])
        }
    }

    @Test(arguments: filters)
    func filtersComparesColumns(filters: JSONValue, count: Int) async throws {
        try await withServer { server in
            try await server.createEvent(nil, ["source": "gate", "tags": ["vip"], "meta": ["t": 3, "name": "door"]])
            try await server.createEvent(
                nil,
                [
                    "source": "yard", "tags": ["a"],
                    "location": ["geo_position": ["longitude": 24.005, "latitude": 57.005]],
                    "aggregate_estimations": [
                        "body": ["attributes": ["upper_body": ["upper_clothing": ["colors": ["red", "blue"]]]]]
                    ],
                ])
            try await server.createEvent(nil, ["face_attributes": ["basic_attributes": ["age": 7]]])
            let reply = try await server.send("POST", Self.path, ["filters": filters])
            #expect(try reply.json["stats"] == [[.integer(Int64(count))]], "\(filters)")
        }
    }

    @Test(arguments: mistakes)
    func aMistakeIsNamedByItsPath(body: JSONValue, path: String) async throws {
        try await withServer { server in
            let reply = try await server.send("POST", Self.path, body)
            let detail = try reply.json["detail"]?.string ?? ""
            #expect(
                reply.status == 400 && detail.hasPrefix("Failed to validate input json. Path: '\(path)', "), "\(detail)"
            )
        }
    }

    @Test(arguments: ["gte", "is"]) func whereTheBoundsOfTimesStandIsTold(word: String) async throws {
        try await withServer { server in
            for path in [Self.path, "/6/general/events/statistic"] {
                let body: JSONValue = [
                    "filters": [["column": "create_time", "operator": .string(word), "value": "2026-03-02T00:00:00Z"]]
                ]
                try await server.send("POST", path, body).expectError(
                    400, 12022, "Bad/incomplete input data",
                    "Failed to validate input json. Path: 'filters.0.column', "
                        + "message: ''create_time' cannot be filtered by; its bounds stand in 'period''")
            }
        }
    }

    @Test func aPlaceThatHoldsTextsHasNoMean() async throws {
        try await withServer { server in
            try await server.createEvent(nil, ["meta": ["t": "warm"]])
            let body: JSONValue = ["targets": [["column": "meta.t", "aggregator": "avg"]]]
            try await server.send("POST", Self.path, body).expectError(
                422, 10020, "Database error",
                "SQL request execution failed due to incompatible user-defined filters: "
                    + "cannot cast jsonb string to type numeric")
        }
    }

    @Test(
        arguments: [
            ("event.n", "like", 99, "value"), ("event.n", "nlike", ["9"], "value"),
            // Its column holds numbers alone.
            ("event.people_count", "like", "9", "operator"),
        ] as [(String, String, JSONValue, String)])
    func textsAloneHaveParts(column: String, word: String, value: JSONValue, member: String) async throws {
        try await withServer { server in
            let filter: JSONValue = ["column": .string(column), "operator": .string(word), "value": value]
            let reply = try await server.send("POST", "/6/general/events/statistic", ["filters": [filter]])
            let detail = try reply.json["detail"]?.string ?? ""
            #expect(reply.status == 400 && detail.contains("Path: 'filters.0.\(member)', "), "\(detail)")
        }
    }

    @Test func generalEventsAreComparedByWhatTheySay() async throws {
        try await withServer { server in
            for people in 1...3 {
                try await server.createGeneralEvent(
                    nil, ["people_count": .integer(Int64(people)), "zone": "hall"],
                    at: Self.monday + Double(people) * 3600)
            }
            let reply = try await server.send(
                "POST", "/6/general/events/statistic",
                [
                    "targets": [
                        ["column": "event.people_count", "aggregator": "max"],
                        ["column": "event.zone", "aggregator": "group_by"],
                    ],
                    "filters": [["column": "event.people_count", "operator": "lt", "value": 3]], "group_by": "1d",
                    "time_zone": "Europe/Riga",
                ])
            #expect(try reply.json["stats"] == [["2026-03-02T00:00:00+02:00", "hall", 2]])
        }
    }
}
