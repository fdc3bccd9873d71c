import Glibc

/// Connections whose descriptor is handed on.
package enum SocketConnection {
    /// Why one was not made, as the system numbers it.
    package struct Failure: Error { package let number: Int32 }
    /// How often it is asked whether to go on.
    private static let look: Int32 = 100  // ms

    /// Connects to `address`, which has been checked. Blocks while `goesOn`.
    /// - Returns: a descriptor that is the caller's, and blocks.
    package static func open(
        to address: NetworkAddress, port: UInt16, while goesOn: () -> Bool
    ) -> Result<Int32, Failure> {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.bytes.count == 4 ? AF_INET : AF_INET6, type, 0)
        guard descriptor >= 0 else { return .failure(Failure(number: errno)) }
        func failed(_ number: Int32) -> Result<Int32, Failure> {
            close(descriptor)
            return .failure(Failure(number: number))
        }
        if SocketEnd.connect(descriptor, to: address, port: port) != 0 {
            guard errno == EINPROGRESS else { return failed(errno) }
            var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            while poll(&event, 1, look) <= 0 {
                guard goesOn() else { return failed(ETIMEDOUT) }
            }
            var failure: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 else { return failed(errno) }
            guard failure == 0 else { return failed(failure) }
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return .success(descriptor)
    }
}

extension CheckingProxy {
    /// A connection to this proxy.
    package func connection() -> Result<Int32, SocketConnection.Failure> {
        SocketConnection.open(to: NetworkAddress("127.0.0.1")!, port: UInt16(port)) { true }
    }
}
