public import Foundation
import NIOCore
import NIOSSL
import Synchronization

/// The certificate and key that the server shows, which can be read anew while it runs: connections that are open keep what they
/// began with.
public final class ServerIdentity: Sendable {
    private let certificate, key: URL
    private let context: Mutex<NIOSSLContext>
    /// How long a client may take to answer the end of a connection. Short, for its place may be wanted by others.
    private static let endPatience = TimeAmount.milliseconds(200)

    /// - Returns: `nil` when the configuration names no certificate.
    public init?(_ configuration: ListenerConfiguration) throws(ServerIdentityError) {
        switch (configuration.certificate, configuration.key) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            (self.certificate, self.key) = (certificate, key)
            context = Mutex(try Self.read(certificate, key))
        case (.some, nil): throw .missing("api.key", beside: "api.certificate")
        case (nil, .some): throw .missing("api.certificate", beside: "api.key")
        }
    }

    /// Reads both files again.
    /// - Throws: when they cannot be used; then the old ones stay.
    public func reload() throws(ServerIdentityError) {
        let new = try Self.read(certificate, key)
        context.withLock { $0 = new }
    }

    private static func read(_ certificate: URL, _ key: URL) throws(ServerIdentityError) -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate.path)
        } catch { throw .unreadable(certificate, wanted: "a certificate in PEM, the server's own first") }
        guard !chain.isEmpty else {
            throw .unreadable(certificate, wanted: "a certificate in PEM, the server's own first")
        }
        let secret: NIOSSLPrivateKey
        do {
            secret = try NIOSSLPrivateKey(file: key.path, format: .pem)
        } catch { throw .unreadable(key, wanted: "a private key in PEM, without a passphrase") }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = endPatience
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch { throw .strangers(certificate, key) }
    }

    /// What encrypts one connection.
    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context.withLock { $0 }) }
}

/// A certificate or key that cannot be used, as the operator reads it.
public enum ServerIdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(String, beside: String)
    case unreadable(URL, wanted: String)
    case strangers(URL, URL)

    public var description: String {
        switch self {
        case .missing(let key, let other): "Setting '\(other)' is given without '\(key)', but wanted: both or none."
        case .unreadable(let file, let wanted): "\(file.path) cannot be read, or does not hold \(wanted)."
        case .strangers(let certificate, let key):
            "The key in \(key.path) does not belong to the certificate in \(certificate.path)."
        }
    }
}
