import Foundation
import ProcessSupport
import Synchronization

/// A PostgreSQL server of a test's own, in a temporary folder, reached through a socket in it: what `scripts/lib/postgres` starts.
///
/// It ends with the process that started it, however that ends.
public final class PostgresServer: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// One for all tests of a process, started by the first that asks.
    public static let shared = Result { try PostgresServer() }

    /// Of an empty database, through the socket.
    public let url: String
    /// Where it listens at 127.0.0.1, too, if it does.
    public let port: UInt16?
    private let databaseCount = Atomic(0)
    private let keeper: Mutex<Keeper>

    /// Returns when it takes connections.
    /// - Parameter password: of the role `sightline` at `port`; `nil` for a server that is reached through its socket alone.
    public init(password: String? = nil) throws {
        port = try password.map { _ in try Self.freePort() }
        var arguments: [String] = []
        if let port, let password { arguments = ["--port", "\(port)", "--password", password] }
        var keeper = try Keeper(arguments)
        url = try keeper.line()
        self.keeper = Mutex(keeper)
    }
    deinit { keeper.withLock { $0.end() } }

    /// Ends it in good order or, `brutally`, as a power failure would. Its data stay.
    public func stop(brutally: Bool = false) {
        // Nobody can go on when a server does not even end.
        keeper.withLock { _ = try! $0.ask(brutally ? "kill" : "stop") }
    }
    /// Starts it again. Returns when it takes connections.
    public func start() throws { _ = try keeper.withLock { try $0.ask("start") } }

    /// Lets it stand still, connections and all, until `resume`.
    public func pause() throws { _ = try keeper.withLock { try $0.ask("pause") } }
    public func resume() throws { _ = try keeper.withLock { try $0.ask("resume") } }

    /// The address of a new, empty database.
    public func newDatabase() throws -> String {
        let name = "test\(databaseCount.add(1, ordering: .relaxed).newValue)"
        try execute("CREATE DATABASE \(name) TEMPLATE template0")
        return url(of: name)
    }
    public func url(of database: String) -> String { url.replacing("/sightline?", with: "/\(database)?") }
    /// Runs a statement as an operator would.
    /// - Returns: what it answers, a line for each row, columns separated by `|`.
    @discardableResult
    public func execute(_ sql: String, in database: String = "postgres") throws -> String {
        let statement = sql.split(whereSeparator: \.isNewline).joined(separator: " ")
        return try keeper.withLock { try $0.ask("in \(database) \(statement)") }
    }

    /// One that nobody else is likely to take before the server does.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) | getsockname(descriptor, address, &size)
            }
        }
        guard status == 0 else { throw Failure(description: "no port is free") }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// The script that holds a server, and the talk with it.
private struct Keeper: ~Copyable {
    private let process: ChildProcess
    private let talk: FileHandle

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw PostgresServer.Failure(description: "the system gives no socket")
        }
        let own = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let end = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let program = root.appending(path: "scripts/lib/postgres").path
        (process, talk) = (try ChildProcess([program] + arguments, input: end, output: end), own)
    }

    /// - Returns: the lines of the answer.
    @discardableResult
    mutating func ask(_ command: String) throws -> String {
        try talk.write(contentsOf: Data("\(command)\n".utf8))
        var lines: [String] = []
        while true {
            let line = try line()
            if line == "done" { return lines.joined(separator: "\n") }
            if line == "failed" { throw PostgresServer.Failure(description: "'\(command)' failed") }
            lines.append(line)
        }
    }
    mutating func line() throws -> String {
        var line: [UInt8] = []
        while let byte = try talk.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw PostgresServer.Failure(description: "PostgreSQL does not run; the reason stands above")
    }
    /// Returns when nothing is left.
    mutating func end() {
        try? talk.close()
        _ = process.waitForEnd()
    }
}
