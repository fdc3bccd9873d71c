import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct CountTests {
    @Test func aTimeInWhichNobodyLookedIsAGap() async throws {
        try await withServer { server in
            let stream = try await server.createStream()
            let noon = Int64(Date(rfc3339: "2026-03-02T12:00:00Z")!.timeIntervalSince1970) / 60
            let series = CountSeries(streamID: stream.id, accountID: server.user.id, analytic: 0)
            try await server.store.add([
                PeopleMinute(series: series, minute: noon, count: SeenPeople(people: 3, for: 60_000)),
                PeopleMinute(series: series, minute: noon + 121, count: SeenPeople(people: 0, for: 30_000)),
            ])
            let query = "stream_ids=\(stream.id.wire)&time__gte=2026-03-02T12:00:00Z&time__lt=2026-03-02T15:00:00Z"
            let reply = try await server.send("GET", "/6/counts?\(query)")
            #expect(
                try reply.json == [
                    "series": [
                        [
                            "stream_id": .string(stream.id.wire), "account_id": .string(server.user.id.wire),
                            "analytic": 0, "droi": nil,
                            "counts": [
                                ["time": "2026-03-02T12:00:00Z", "mean": 3, "minimum": 3, "maximum": 3, "seconds": 60],
                                [
                                    "time": "2026-03-02T13:00:00Z", "mean": nil, "minimum": nil, "maximum": nil,
                                    "seconds": 0,
                                ],
                                ["time": "2026-03-02T14:00:00Z", "mean": 0, "minimum": 0, "maximum": 0, "seconds": 30],
                            ],
                        ]
                    ]
                ])
            for other in ["analytic=1&\(query)", query.replacing("2026", with: "2025")] {
                let reply = try await server.send("GET", "/6/counts?\(other)")
                #expect(try reply.json == ["series": []])
            }
            let stranger = try await server.send(
                "GET", "/6/counts?\(query)", headers: TestServer.basic(server.stranger))
            #expect(try stranger.json == ["series": []])
            for bad in ["interval=dayOfWeek", "interval=30s", "time_zone=Mars/Base", "analytic=-1", "time__gte=now"] {
                #expect(try await server.send("GET", "/6/counts?\(bad)").status == 400, "\(bad)")
            }
        }
    }
}
