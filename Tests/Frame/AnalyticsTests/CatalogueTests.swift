import Foundation
import JSON
import Testing

@testable import Analytics

struct CatalogueTests {
    @Test func theAnalyticsOfTheCheckoutAreLoaded() throws {
        let catalogue = try AnalyticCatalogue(directory: analyticsFolder, noopNames: ["example_analytic"])
        #expect(catalogue.entries.map(\.name) == AnalyticCatalogue.ownNames + ["example_analytic"])
        #expect(catalogue.entries.prefix(2).map(\.resultName) == ["crowd", "tracking"])
        let entry = try #require(catalogue["human_tracking"])
        #expect(entry.version == 1 && entry.documentation.hasPrefix("# human_tracking") && !entry.description.isEmpty)
        #expect(catalogue.entries.prefix(2).allSatisfy { $0.documentation.contains("\n## The detector\n") })
        let noop = try #require(catalogue["example_analytic"])
        #expect(try noop.prepare(JSONReader(["anything": [1, "x"]])) == nil && noop.validationSchema == nil)
        #expect(catalogue["absent"] == nil)
    }

    @Test(arguments: ["", "a b", "ä", String(repeating: "a", count: 37), "a/b", "a\n"])
    func aNameThatIsNoneIsRefused(name: String) {
        #expect(throws: AnalyticCatalogueError.badName(name)) {
            try AnalyticCatalogue(directory: analyticsFolder, noopNames: [name])
        }
    }
    @Test(arguments: [["people_count"], ["a", "b", "a"]])
    func aNameThatIsTakenIsRefused(names: [String]) {
        #expect(throws: AnalyticCatalogueError.nameTaken(names.last!)) {
            try AnalyticCatalogue(directory: analyticsFolder, noopNames: names)
        }
    }
    @Test func aFolderThatIsNotThereIsNamed() {
        let error = #expect(throws: AnalyticCatalogueError.self) {
            try AnalyticCatalogue(directory: URL(filePath: "/nowhere/analytics"))
        }
        #expect(error?.description.contains("/nowhere/analytics/people_count/schema.json") == true)
    }

    @Test(
        arguments: [
            ("human_tracking/schema.json", nil, "cannot be read"), ("models/CARD.md", nil, "cannot be read"),
            ("people_count/README.md", nil, "cannot be read"),
            ("people_count/analytic.json", nil, "cannot be read"), ("people_count/schema.json", "{", "it is not JSON"),
            ("people_count/schema.json", "[]", "Input should be a valid dictionary"),
            ("people_count/analytic.json", #"{"description": "x"}"#, "'version': Field required"),
            (
                "people_count/analytic.json", #"{"description": "x", "version": 0}"#,
                "'version': Input should be greater"
            ),
            ("people_count/analytic.json", #"{"description": "x", "version": 1, "extra": 1}"#, "'extra': Extra inputs"),
        ] as [(String, String?, String)])
    func aFileThatIsMissingOrBrokenIsNamed(file: String, content: String?, reason: String) throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.copyItem(at: analyticsFolder, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let url = copy.appending(path: file)
        try FileManager.default.removeItem(at: url)
        try content.map { try Data($0.utf8).write(to: url) }
        let error = #expect(throws: AnalyticCatalogueError.self) { try AnalyticCatalogue(directory: copy) }
        #expect(error?.description.contains(url.path) == true && error?.description.contains(reason) == true)
    }
}
