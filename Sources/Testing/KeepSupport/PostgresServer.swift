public import Foundation
import Synchronization

/// A PostgreSQL server of a test's own, in a temporary folder, reached through a socket in it.
///
/// It ends with the process that started it, however that ends: a shell holds it, and ends it when its own input is closed.
public final class PostgresServer: Sendable {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// One for all tests of a process, started by the first that asks.
    public static let shared = Result { try PostgresServer() }

    private let folder: URL
    private let binaries: URL
    private let counter = Atomic(0)
    private let keeper = Mutex<Keeper?>(nil)
    private struct Keeper: @unchecked Sendable {
        let process: Process
        let input: Pipe
    }

    public init() throws {
        guard let binaries = Self.findBinaries() else {
            throw Missing(description: "PostgreSQL is not installed; scripts/setup installs it")
        }
        self.binaries = binaries
        folder = URL(fileURLWithPath: "/tmp/sightline-pg-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if Self.isRoot { try Self.run("/bin/chown", ["postgres", folder.path]) }
        try Self.run(
            "/bin/sh",
            [
                "-c",
                "\(Self.asUser) '\(binaries.path)/initdb' -D '\(folder.path)/data' -U sightline --auth=trust "
                    + "-E UTF8 --locale=C -N >'\(folder.path)/initdb.log' 2>&1",
            ])
        try start()
    }

    /// The server refuses to run as root.
    private static var isRoot: Bool { geteuid() == 0 }
    private static var asUser: String { isRoot ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : "exec" }

    private static func findBinaries() -> URL? {
        let root = URL(fileURLWithPath: "/usr/lib/postgresql")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return versions.compactMap { Int($0) }.sorted().last.map { root.appending(path: "\($0)/bin") }
    }

    /// Starts it again after `stop`. Returns when it takes connections.
    public func start() throws {
        let process = Process(), input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let control = "\(Self.isRoot ? Self.asUser : "") '\(binaries.path)/pg_ctl' -D '\(folder.path)/data' -w -t 30"
        let options =
            "-k \(folder.path) -c listen_addresses= -c max_connections=400 -c fsync=off -c shared_buffers=32MB"
        // Whoever started this holds the other end of the input; when nobody does any more, `read` returns.
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP
            \(control) -l '\(folder.path)/log' -o '\(options)' start >/dev/null 2>&1 </dev/null
            how=end
            read -r how || how=end
            mode=fast
            [ "$how" = kill ] && mode=immediate
            \(control) -m $mode stop >/dev/null 2>&1 </dev/null
            [ "$how" = end ] && rm -rf '\(folder.path)'
            exit 0
            """,
        ]
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        keeper.withLock { $0 = Keeper(process: process, input: input) }
        for _ in 0..<600 where !isReady { Thread.sleep(forTimeInterval: 0.05) }
        guard isReady else { throw Missing(description: "PostgreSQL did not start; see \(folder.path)/log") }
    }
    private var isReady: Bool {
        (try? Self.run("\(binaries.path)/pg_isready", ["-q", "-h", folder.path, "-U", "sightline"])) != nil
    }

    /// Ends the server in good order, or as if it had been killed. Its data stay.
    public func stop(brutally: Bool = false) {
        end(brutally ? "kill" : "stop")
    }
    /// Ends the server and removes its folder.
    public func remove() { end("end") }
    private func end(_ how: String) {
        guard
            let keeper = keeper.withLock({ keeper in
                defer { keeper = nil }
                return keeper
            })
        else { return }
        keeper.input.fileHandleForWriting.write(Data("\(how)\n".utf8))
        keeper.process.waitUntilExit()
    }

    /// The address of a new, empty database.
    public func newDatabase() throws -> String {
        let name = "test\(counter.add(1, ordering: .relaxed).newValue)"
        try execute("CREATE DATABASE \(name) TEMPLATE template0", in: "postgres")
        return url(of: name)
    }
    public func url(of database: String) -> String {
        "postgres://sightline@/\(database)?host=\(folder.path.replacing("/", with: "%2F"))"
    }
    /// Runs a statement as an operator would.
    @discardableResult
    public func execute(_ sql: String, in database: String) throws -> String {
        try Self.run(
            "\(binaries.path)/psql", ["-qAtX", "-h", folder.path, "-U", "sightline", "-d", database, "-c", sql])
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Missing(description: "\(program) \(arguments.joined(separator: " ")) failed")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
