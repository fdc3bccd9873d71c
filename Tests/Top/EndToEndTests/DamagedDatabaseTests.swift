import Foundation
import JSON
import KeepSupport
import Records
import Store
import Testing

/// The whole daemon on a database with damaged pages, and what `sightline store recover` saves of it.
@Suite(.timeLimit(.minutes(30))) struct DamagedDatabaseTests {
    private let data = TemporaryDirectory()
    private var file: URL { data.url.appending(path: Store.fileName) }
    private static let pageSize = 4096

    private func recover(
        _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        try await Program.run(
            "sightline", ["store", "recover", "--data-dir", data.url.path] + arguments, environment: environment)
    }
    /// Accounts with names, until they fill some pages. Closes the database.
    private func fill() async throws {
        let store = try Store(directory: data.url)
        for number in 0..<400 {
            try await store.insert(
                Account(
                    id: UUID(), login: "\(number)@example.org", kind: .user,
                    description: String(repeating: "much ado ", count: 100), createTime: TemporaryStore.noon,
                    lastUpdateTime: TemporaryStore.noon), passwordHash: "none")
        }
        try await store.close()
    }
    /// Overwrites so many pages with rows, in the middle of those of which there are many.
    private func damage(_ count: Int) throws {
        var bytes = try Data(contentsOf: file)
        let pages = (0..<bytes.count / Self.pageSize).filter {
            let page = bytes[$0 * Self.pageSize..<($0 + 1) * Self.pageSize]
            return page.first == 0x0d && page.range(of: Data("much ado much ado".utf8)) != nil
        }
        #expect(pages.count > 3 * count)
        for page in pages.dropFirst(pages.count / 2).prefix(count) {
            bytes.replaceSubrange(
                page * Self.pageSize..<(page + 1) * Self.pageSize, with: Data(repeating: 0x5a, count: Self.pageSize))
        }
        try bytes.write(to: file)
    }
    private static func until(_ isTrue: () async throws -> Bool) async throws {
        while try await !isTrue() { try await Task.sleep(for: .milliseconds(100)) }
    }

    @Test func afterAKillItIsToldEverywhereAndTheRestIsSaved() async throws {
        let killed = try await RunningDaemon(data: data.url, media: data.url)
        await killed.kill()
        try await fill()
        try damage(3)

        let daemon = try await RunningDaemon(data: data.url, media: data.url)
        try await Self.until { try await daemon.request("GET", "/6/healthcheck").0 == 502 }
        let health = try await daemon.request("GET", "/6/healthcheck").1
        #expect(health["errors"]?.array?.first?["component"] == "database")
        #expect(
            health["errors"]?.array?.first?["error"]?["detail"]?.string?.hasSuffix(":the database is damaged") == true)
        #expect(try await daemon.text("/metrics", accept: "*/*").contains("\nsightline_database_damaged 1.0\n"))
        let log = try String(contentsOf: daemon.log, encoding: .utf8)
        #expect(log.contains("The database is damaged") && log.contains("sightline store recover"))
        #expect(try await daemon.request("GET", "/6/streams").0 == 200, "most pages are whole")
        let beside = try await recover()
        #expect(beside.status == 1 && beside.error.contains("is in use by another Sightline process"))
        #expect(await daemon.terminate() == 0)

        let before = try Data(contentsOf: file), copy = data.url.appending(path: "copy.sqlite")
        let copied = try await recover(["--to", copy.path])
        #expect(
            copied.status == 0 && copied.output.hasSuffix("What was saved is in \(copy.path).\n"), "\(copied.error)")
        #expect(try Data(contentsOf: file) == before)
        let done = try await recover()
        let aside = file.appendingPathExtension("damaged")
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.hasSuffix("and the damaged file is \(aside.path).\n"))
        #expect(try Data(contentsOf: aside) == before)
        let found = try #require(done.output.firstMatch(of: /account: (\d+) saved, (\d+) lost\n/)?.output)
        let (saved, lost) = (try #require(Int(found.1)), try #require(Int(found.2)))
        #expect(saved + lost == 401 && lost >= 3 && lost <= 15, "\(done.output)")

        let next = try await RunningDaemon(data: data.url, media: data.url)
        #expect(try await next.request("GET", "/6/healthcheck").0 == 200)
        #expect(try await next.text("/metrics", accept: "*/*").contains("\nsightline_database_damaged 0.0\n"))
        #expect(await next.terminate() == 0)
        // What is whole stays.
        let whole = try Data(contentsOf: file)
        let left = try await recover()
        #expect(left.status == 0 && left.output == "Nothing is damaged; the database is as it was.\n", "\(left.error)")
        #expect(try Data(contentsOf: file) == whole)
    }

    @Test func whereThereIsNothingToRecoverASentenceSaysSo() async throws {
        let absent = try await recover()
        #expect(absent.status == 1 && absent.error.contains("There is no database \(file.path)"))
        let server = try await recover(environment: ["SIGHTLINE_DATABASE": "postgres://sightline@127.0.0.1:1/events"])
        #expect(server.status == 1 && server.error.contains("names a server, whose files are its own"))
        #expect(!FileManager.default.fileExists(atPath: data.url.path))
    }
}
