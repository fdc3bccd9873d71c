import Foundation
import JSON
import KeepSupport
import ProcessSupport
import Store
import Testing

/// `sightline store backup` and `sightline store restore`, as an operator runs them.
@Suite(.timeLimit(.minutes(30))) struct StoreCommandTests {
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

    // MARK: A restore into a server

    private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    /// A backup, an empty database, and what to give the command besides.
    private func beside() async throws -> (server: PostgresServer, database: String, environment: [String: String]) {
        let fixture = try await TemporaryStore(.postgres)
        _ = try await Backup(of: fixture.directory.url, database: fixture.database).make(at: folder)
        let key = place.url.appending(path: "key")
        try FileManager.default.copyItem(at: URL(filePath: fixture.directory.url.path + ".key"), to: key)
        let server = try PostgresServer.shared.get(), url = try server.newDatabase()
        let name = String(url.prefix { $0 != "?" }.split(separator: "/").last!)
        return (server, name, ["SIGHTLINE_DATABASE": url, "SIGHTLINE_KEY_FILE": key.path])
    }
    /// - Returns: where a shell's script is found before the real `pg_restore`.
    private func pathWithRestore(_ script: String) throws -> String {
        let bin = place.url.appending(path: "bin"), file = bin.appending(path: "pg_restore")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        try Data("#!/bin/sh\nPATH='\(Self.path)'\n\(script)\n".utf8).write(to: file)
        try #require(chmod(file.path, 0o700) == 0)
        return "\(bin.path):\(Self.path)"
    }
    private static func tables(of database: String, _ server: PostgresServer) throws -> Int? {
        let answer = try server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", in: database)
        return Int(answer.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    private static func comesTrue(_ isTrue: () throws -> Bool) async throws -> Bool {
        for _ in 0..<600 {
            if try isTrue() { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// Before `pg_restore` has done anything, and when all of it is done.
    @Test(arguments: [false, true]) func oneThatIsKilledBesideAServerBeginsAnew(isDone: Bool) async throws {
        let (server, database, environment) = try await beside()
        let mark = place.url.appending(path: "mark")
        let path = try pathWithRestore(
            """
            \(isDone ? "pg_restore \"$@\" || exit" : "")
            echo $$ >'\(mark.path).new' && mv '\(mark.path).new' '\(mark.path)'
            sleep 30
            exec pg_restore "$@"
            """)
        let killed = try Program.start(
            "sightline", ["store", "restore", folder.path, "--data-dir", data.url.path],
            environment: environment.merging(["PATH": path]) { $1 })
        #expect(try await Self.comesTrue { FileManager.default.fileExists(atPath: mark.path) })
        killed.send(signal: SIGKILL)
        let program = try String(contentsOf: mark, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        // Nothing stands there of one that is dead and buried by nobody.
        #expect(
            try await Self.comesTrue {
                ((try? Data(contentsOf: URL(filePath: "/proc/\(program)/cmdline"))) ?? Data()).isEmpty
            }, "the program has ended, too")
        #expect(try (Self.tables(of: database, server) == 0) != isDone)

        let daemon = try await Program.run(
            "sightline", ["serve", "--data-dir", data.url.path], environment: environment)
        #expect(daemon.status != 0 && daemon.error.contains("give 'sightline store restore' again"), "\(daemon.error)")
        let again = try await store("restore", folder, data: data.url, environment: environment)
        #expect(again.status == 0 && again.output.hasPrefix("\(data.url.path) holds 1 accounts"), "\(again.error)")
    }

    /// Of which each has another sentence, and nothing is left.
    @Test func aProgramThatFailsIsToldAndNothingIsLeft() async throws {
        let (server, database, environment) = try await beside()
        for (script, sentence) in [
            ("exit 127", "pg_restore is not installed; it comes with PostgreSQL's client"),
            ("exit 3", "pg_restore ended with status 3"), ("kill -KILL $$", "pg_restore was ended by signal 9"),
            ("echo one; echo two >&2; exit 1", "one; two"),
            ("yes no | head -c 300000 >&2; exit 1", "no; no; no"),
            (
                "[ \"$(readlink /proc/$$/fd/0)$SIGHTLINE_DATABASE$SIGHTLINE_KEY_FILE\" = /dev/null ] && exit 4",
                "ended with status 4"
            ),
        ] {
            let path = try pathWithRestore(script)
            let outcome = try await store(
                "restore", folder, data: data.url, environment: environment.merging(["PATH": path]) { $1 })
            #expect(outcome.status == 1 && outcome.error.contains(sentence), "\(script): \(outcome.error.prefix(200))")
            #expect(!FileManager.default.fileExists(atPath: data.url.path))
            #expect(try Self.tables(of: database, server) == 0)
        }
        let done = try await store("restore", folder, data: data.url, environment: environment)
        #expect(done.status == 0, "\(done.error)")
    }
}
