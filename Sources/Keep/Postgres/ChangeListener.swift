import CPQ
import Foundation
import Glibc
import Records
import SQL
import Synchronization

/// Hears what commits have changed and passes it on, on a thread of its own. After each time that it could not hear it says that
/// anything may have changed.
final class ChangeListener: Sendable {
    /// Between two attempts to reach the server, in milliseconds.
    private static let pause: Int32 = 1000

    private let address: PostgresAddress
    private let changes: ChangeFeed
    /// Readable once `stop` was called.
    private let stopReader: Int32
    private let stopWriter: Mutex<Int32?>

    init(_ address: PostgresAddress, changes: ChangeFeed) {
        (self.address, self.changes) = (address, changes)
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "the system gives no pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopReader = ends[0]
        stopWriter = Mutex(ends[1])
    }
    deinit {
        stop()
        close(stopReader)
    }

    func start() { Thread.detachNewThread { [self] in run() } }
    func stop() {
        stopWriter.withLock { writer in
            if let writer { close(writer) }
            writer = nil
        }
    }

    private func run() {
        var isFirst = true
        repeat {
            guard let connection = try? PostgresConnection(address),
                (try? connection.run("LISTEN \(ChangeMessage.channel)")) != nil
            else {
                isFirst = false
                continue
            }
            if !isFirst { changes.yield([.everything]) }
            isFirst = false
            while !waits(for: connection.socket, milliseconds: -1).isStopped {
                guard let texts = try? connection.notifications() else { break }
                changes.yield(texts.reduce(into: []) { $0.formUnion(ChangeMessage.changes($1)) })
            }
        } while !waits(for: -1, milliseconds: Self.pause).isStopped
    }

    /// Returns when there is something to read, the time is over, or `stop` was called.
    private func waits(for socket: Int32, milliseconds: Int32) -> (isStopped: Bool, isReady: Bool) {
        var events = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopReader, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&events, nfds_t(events.count), milliseconds)
        return (events[1].revents != 0, events[0].revents != 0)
    }
}
