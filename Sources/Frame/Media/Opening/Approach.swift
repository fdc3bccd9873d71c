package import Addresses
import Foundation
package import Records

/// What a source's content is read through, once it is decided that it may be. It needs no right to open a file and no name to look
/// up.
package enum Entrance: Codable, Sendable {
    /// A file that was opened; its name tells something of what is in it.
    case file(name: String)
    /// All connections go to the proxy at a loopback address.
    case http(address: String, proxy: String)
    /// The host is the address that was checked. `udp`: whether packets may come so.
    case rtsp(address: String, udp: Bool)
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
    /// Where an RTSP server is.
    package let server: (address: NetworkAddress, port: UInt16)?
    /// Whether it speaks TLS.
    package let isEncrypted: Bool
    private static let ports: (rtsp: UInt16, rtsps: UInt16) = (554, 322)

    /// Looks at the file system and looks names up, so it may block.
    package init(_ request: SourceSpecification, configuration: MediaConfiguration) throws(MediaError) {
        let reference = try Reference(request.reference, configuration: configuration)
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
            (self.proxy, server, isEncrypted) = (proxy, nil, true)
        case _ where request.isDownloadable:
            throw .unsupportedReference("is to be downloaded but has no http or https address")
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw .unreadableFile(String(cString: strerror(errno))) }
            (file, entrance) = (descriptor, .file(name: URL(filePath: path).lastPathComponent))
            (proxy, server, isEncrypted) = (nil, nil, false)
        case .rtsp(let address):
            let isEncrypted = address.scheme == "rtsps"
            guard !configuration.verifiesCertificates || !isEncrypted else {
                throw .unsupportedReference("is rtsps, whose certificates cannot be verified, as the settings demand")
            }
            let (target, pinned) = try configuration.pinned(address)
            let port =
                address.port.flatMap { UInt16(exactly: $0) } ?? (isEncrypted ? Self.ports.rtsps : Self.ports.rtsp)
            let udp = configuration.rtspTransport == .udp && configuration.network.names(target)
            entrance = .rtsp(address: pinned, udp: udp)
            (file, proxy, server, self.isEncrypted) = (nil, nil, (target, port), isEncrypted)
        }
    }
    deinit {
        proxy?.stop()
        if let file { close(file) }
    }

    /// Why the source could not be opened: FFmpeg sees an HTTP error where the proxy knows more.
    package func reason(for error: MediaError) -> MediaError { proxy?.refusal.map(MediaError.init) ?? error }

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
    /// The address of an RTSP server to connect to, and `address` with that in place of its host's name, so that it cannot come to
    /// mean another one; servers tell no difference. Blocks while the name is being resolved.
    fileprivate func pinned(_ address: URLComponents) throws(MediaError) -> (NetworkAddress, String) {
        var host = address.host ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let target = try self.address(of: host)
        var pinned = address
        pinned.encodedHost = target.bytes.count == 4 ? target.text : "[\(target.text)]"
        return (target, pinned.string ?? "")
    }
}
