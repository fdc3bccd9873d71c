import Foundation
import Glibc

/// A TCP socket that listens on the loopback interface, at a port that the system chooses. Closed with its last owner: a thread
/// that still accepts may not find another's socket under the same number.
public final class LoopbackListener: Sendable {
    public let descriptor: Int32
    public let port: Int

    public init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0)
                getsockname(descriptor, $0, &length)
            }
        }
        (self.descriptor, port) = (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
    deinit { close(descriptor) }

    /// The next connection; `nil` once the listener is stopped. Blocks.
    public func next() -> Int32? {
        let connection = accept(descriptor, nil, nil)
        return connection >= 0 ? connection : nil
    }
    /// Refuses and ends whoever waits in `next()`.
    public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
