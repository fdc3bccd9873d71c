import DoorSupport
import API
import Foundation
import JSON
import Records
import Scene
import Testing

struct AnalyticTests {
    @Test func theCatalogueIsListedFilteredAndPaged() async throws {
        try await withServer { server in
            func names(_ query: String) async throws -> [String] {
                let found = try await server.send("GET", "/6/analytics?\(query)").json["analytics"]?.array
                return try #require(found).compactMap { $0["analytic_name"]?.string }
            }
            #expect(try await names("") == ["picky", "example_analytic"])
            #expect(try await names("order=asc") == ["example_analytic", "picky"])
            #expect(try await names("order=asc&page=2&page_size=1") == ["picky"])
            #expect(try await names("page=9223372036854775807&page_size=1000") == [])
            #expect(try await names("names=picky,other") == ["picky"])
            #expect(
                try await names("create_time__gte=2020-01-01T00:00:00Z&create_time__lt=2999-01-01T00:00:00Z").count == 2
            )
            #expect(try await names("create_time__lt=2020-01-01T00:00:00Z") == [])
            let all = try await server.send("GET", "/6/analytics").json["analytics"]?.array
            let ids = try #require(all).compactMap { $0["analytic_id"]?.string }.sorted()
            #expect(ids.count == 2)
            #expect(try await names("analytic_ids=\(ids[0])").count == 1)
            #expect(try await names("analytic_id__gte=\(ids[1])").count == 1)
            #expect(try await names("analytic_id__lt=\(ids[1])").count == 1)
            for query in [
                "analytic_ids=1", "analytic_id__gte=1", "names=a%20b", "order=x", "page=0", "create_time__lt=x",
            ] {
                let name = query.prefix { $0 != "=" }
                try await server.send("GET", "/6/analytics?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    @Test func oneAnalyticIsDescribedAndDocumented() async throws {
        let start = try #require(Date(rfc3339: "2024-05-11T09:11:41.674Z"))
        try await withServer({ $0.startTime = start }) { server in
            let found = try await server.send("GET", "/6/analytics?names=picky").json["analytics"]?.array?.first
            let listed = try #require(found)
            let id = try #require(listed["analytic_id"]?.string)
            let one = try await server.send("GET", "/6/analytics/\(id)").json
            #expect(one == listed)
            #expect(
                one == [
                    "analytic_id": .string(id), "analytic_name": "picky", "description": "Takes a count.",
                    "analytic_version": 3, "default_parameters": ["count": 1],
                    "create_time": "2024-05-11T09:11:41.674Z", "last_update_time": "2024-05-11T09:11:41.674Z",
                    "validation_schema": ["type": "object"],
                ])
            let docs = try await server.send("GET", "/6/analytics/\(id)/docs")
            #expect(try docs.json == "# picky\n")
            #expect(docs.headers["content-type"] == "application/json")
            var headers = TestServer.basic(server.user)
            headers["Accept"] = "text/html"
            let page = try await server.send("GET", "/6/analytics/\(id)/docs", headers: headers)
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(String(decoding: page.body, as: UTF8.self).contains("<h1>picky</h1>"))
            let unknown = UUID().uuidString.lowercased()
            for path in ["/6/analytics/\(unknown)", "/6/analytics/\(unknown)/docs"] {
                try await server.send("GET", path).expectError(
                    404, 44008, "Object not found", "Analytic with id '\(unknown)' not found")
            }
        }
    }
}
