import Addresses
import Foundation
import Glibc
import Synchronization

/// Sends the probe, and hears who answers.
struct ProbeSocket: Sendable {
    /// WS-Discovery over IPv4.
    static let group = "239.255.255.250"
    static let port = 3702
    /// Of answers that are kept, and of those from one address: one that talks much leaves room for others.
    static let answerLimit = 256
    static let answerLimitOfOne = 16

    struct Target: Hashable, Sendable {
        let address: String
        let port: Int
        /// The address of the interface that it is sent on; `nil`: as the system would.
        let interface: String?
    }
    struct Answer: Sendable {
        let address: String
        let bytes: [UInt8]
    }

    /// Interfaces that are up and have an IPv4 address.
    private static var interfaces: [(name: String, address: String, multicasts: Bool)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(name: String, address: String, multicasts: Bool)] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, Int32(address.pointee.sa_family) == AF_INET,
                entry.ifa_flags & UInt32(IFF_UP) != 0
            else { continue }
            let text = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Self.text(of: $0.pointee) }
            found.append((String(cString: entry.ifa_name), text, entry.ifa_flags & UInt32(IFF_MULTICAST) != 0))
        }
        return found
    }
    /// The group, on the interfaces that are named by name or address; on all that multicast when `nil`.
    static func targets(on names: [String]?, port: Int) throws(CameraSearchError) -> [Target] {
        let interfaces = interfaces
        guard let names else {
            return interfaces.filter(\.multicasts).map { Target(address: group, port: port, interface: $0.address) }
        }
        var targets: [Target] = []
        for name in names {
            let named = interfaces.filter { $0.name == name || $0.address == name }
            guard !named.isEmpty else {
                throw CameraSearchError(
                    part: .interfaces, description: "No network interface '\(name)' is up and has an IPv4 address")
            }
            targets += named.map { Target(address: group, port: port, interface: $0.address) }
        }
        return targets
    }

    /// Asks everyone, and hears answers for `wait`. Whoever is cancelled waits no longer.
    /// - Returns: the answers, and whether they are all.
    static func ask(_ probe: [UInt8], _ targets: [Target], for wait: Duration) async -> (answers: [Answer], all: Bool) {
        let isCancelled = Flag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: converse(probe, targets, for: wait) { isCancelled.isSet })
                }
            }
        } onCancel: {
            isCancelled.set()
        }
    }
    private final class Flag: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }

    private static func converse(
        _ probe: [UInt8], _ targets: [Target], for wait: Duration, isCancelled: () -> Bool
    ) -> ([Answer], Bool) {
        let sockets = targets.compactMap { target in open(on: target.interface).map { (descriptor: $0, target) } }
        defer { for socket in sockets { close(socket.descriptor) } }
        var polled = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var answers: [Answer] = [], all = sockets.count == targets.count, counts: [String: Int] = [:]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let begin = ContinuousClock.now, end = begin + wait
        // Packets get lost, so it is sent twice, as SOAP over UDP has it; the second under the same id.
        var sendings = [begin, begin + min(.milliseconds(200), wait / 2)][...]
        while ContinuousClock.now < end, !isCancelled() {
            if let next = sendings.first, ContinuousClock.now >= next {
                sendings.removeFirst()
                for (descriptor, target) in sockets { send(probe, to: target, over: descriptor) }
            }
            guard poll(&polled, nfds_t(polled.count), 50) > 0 else { continue }
            for entry in polled where entry.revents != 0 {
                var sender = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let count = withUnsafeMutablePointer(to: &sender) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(entry.fd, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
                    }
                }
                guard count >= 0 else { continue }
                let answer = Answer(address: text(of: sender), bytes: Array(buffer[..<count]))
                // The second probe is answered, too.
                guard !answers.contains(where: { $0.address == answer.address && $0.bytes == answer.bytes }) else {
                    continue
                }
                counts[answer.address, default: 0] += 1
                guard counts[answer.address, default: 0] <= answerLimitOfOne, answers.count < answerLimit else {
                    all = false
                    continue
                }
                answers.append(answer)
            }
        }
        return (answers, all)
    }

    private static func open(on interface: String?) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = inet(interface ?? "0.0.0.0", port: 0)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if interface != nil {
            // Not beyond the network that it is on; cameras that are simulated on this machine hear it, too.
            var hops = UInt8(1), loops = UInt8(1)
            setsockopt(
                descriptor, Int32(IPPROTO_IP), IP_MULTICAST_IF, &address.sin_addr,
                socklen_t(MemoryLayout<in_addr>.size))
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_TTL, &hops, 1)
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_LOOP, &loops, 1)
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
    private static func send(_ probe: [UInt8], to target: Target, over descriptor: Int32) {
        var address = inet(target.address, port: target.port)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(
                    descriptor, probe, probe.count, Int32(MSG_DONTWAIT), $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func inet(_ text: String, port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        return address
    }
    private static func text(of address: sockaddr_in) -> String {
        withUnsafeBytes(of: address.sin_addr) { $0.map { "\($0)" }.joined(separator: ".") }
    }
}
