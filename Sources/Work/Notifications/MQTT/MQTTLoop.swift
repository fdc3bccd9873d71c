import CMosquitto
import Foundation

/// Moves what a client of libmosquitto reads and writes, on one thread. `mosquitto_loop` would do so with `select`, which knows no
/// descriptor from 1024 on, and a daemon has more of them.
///
/// The client must be told by `mosquitto_threaded_set` that it has a thread of its own.
final class MQTTLoop: Sendable {
    /// Wakes the thread up.
    private let bell: Int32

    /// `nil` when the process has no descriptor left.
    init?() {
        bell = sightline_make_bell()
        if bell < 0 { return nil }
    }
    deinit { Foundation.close(bell) }

    /// There is something to write, or the thread is to look whether it ends.
    func ring() {
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    /// Returns when the connection is over or `goesOn` says so, which is asked at least once a second. Blocks.
    func run(_ client: OpaquePointer, while goesOn: () -> Bool) {
        let success = Int32(MOSQ_ERR_SUCCESS.rawValue)
        // The client, and the bell.
        let ends = UnsafeMutablePointer<pollfd>.allocate(capacity: 2)
        defer { ends.deallocate() }
        ends[1] = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        while goesOn() {
            let socket = mosquitto_socket(client)
            guard socket >= 0 else { return }
            let writing = mosquitto_want_write(client) ? POLLOUT : 0
            ends[0] = pollfd(fd: socket, events: Int16(POLLIN | writing), revents: 0)
            guard poll(ends, 2, 1000) >= 0 || errno == EINTR else { return }
            if ends[1].revents != 0 {
                var count: UInt64 = 0
                _ = read(bell, &count, 8)
            }
            if ends[0].revents & Int16(POLLIN | POLLERR | POLLHUP) != 0, mosquitto_loop_read(client, 1) != success {
                return
            }
            if mosquitto_want_write(client), mosquitto_loop_write(client, 1) != success { return }
            if mosquitto_loop_misc(client) != success { return }
        }
        // Such as the farewell.
        if mosquitto_want_write(client) { mosquitto_loop_write(client, 1) }
    }
}
