import DoorSupport
import Foundation
import Testing

/// The served OpenAPI document against what is routed.
struct DocumentTests {
    /// What the document describes, as `GET /6/streams`, in its order.
    private static func described() throws -> [String] {
        let text = try String(contentsOf: TestServer.documentFolder.appending(path: "openapi.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "paths:"))
        var path: Substring?
        var operations: [String] = []
        // Our own layout: a path is indented by two, what belongs to it by four.
        for line in lines[(start + 1)...].prefix(while: { $0.isEmpty || $0.hasPrefix(" ") }) {
            if let found = line.wholeMatch(of: /\ \ (\/\S*):/) { path = found.output.1 }
            if let found = line.wholeMatch(of: /\ \ \ \ (get|head|post|put|patch|delete|options|trace):/) {
                operations.append("\(found.output.1.uppercased()) \(try #require(path))")
            }
        }
        return operations
    }

    @Test func whatIsServedIsDescribedAndWhatIsDescribedIsServed() async throws {
        let described = try Self.described()
        #expect(described.count > 50 && Set(described).count == described.count)
        try await withServer { server in
            let served = Set(server.operations)
            #expect(served.count == server.operations.count)
            #expect(served.subtracting(described).sorted() == [], "served, but not in api/openapi.yaml")
            #expect(Set(described).subtracting(served).sorted() == [], "in api/openapi.yaml, but not served")
        }
    }

    /// The tables of `docs/api.md` that say what is tested where: the cells of each row.
    private static func rows() throws -> [[Substring]] {
        let manual = TestServer.documentFolder.appending(path: "../docs/api.md")
        let lines = try String(contentsOf: manual, encoding: .utf8).split(separator: "\n")
        let start = try #require(lines.firstIndex(of: "## Operations and their tests"))
        return lines[start...].filter { $0.hasPrefix("| ") }.map { $0.dropFirst().dropLast().split(separator: "|") }
    }

    @Test func everyOperationIsInTheTableOfTests() throws {
        let listed = try Self.rows().compactMap(\.first).flatMap { cell in
            cell.matches(of: /`([A-Z]+ \/[^`]*)`/).map { String($0.output.1) }
        }
        #expect(Set(listed).count == listed.count, "an operation has two rows")
        let described = Set(try Self.described())
        #expect(described.subtracting(listed).sorted() == [], "in api/openapi.yaml, but not in the table")
        #expect(Set(listed).subtracting(described).sorted() == [], "in the table, but not in api/openapi.yaml")
    }

    @Test func everySuiteInTheTableOfTestsExists() throws {
        let suites = Set(
            try Self.rows().compactMap(\.last).flatMap { cell in
                cell.matches(of: /`([A-Za-z]+Tests\/[A-Za-z]+)`/).map { String($0.output.1) }
            })
        #expect(suites.count > 20)
        let tests = TestServer.documentFolder.appending(path: "../Tests")
        let shelves = try FileManager.default.contentsOfDirectory(atPath: tests.path)
        for suite in suites.sorted() {
            let isThere = shelves.contains {
                FileManager.default.fileExists(atPath: tests.appending(path: "\($0)/\(suite).swift").path)
            }
            #expect(isThere, "\(suite)")
        }
    }
}
