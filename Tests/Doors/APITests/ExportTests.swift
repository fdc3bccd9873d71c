import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct ExportTests {
    private static let noon = Date(rfc3339: "2026-03-02T12:00:00Z")!
    private static let year = "create_time__gte=2026-01-01T00:00:00Z&create_time__lt=2027-01-01T00:00:00Z"
    private static func text(_ reply: Reply) -> String { String(decoding: reply.body, as: UTF8.self) }

    @Test func aTableHasARowForEachEvent() async throws {
        try await withServer { server in
            let id = try await server.createEvent(
                nil,
                [
                    "source": "a \"gate\", open", "meta": ["t": 1.5, "who's": true],
                    "location": ["city": "Riga", "geo_position": ["latitude": 55.752, "longitude": 36.616]],
                    "aggregate_estimations": [
                        "body": ["attributes": ["upper_body": ["upper_clothing": ["colors": ["black", "white"]]]]]
                    ],
                ], at: Self.noon)
            let columns = "event_id,create_time,source,city,geo_position,upper_body,meta,stream_id"
            let reply = try await server.send("GET", "/6/events/export?columns=\(columns)&\(Self.year)")
            #expect(reply.status == 200 && reply.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(
                Self.text(reply) == """
                    event_id,create_time,source,city,geo_position,headwear_state,sleeve_length,upper_clothing_colors,headwear_apparent_color,meta,stream_id\r
                    \(id.wire),2026-03-02T12:00:00.000+00:00,"a ""gate"", open",Riga,"55.752, 36.616",,,"[""black"", ""white""]",,"{'t': 1.5, ""who's"": True}",\r

                    """)
            let other = try await server.send(
                "GET", "/6/events/export?columns=source,city&csv_delimiter=;&\(Self.year)")
            #expect(Self.text(other) == "source;city\r\n\"a \"\"gate\"\", open\";Riga\r\n")
            for bad in ["columns=color", "format=xml", "csv_delimiter=ab", "csv_delimiter=%22", "csv_delimiter="] {
                #expect(try await server.send("GET", "/6/events/export?\(bad)").status == 400, "\(bad)")
            }
        }
    }

    @Test func linesAreTheEventsAsTheyAreFoundHoweverManyTheyAre() async throws {
        try await withServer { server in
            var expected: [String] = []
            for index in 0..<1234 {
                let id = try await server.createEvent(nil, ["source": "gate"], at: Self.noon + Double(index / 3))
                if index % 3 == 0 { expected.append(id.wire) }
            }
            try await server.createEvent(nil, ["source": "yard"], at: Self.noon)
            let reply = try await server.send("GET", "/6/events/export?format=jsonl&sources=gate&\(Self.year)")
            let lines = Self.text(reply).split(separator: "\n")
            let events = try lines.map { try JSONValue(parsing: Data($0.utf8)) }
            #expect(events.count == 1234 && Set(events.compactMap { $0["event_id"]?.string }).count == 1234)
            #expect(events.enumerated().compactMap { $0 % 3 == 0 ? $1["event_id"]?.string : nil } == expected)
            let listed = try await server.send("GET", "/6/events?sources=gate&\(Self.year)&order=asc&page_size=1").json
            #expect(listed["events"]?.array?.first == events[0])
        }
    }

    @Test func generalEventsAreExportedToo() async throws {
        try await withServer { server in
            let id = try await server.createGeneralEvent(nil, ["people_count": 4], at: Self.noon)
            let lines = try await server.send("GET", "/6/general/events/export?format=jsonl&\(Self.year)")
            let found = try await server.send("GET", "/6/general/events/\(id.wire)").json
            #expect(try JSONValue(parsing: lines.body) == found)
            let table = Self.text(try await server.send("GET", "/6/general/events/export?\(Self.year)"))
            #expect(table.hasPrefix("event_id,event_type,") && table.contains("\(id.wire),crowd,"))
        }
    }
}
