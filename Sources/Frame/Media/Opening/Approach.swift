package import Addresses
import Foundation
package import Frames
package import Records

/// What a source's content is read through, once it is decided that it may be. It needs no right to open a file and no name to look
/// up.
package enum Entrance: Codable, Sendable {
    /// A file that was opened; its name tells something of what is in it.
    case file(name: String)
    /// All connections go to the proxy at a loopback address.
    case http(address: String, proxy: String)
    /// The host is the address that was checked. The first of the ways is taken that the camera takes, too; there is one at least.
    case rtsp(address: String, ways: [RTSPWay])
    /// As with `rtsp`.
    case rtmp(address: String)
    /// Packets with MPEG-TS come to the socket that was opened.
    case datagrams(isRTP: Bool)
    /// The same, handed over by a thread of the daemon's until nothing follows.
    case handedPackets
    /// A camera of this machine.
    case device(path: String)
    /// To be fetched through the proxy into the file that was opened, and read from there.
    case download(address: String, proxy: String)
}

/// The way to a source: its reference understood, its file opened, its host looked up and checked. Nothing of its content has been
/// read yet.
package final class Approach: Sendable {
    package let entrance: Entrance
    /// Open for as long as this value lives.
    package let file: Int32?
    package let proxy: CheckingProxy?
    /// Where an RTSP or RTMP server is.
    package let server: (address: NetworkAddress, port: UInt16)?
    private let transports: RTSPTransports
    private let feed: SRTFeed?
    /// Connections to it beyond the first.
    package var furtherConnections: Int {
        guard case .rtsp(_, let ways) = entrance else { return 0 }
        return ways.reduce(-1) { $0 + $1.connections }
    }
    /// Whether it speaks TLS.
    package let isEncrypted: Bool
    /// Where none is named.
    private static let ports = ["rtsp": UInt16(554), "rtsps": 322, "rtmp": 1935, "rtmps": 443]

    /// Looks at the file system and looks names up, so it may block.
    /// - Parameter transports: what is known of cameras, and learnt.
    package init(
        _ request: SourceSpecification, configuration: MediaConfiguration, transports: RTSPTransports
    ) throws(MediaError) {
        self.transports = transports
        let reference = try Reference(request.reference, configuration: configuration).asked(
            as: request.authorization)
        switch reference {
        case .http(let address):
            let proxy = try configuration.checkingProxy(), text = address.string ?? ""
            do throws(MediaError) {
                file = request.isDownloadable ? try Self.newFile(in: configuration.downloadFolder) : nil
            } catch {
                proxy.stop()
                throw error
            }
            entrance =
                request.isDownloadable
                ? .download(address: text, proxy: proxy.address) : .http(address: text, proxy: proxy.address)
            (self.proxy, server, isEncrypted, feed) = (proxy, nil, true, nil)
        case _ where request.isDownloadable:
            throw .unsupportedReference("is to be downloaded but has no http or https address")
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw .unreadableFile(String(cString: strerror(errno))) }
            (file, entrance) = (descriptor, .file(name: URL(filePath: path).lastPathComponent))
            (proxy, server, isEncrypted, feed) = (nil, nil, false, nil)
        case .rtsp(let address), .rtmp(let address):
            let scheme = address.scheme ?? "", isEncrypted = scheme.hasSuffix("s")
            guard !configuration.verifiesCertificates || !isEncrypted else {
                throw .unsupportedReference(
                    "is \(scheme), whose certificates cannot be verified, as the settings demand")
            }
            let (target, pinned) = try configuration.pinned(address)
            guard let port = address.port.map({ UInt16(exactly: $0) }) ?? Self.ports[scheme] else {
                throw .unsupportedReference("is not a valid address")
            }
            if case .rtmp = reference {
                entrance = .rtmp(address: pinned)
            } else {
                let ways = isEncrypted ? [.tcp] : configuration.rtspWays(to: .init(target, port), known: transports)
                guard !ways.contains(.http) || configuration.isolation == .worker else {
                    throw .unsupportedReference(
                        "is to be read over HTTP (media.rtsp_transport), which media.isolation none cannot watch")
                }
                entrance = .rtsp(address: pinned, ways: ways)
            }
            (file, proxy, server, self.isEncrypted, feed) = (nil, nil, (target, port), isEncrypted, nil)
        case .datagrams(let address, let isRTP):
            try request.checkEndless(isRTP ? "rtp" : "udp")
            file = try configuration.datagramSocket(address)
            entrance = .datagrams(isRTP: isRTP)
            (proxy, server, isEncrypted, feed) = (nil, nil, false, nil)
        case .device(let path):
            try request.checkEndless("a device")
            entrance = .device(path: path)
            (file, proxy, server, isEncrypted, feed) = (nil, nil, nil, false, nil)
        case .srt(let address):
            try request.checkEndless("srt")
            let feed = try configuration.srtFeed(address)
            (file, self.feed, entrance) = (feed.output, feed, .handedPackets)
            (proxy, server, isEncrypted) = (nil, nil, false)
        }
    }
    deinit {
        proxy?.stop()
        feed?.stop()
        if let file { close(file) }
    }

    /// The source is open, and `properties` tell how.
    package func opened(_ properties: SourceProperties) {
        guard case .rtsp = entrance, let server, let way = properties.transport.flatMap(RTSPWay.init(rawValue:)) else {
            return
        }
        transports.opened(.init(server.address, server.port), by: way)
    }

    /// Why the source could not be opened: FFmpeg sees an HTTP error where the proxy knows more, or that nothing came.
    package func reason(for error: MediaError) -> MediaError {
        proxy?.refusal.map(MediaError.init) ?? feed?.refusal ?? error
    }

    /// What was fetched of a download is forgotten.
    package func startOver() {
        guard case .download = entrance, let file else { return }
        ftruncate(file, 0)
        lseek(file, 0, SEEK_SET)
    }

    /// A file that has no name any more.
    private static func newFile(in folder: URL) throws(MediaError) -> Int32 {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .downloadFolderUnusable(error.localizedDescription)
        }
        let path = folder.appending(path: UUID().uuidString).path(percentEncoded: false)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .downloadFolderUnusable(String(cString: strerror(errno))) }
        unlink(path)
        return descriptor
    }
}

