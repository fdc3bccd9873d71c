import Foundation
import JSON
import KeepSupport
import Testing

/// The whole daemon when its database is deleted under it.
@Suite(.timeLimit(.minutes(30))) struct LostDatabaseTests {
    private static func until(_ isTrue: () async throws -> Bool) async throws {
        while try await !isTrue() { try await Task.sleep(for: .milliseconds(100)) }
    }

    @Test func itIsMissedAndTheFirstAccountIsKept() async throws {
        let data = TemporaryDirectory()
        let daemon = try await RunningDaemon(data: data.url, media: data.url)
        let initial = data.url.appending(path: "initial-account.json"), first = try Data(contentsOf: initial)
        for ending in ["", "-wal", "-shm"] {
            try FileManager.default.removeItem(at: data.url.appending(path: "sightline.sqlite\(ending)"))
        }
        let (status, health) = try await daemon.request("GET", "/6/healthcheck")
        #expect(status == 502)
        #expect(
            health["errors"]?.array?.first?["error"]?["detail"]
                == "GET:database:the database does not answer: its file was replaced or deleted")
        #expect(try await daemon.request("GET", "/6/streams").0 == 503)
        // Without anybody's asking.
        try await Self.until {
            try String(contentsOf: daemon.log, encoding: .utf8).contains("Streams cannot be supervised")
        }
        #expect(await daemon.terminate() == 0)

        let next = try await RunningDaemon(data: data.url, media: data.url)
        #expect(try Data(contentsOf: initial.appendingPathExtension("1")) == first)
        #expect(next.login != daemon.login)
        #expect(try await next.request("GET", "/6/streams").0 == 200)
        #expect(await next.terminate() == 0)
        // The file alone is the whole database.
        let log = data.url.appending(path: "sightline.sqlite-wal")
        #expect(((try? Data(contentsOf: log)) ?? Data()).isEmpty)
    }
}
