import Glibc

/// One end of a TCP connection, or a listening socket; closed with its last owner. Its calls block, so they belong on a
/// thread.
final class SocketEnd: Sendable {
    private let descriptor: Int32
    private init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    /// Listens on a free port of the loopback interface. `nil` when the system refuses.
    static func listening() -> (SocketEnd, port: Int)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let end = SocketEnd(descriptor: descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { return nil }
        return (end, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Waits for a connection; `nil` when `stop` became readable.
    func accept(unless stop: Int32) -> SocketEnd? {
        guard wait(for: Int16(POLLIN), unless: stop) else { return nil }
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return SocketEnd(descriptor: connection)
    }

    /// Connects to `address`, for ten seconds at most; `nil` when that fails or `stop` became readable.
    static func connected(to address: NetworkAddress, port: UInt16, unless stop: Int32) -> SocketEnd? {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.bytes.count == 4 ? AF_INET : AF_INET6, type, 0)
        guard descriptor >= 0 else { return nil }
        let end = SocketEnd(descriptor: descriptor)
        if connect(descriptor, to: address, port: port) != 0 {
            guard errno == EINPROGRESS, end.wait(for: Int16(POLLOUT), unless: stop, milliseconds: 10_000) else {
                return nil
            }
            var failure: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0 else { return nil }
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return end
    }

    /// As connect(2) has it.
    static func connect(_ descriptor: Int32, to address: NetworkAddress, port: UInt16) -> Int32 {
        withName(of: address, port) { Glibc.connect(descriptor, $0, $1) }
    }
    /// As bind(2) has it.
    static func bind(_ descriptor: Int32, to address: NetworkAddress, port: UInt16) -> Int32 {
        withName(of: address, port) { Glibc.bind(descriptor, $0, $1) }
    }
    private static func withName(
        of address: NetworkAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        func call<Name>(_ name: Name) -> Int32 {
            withUnsafePointer(to: name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Name>.size)) }
            }
        }
        if address.bytes.count == 4 {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address.bytes) }
            return call(name)
        }
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: address.bytes) }
        return call(name)
    }

    /// Bytes up to and with the empty line that ends an HTTP head; what was read past it is part of the result.
    /// `nil` when none comes, when it is longer than `limit`, or when `stop` became readable.
    func readHead(limit: Int, unless stop: Int32) -> (head: [UInt8], rest: [UInt8])? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            guard wait(for: Int16(POLLIN), unless: stop) else { return nil }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                return (Array(bytes[..<end.upperBound]), Array(bytes[end.upperBound...]))
            }
        }
        return nil
    }

    /// Sends all of `bytes`; false when the other side is gone.
    @discardableResult
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let flags = Int32(MSG_NOSIGNAL)
            let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { send($0) } }

    /// Carries bytes both ways until the client `a` has ended, one is gone, or `stop` became readable.
    static func join(_ a: SocketEnd, _ b: SocketEnd, unless stop: Int32) {
        var isOpen = true
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { chunk.deallocate() }
        /// Moves what is there; false at the end.
        func move(_ from: SocketEnd, _ to: SocketEnd) -> Bool {
            let count = recv(from.descriptor, chunk.baseAddress, chunk.count, 0)
            guard count > 0 else {
                shutdown(to.descriptor, Int32(SHUT_WR))
                return false
            }
            return to.send(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
        while true {
            var events = [
                pollfd(fd: a.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? b.descriptor : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, nfds_t(events.count), -1) > 0, events[2].revents == 0 else { return }
            // A client that has ended reads no more either, and servers keep connections open as long as they like.
            if events[0].revents != 0, !move(a, b) { return }
            if events[1].revents != 0 { isOpen = move(b, a) }
        }
    }

    private func wait(for event: Int16, unless stop: Int32, milliseconds: Int32 = -1) -> Bool {
        var events = [
            pollfd(fd: descriptor, events: event, revents: 0),
            pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&events, nfds_t(events.count), milliseconds) > 0 && events[1].revents == 0
    }
}
