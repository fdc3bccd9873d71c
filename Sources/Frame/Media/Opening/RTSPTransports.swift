package import Addresses
import Synchronization

/// How RTSP carries the packets of one source, as FFmpeg calls it.
package enum RTSPWay: String, Codable, Sendable {
    case tcp, udp, http
    /// FFmpeg itself asks for TCP where UDP is refused or brings nothing.
    case udpElseTCP = "udp+tcp"

    package var isOverUDP: Bool { self == .udp || self == .udpElseTCP }
    /// Connections to the camera that it takes at most: two of HTTP, each of which may be asked for a login first.
    package var connections: Int { self == .http ? 4 : 1 }
}

/// Cameras that take packets over UDP alone, so that the next opening begins with that. Shared by all sources of an opener.
package final class RTSPTransports: Sendable {
    package struct Server: Hashable, Sendable {
        let address: NetworkAddress
        let port: UInt16
        package init(_ address: NetworkAddress, _ port: UInt16) { (self.address, self.port) = (address, port) }
    }
    /// More are forgotten, the oldest first: they are found out again.
    package static let capacity = 1024
    private let servers = Mutex<[Server]>([])

    package init() {}

    package func takesUDPAlone(_ server: Server) -> Bool { servers.withLock { $0.contains(server) } }

    /// A source of `server` was opened that way, after those before had been refused.
    package func opened(_ server: Server, by way: RTSPWay) {
        servers.withLock { servers in
            switch way {
            case .udp where !servers.contains(server):
                if servers.count >= Self.capacity { servers.removeFirst() }
                servers.append(server)
            case .tcp: servers.removeAll { $0 == server }
            case .udp, .udpElseTCP, .http: break
            }
        }
    }
}

extension MediaConfiguration {
    /// The ways to a camera at `server`, in the order in which they are tried: the next where the camera takes not the one before.
    /// Over UDP only those are asked whom the operator named.
    func rtspWays(to server: RTSPTransports.Server, known: RTSPTransports) -> [RTSPWay] {
        let mayUseUDP = network.names(server.address)
        switch rtspTransport {
        case .tcp: return [.tcp]
        case .http: return [.http]
        case .udp: return [mayUseUDP ? .udpElseTCP : .tcp]
        case .auto where !mayUseUDP: return [.tcp]
        case .auto: return known.takesUDPAlone(server) ? [.udpElseTCP] : [.tcp, .udp]
        }
    }
}
