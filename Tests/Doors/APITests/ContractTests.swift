import Foundation
import Testing

/// The pages of `docs/contract/`, and whoever cites them.
struct ContractTests {
    private static let root = TestServer.documentFolder.appending(path: "..").standardizedFileURL

    /// A page, and a section of it where one is named.
    private struct Citation: Hashable, CustomStringConvertible {
        let page: String
        var section: String?
        var description: String { page + (section.map { " §\($0)" } ?? "") }
    }

    /// Sections of each page by number, from headings such as `### 3.6 The stream object`.
    private static func pages() throws -> [String: Set<String>] {
        let folder = root.appending(path: "docs/contract")
        var pages: [String: Set<String>] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let numbers = text.matches(of: /(?m)^\#{2,4} ([0-9]+(?:\.[0-9]+)*)[. ]/).map { String($0.output.1) }
            #expect(Set(numbers).count == numbers.count, "\(name) has a section twice")
            pages[name] = Set(numbers)
        }
        return pages
    }

    /// Texts of the repository that may cite, by path.
    private static func texts(in folders: [String]) throws -> [String: String] {
        var texts: [String: String] = [:]
        for folder in folders {
            let url = root.appending(path: folder)
            for path in try FileManager.default.subpathsOfDirectory(atPath: url.path)
            where ["swift", "md", "yaml", "py"].contains((path as NSString).pathExtension) {
                texts["\(folder)/\(path)"] = try String(contentsOf: url.appending(path: path), encoding: .utf8)
            }
        }
        return texts
    }

    private static func check(_ citation: Citation, in path: String, _ pages: [String: Set<String>]) {
        guard let sections = pages[citation.page] else {
            Issue.record("\(path) cites docs/contract/\(citation), and there is no such page")
            return
        }
        guard let section = citation.section, !sections.contains(section) else { return }
        Issue.record("\(path) cites docs/contract/\(citation), and there is no such section")
    }

    @Test func whatIsCitedIsThere() throws {
        let pages = try Self.pages()
        var count = 0
        for (path, text) in try Self.texts(in: ["Sources", "Tests", "docs", "analytics", "api", "scripts"]) {
            for match in text.matches(of: /docs\/contract\/([a-z]+\.md|README\.md)(?: §([0-9]+(?:\.[0-9]+)*))?/) {
                Self.check(
                    Citation(page: String(match.output.1), section: match.output.2.map(String.init)), in: path, pages)
                count += 1
            }
        }
        #expect(count > 5)
    }

    /// Inside the pages, `§3` is of the same page and `accounts.md §6` of another.
    @Test func whatThePagesCiteOfEachOtherIsThere() throws {
        let pages = try Self.pages()
        for (path, text) in try Self.texts(in: ["docs/contract"]) {
            let own = (path as NSString).lastPathComponent
            guard own != "README.md" else { continue }
            for match in text.matches(of: /(?:([a-z]+\.md) )?§([0-9]+(?:\.[0-9]+)*)/) {
                let page = match.output.1.map(String.init) ?? own
                Self.check(Citation(page: page, section: String(match.output.2)), in: path, pages)
            }
        }
    }

    @Test func theIndexNamesEveryPage() throws {
        let index = try String(contentsOf: Self.root.appending(path: "docs/contract/README.md"), encoding: .utf8)
        let named = Set(index.matches(of: /\[[a-z]+\.md\]\(([a-z]+\.md)\)/).map { String($0.output.1) })
        #expect(named == Set(try Self.pages().keys).subtracting(["README.md"]))
    }
}
