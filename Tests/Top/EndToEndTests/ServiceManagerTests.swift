import Foundation
import ProcessSupport
import Testing

/// What systemd is told by a daemon that it has started.
struct ServiceManagerTests {
    /// The socket of a manager.
    private final class Manager: Sendable {
        let path: String
        private let socket: Int32
        init() throws {
            let path = "/tmp/sightline-\(UUID().uuidString.prefix(8)).notify"
            let socket = Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
            (self.path, self.socket) = (path, socket)
        }
        deinit {
            close(socket)
            unlink(path)
        }
        /// The next that is said; waits for it on a thread of its own.
        func next() async -> [Substring] {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { [socket] in
                    var bytes = [UInt8](repeating: 0, count: 4096)
                    let count = max(recv(socket, &bytes, bytes.count, 0), 0)
                    continuation.resume(
                        returning: String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n"))
                }
            }
        }
    }

    @Test func itIsToldWhenTheDaemonIsReadyThatItLivesAndThatItEnds() async throws {
        let manager = try Manager(), folder = TemporaryFolder()
        let daemon = try await RunningDaemon(
            data: folder.url, media: folder.url,
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000", "JOURNAL_STREAM": "8:1"])
        var signs = 0, isReady = false
        while signs < 5 || !isReady {
            let said = await manager.next()
            if said == ["WATCHDOG=1"] { signs += 1 }
            if said.first == "READY=1" {
                isReady = true
                #expect(said.last == "STATUS=Listening on port \(daemon.base.split(separator: ":").last!)")
                #expect(try await daemon.request("GET", "/6/healthcheck").0 < 500)
            }
        }
        daemon.process.send(signal: SIGTERM)
        while await manager.next() != ["STOPPING=1"] {}
        #expect(await daemon.terminate() == 0)
    }
}
