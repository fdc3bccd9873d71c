public import Foundation
public import HTTPEdge
import JSON
public import LogSupport
import ServiceLifecycle

/// A listener that takes connections, of which everything that it logs is kept.
public struct RunningListener: Sendable {
    public let port: Int
    public let log: LogCollector
    public let metrics: RequestMetrics
    public let shutDown: @Sendable () async -> Void

    public func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: Data = Data()
    ) async throws -> Reply {
        try await RawConnection.open(port: port) { connection in
            var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            try await connection.write(Data("\(head)\r\n".utf8) + body)
            return try Reply(await connection.readToEnd())
        }
    }
    /// Sends bytes as they are and reads to the end of the connection.
    public func send(raw bytes: Data) async throws -> Reply {
        try await RawConnection.open(port: port) { connection in
            try await connection.write(bytes)
            return try Reply(await connection.readToEnd())
        }
    }
}

/// Runs `body` against a listener at a port that the system chooses, then shuts it down in good order.
public func withListener(
    _ doors: [Door], metrics: RequestMetrics = RequestMetrics(), identity: ServerIdentity? = nil,
    _ change: (inout ListenerConfiguration) -> Void = { _ in }, _ body: (RunningListener) async throws -> Void
) async throws {
    var configuration = ListenerConfiguration()
    configuration.port = 0
    // A busy machine is no slow client, and who waits for a message wants no ping before it.
    (configuration.headTimeout, configuration.pingInterval) = (.seconds(600), .seconds(600))
    change(&configuration)
    let log = LogCollector(), logger = log.logger
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let identity = try identity ?? ServerIdentity(configuration)
    let listener = HTTPListener(
        doors, configuration: configuration, metrics: metrics, identity: identity, logger: logger
    ) {
        port.yield($0)
    }
    let group = ServiceGroup(services: [listener], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        try await body(
            RunningListener(
                port: port, log: log, metrics: metrics, shutDown: { await group.triggerGracefulShutdown() }))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
