import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

/// What the list and the count of streams make of their query.
struct StreamListTests {
    @Test func listsAreTakenInEveryEncoding() async throws {
        try await withServer { server in
            for name in ["a", "b", "c", "d"] { _ = try await server.createStream(name: name) }
            func names(_ query: String) async throws -> [String] {
                let streams = try await server.send("GET", "/6/streams?\(query)").json["streams"]?.array
                return try #require(streams).compactMap { $0["name"]?.string }
            }
            #expect(try await names("") == ["d", "c", "b", "a"])
            #expect(try await names("order=asc") == ["a", "b", "c", "d"])
            #expect(try await names("names=a,b") == ["b", "a"])
            #expect(try await names("names=a&names=b") == ["b", "a"])
            #expect(try await names("names=a,b&names=d") == ["d", "b", "a"])
            #expect(try await names("names=%61%2Cb") == ["b", "a"])
            #expect(try await names("page=2&page_size=3") == ["a"])
            #expect(try await names("page=9223372036854775807&page_size=1000") == [])
            #expect(try await names("group_name=hd") == [])
            let group = try await server.store.createGroup(name: "hd", account: server.user.id)
            let ids = try await server.store.streams(Filter<RegisteredStream>()).map(\.id)
            #expect(
                try await server.store.link(
                    .attach, streams: Array(ids[1...2]), group: group.id, account: server.user.id) == .done)
            #expect(try await names("group_name=hd") == ["c", "b"])
            #expect(try await names("group_name=hd&names=b,d") == ["b"])
            #expect(try await names("agent_id=\(UUID().uuidString.lowercased())") == [])
            #expect(try await names("whatever=1&order=asc&page_size=1") == ["a"])
        }
    }

    @Test func everyFilterOfTheListAndTheCountSelects() async throws {
        try await withServer { server in
            let noon = try #require(Date(rfc3339: "2024-05-11T12:00:00.500Z"))
            let first = try await server.createStream(name: "a", reference: "rtsp://camera/a b", at: noon)
            let second = try await server.createStream(name: "b", at: noon.addingTimeInterval(60))
            #expect(
                try await server.store.transition(
                    StreamVersion(id: second.id, version: 1), from: .pending, to: .done, error: nil, isFatal: false))
            let ids = [first, second].map { $0.id.uuidString.lowercased() }
            func matches(_ query: String) async throws -> Set<String> {
                let streams = try await server.send("GET", "/6/streams?\(query)").json["streams"]?.array ?? []
                let count = try await server.send("GET", "/6/streams/count?\(query)").json
                #expect(count == ["streams_count": .integer(Int64(streams.count))])
                return Set(streams.compactMap { $0["name"]?.string })
            }
            #expect(try await matches("stream_ids=\(ids[0]),\(ids[1])") == ["a", "b"])
            #expect(try await matches("stream_ids=\(ids[0])&stream_ids=\(UUID().uuidString.lowercased())") == ["a"])
            #expect(try await matches("reference=rtsp://camera/a+b") == ["a"])
            #expect(try await matches("statuses=2") == ["b"])
            #expect(try await matches("statuses=pending,done") == ["a", "b"])
            #expect(try await matches("statuses=0&statuses=stop") == ["a"])
            #expect(try await matches("create_time__gte=2024-05-11T12:00:01Z") == ["b"])
            #expect(try await matches("create_time__lt=2024-05-11T15:00:01+03:00") == ["a"])
            #expect(try await matches("create_time__lt=2024-05-11T12:00:00.5Z") == [])
            #expect(try await matches("create_time__gte=2024-05-11T12:00:00.5Z&names=a") == ["a"])
            let bound = try await server.send("GET", "/6/streams?stream_id__gte=\(ids[0])&stream_id__lt=\(ids[1])").json
            #expect(bound["streams"]?.array?.count == (ids[0] < ids[1] ? 1 : 0))
        }
    }

    @Test(arguments: [
        "account_id=1", "stream_ids=1", "stream_ids=", "stream_id__gte=x", "stream_id__lt=x",
        "names=\(String(repeating: "x", count: 129))", "names=%ff", "reference=\(String(repeating: "x", count: 513))",
        "statuses=6", "statuses=running", "create_time__gte=yesterday", "create_time__lt=2024-05-11", "agent_id=1",
        "group_name=a%20b", "order=up", "page=0", "page=x", "page_size=0", "page_size=1001",
        "stream_ids=2B0E3F54-26CC-4D9C-8F5E-4D2C1A3B5C6D",
    ])
    func aBadQueryNamesItsParameter(query: String) async throws {
        try await withServer { server in
            let name = query.prefix { $0 != "=" }
            try await server.send("GET", "/6/streams?\(query)").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
        }
    }
}
