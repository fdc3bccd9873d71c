import Glibc
import Synchronization

/// Packets of a camera on their way over UDP to whom a SETUP names, which may get lost or overtake one another.
final class DatagramSender: Sendable {
    private let descriptor: Int32
    private let client: (packets: UInt16, reports: UInt16)
    /// Where they come from.
    let port: UInt16
    private let script: RTSPCamera.Script
    private struct State {
        var number = 0
        var overtaken: [UInt8]?
    }
    private let state = Mutex(State())

    /// `nil` where `request` names no ports.
    init?(_ request: String, _ script: RTSPCamera.Script) {
        guard let range = request.firstRange(of: "client_port=") else { return nil }
        let ports = request[range.upperBound...].prefix { $0.isNumber || $0 == "-" }.split(separator: "-").compactMap {
            UInt16($0)
        }
        guard ports.count == 2 else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard let port = Self.bind(descriptor) else {
            close(descriptor)
            return nil
        }
        (self.descriptor, client, self.port, self.script) = (descriptor, (ports[0], ports[1]), port, script)
    }
    deinit { close(descriptor) }

    /// - Parameter channel: 0 for packets, 1 for reports.
    func send(_ packet: [UInt8], _ channel: UInt8) -> Bool {
        guard channel == 0 else { return send(packet, to: client.reports) }
        let due = state.withLock { state -> [[UInt8]] in
            defer { state.number += 1 }
            if script.loses(state.number) { return [] }
            if state.overtaken == nil, script.delays(state.number) {
                state.overtaken = packet
                return []
            }
            defer { state.overtaken = nil }
            return [packet] + [state.overtaken].compactMap { $0 }
        }
        return due.allSatisfy { send($0, to: client.packets) }
    }

    private func send(_ packet: [UInt8], to port: UInt16) -> Bool {
        Self.withLoopback(port) { sendto(descriptor, packet, packet.count, 0, $0, $1) } == packet.count
    }
    private static func bind(_ descriptor: Int32) -> UInt16? {
        guard withLoopback(0, { Glibc.bind(descriptor, $0, $1) }) == 0 else { return nil }
        var name = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return found == 0 ? UInt16(bigEndian: name.sin_port) : nil
    }
    private static func withLoopback<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
