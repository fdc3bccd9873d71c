import Foundation
import JSON
import KeepSupport
import Testing

/// `sightline store backup` and `sightline store restore`, as an operator runs them.
@Suite(.timeLimit(.minutes(10))) struct StoreCommandTests {
    private let data = TemporaryDirectory(), other = TemporaryDirectory(), place = TemporaryFolder()
    private var folder: URL { place.url.appending(path: "backup") }

    private func store(
        _ command: String, _ folder: URL, data: URL, environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        try await Program.run(
            "sightline", ["store", command, folder.path, "--data-dir", data.path], environment: environment)
    }
    private static let stream: JSONValue = [
        "data": ["type": "stream", "reference": "rtsp://127.0.0.1:1/none"],
        "analytics": [["analytic_name": "people_count"]], "autorestart": ["restart": 0],
    ]

    @Test func aBackupOfARunningDaemonIsAnotherDaemon() async throws {
        let daemon = try await RunningDaemon(
            data: data.url, media: data.url, environment: ["SIGHTLINE_MEDIA_ALLOW_LOOPBACK": "1"])
        let stream = try #require(
            try await daemon.request("POST", "/6/streams", Self.stream).1["stream_id"]?.string)
        let made = try await store("backup", folder, data: data.url)
        #expect(
            made.status == 0
                && made.output.hasPrefix(
                    "\(folder.path) holds 1 accounts, 1 streams, 0 events and 0 objects of 0 bytes.\nIts secrets"),
            "\(made.output)\(made.error)")
        let again = try await store("backup", folder, data: data.url)
        #expect(again.status == 1 && again.error.contains("There is a \(folder.path) already"))
        let beside = try await store("restore", folder, data: data.url)
        #expect(beside.status == 1 && beside.error.contains("is in use by another Sightline process"))
        #expect(await daemon.terminate() == 0)

        let keyless = try await store("restore", folder, data: other.url)
        #expect(
            keyless.status == 1 && keyless.error.contains("which lay in \(data.url.path).key, but the key file"),
            "\(keyless.error)")
        #expect(!FileManager.default.fileExists(atPath: other.url.path))
        let key = ["SIGHTLINE_KEY_FILE": data.url.path + ".key"]
        let done = try await store("restore", folder, data: other.url, environment: key)
        #expect(
            done.status == 0 && done.output.hasPrefix("\(other.url.path) holds 1 accounts, 1 streams, 0 events"),
            "\(done.output)\(done.error)")
        // The account's password is the one from before; the file with it is no part of a backup.
        try FileManager.default.copyItem(
            at: data.url.appending(path: "initial-account.json"), to: other.url.appending(path: "initial-account.json"))
        let next = try await RunningDaemon(data: other.url, media: data.url, environment: key)
        #expect(try await next.request("GET", "/6/streams/\(stream)").0 == 200)
        #expect(await next.terminate() == 0)
    }

    @Test func whereNoDatabaseIsThereIsNoBackup() async throws {
        let outcome = try await store("backup", folder, data: data.url)
        #expect(outcome.status == 1 && outcome.error.contains("There is no database \(data.url.path)/"))
        let empty = try await store("restore", place.url, data: data.url)
        #expect(empty.status == 1 && empty.error.contains("is no backup that can be read: it has no manifest.json"))
        #expect(!FileManager.default.fileExists(atPath: data.url.path))
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.url.path) == [])
    }
}
