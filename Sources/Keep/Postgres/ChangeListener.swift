import Foundation
import Records
import Synchronization

/// Hears what commits have changed and passes it on, on a thread of its own. Each time that it begins to hear it says that
/// anything may have changed before.
final class ChangeListener: Sendable {
    /// Between two attempts to reach the server, in milliseconds.
    private static let pause: Int32 = 250
    private static let patienceAtEnd = DispatchTimeInterval.seconds(1)

    private let address: PostgresAddress
    private let changes: ChangeFeed
    /// Readable once `stop` was called.
    private let stopReader: Int32
    private let stopWriter: Mutex<Int32?>
    private let end = DispatchSemaphore(value: 0)

    init(_ address: PostgresAddress, changes: ChangeFeed) {
        (self.address, self.changes) = (address, changes)
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "the system gives no pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopReader = ends[0]
        stopWriter = Mutex(ends[1])
    }
    deinit {
        stopWriter.withLock { if let writer = $0 { _ = Glibc.close(writer) } }
        _ = Glibc.close(stopReader)
    }

    func start() {
        Thread.detachNewThread { [self] in
            run()
            end.signal()
        }
    }
    /// Ends the thread. Waits for it, but not when it waits for a server itself; it will say nothing more.
    func stop() {
        let isFirst = stopWriter.withLock { writer in
            defer { writer = nil }
            return writer.map { Glibc.close($0) } != nil
        }
        if isFirst { _ = end.wait(timeout: .now() + Self.patienceAtEnd) }
    }

    private func run() {
        repeat {
            guard let connection = try? PostgresConnection(address),
                (try? connection.run("LISTEN \(ChangeMessage.channel)")) != nil
            else { continue }
            tell([.everything])
            listen(on: connection)
        } while !isStopped(within: Self.pause)
    }
    /// Returns when the connection is lost or `stop` was called.
    private func listen(on connection: PostgresConnection) {
        repeat {
            guard let texts = try? connection.notifications() else { return }
            tell(texts.reduce(into: []) { $0.formUnion(ChangeMessage.changes($1)) })
        } while !isStopped(within: -1, orReadable: connection.socket)
    }
    private func tell(_ changed: Set<Change>) {
        if !isStopped(within: 0) { changes.yield(changed) }
    }

    /// Returns when the time is over, there is something to read, or `stop` was called.
    /// - Parameter milliseconds: -1 for no end.
    private func isStopped(within milliseconds: Int32, orReadable socket: Int32 = -1) -> Bool {
        var events = [
            pollfd(fd: stopReader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&events, nfds_t(events.count), milliseconds) > 0 && events[0].revents != 0
    }
}