extension MediaConfiguration {
    /// A socket to which the packets for `address` come: a group, or an address of this machine.
    fileprivate func datagramSocket(_ address: URLComponents) throws(MediaError) -> Int32 {
        let port = try address.namedPort()
        let items = address.queryItems ?? []
        if let other = items.first(where: { $0.name != "interface" }) {
            throw .unsupportedReference(
                "has the parameter '\(other.name.prefix(16))', where interface alone may stand")
        }
        let target = try self.address(of: address.hostWithoutBrackets)
        do throws(AddressError) {
            return try DatagramSocket.open(target, port: port, interface: items.first?.value)
        } catch {
            throw MediaError(error)
        }
    }

    /// What comes from an SRT peer, or will: it is met beside everything else.
    fileprivate func srtFeed(_ address: URLComponents) throws(MediaError) -> SRTFeed {
        let port = try address.namedPort(), options = try SRTOptions(address)
        guard address.user == nil, address.password == nil else {
            throw .unsupportedReference("names a user, where SRT has a passphrase and a streamid")
        }
        guard allowsSRTListeners || !options.isListener else {
            throw .unsupportedReference("waits for its peer, which the setting media.srt_listener does not allow")
        }
        let host = try self.address(of: address.hostWithoutBrackets).inAddress
        return try SRTFeed("srt://\(host):\(port)", options, patience: openDeadline)
    }

    /// The address of a server to connect to, and `address` with that in place of its host's name, so that it cannot come to
    /// mean another one; servers tell no difference. Blocks while the name is being resolved.
    fileprivate func pinned(_ address: URLComponents) throws(MediaError) -> (NetworkAddress, String) {
        let target = try self.address(of: address.hostWithoutBrackets)
        var pinned = address
        pinned.encodedHost = target.inAddress
        return (target, pinned.string ?? "")
    }
}

extension SourceSpecification {
    /// What goes on for ever is no file.
    fileprivate func checkEndless(_ scheme: String) throws(MediaError) {
        guard kind == .stream else {
            throw .unsupportedReference("is \(scheme), which has no end, so it is no videofile")
        }
    }
}

extension NetworkAddress {
    /// As it stands in an address.
    fileprivate var inAddress: String { bytes.count == 4 ? text : "[\(text)]" }
}

extension URLComponents {
    fileprivate func namedPort() throws(MediaError) -> UInt16 {
        guard let port = port.flatMap({ UInt16(exactly: $0) }), port > 0 else {
            throw .unsupportedReference("names no port between 1 and 65535")
        }
        return port
    }
    fileprivate var hostWithoutBrackets: String {
        let host = host ?? ""
        return host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}
