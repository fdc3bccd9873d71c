import HTTPEdge
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads certificate and key anew at each SIGHUP.
struct CertificateReload: Service {
    let identity: ServerIdentity
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            do {
                try identity.reload()
                logger.notice("Certificate and key were read anew")
            } catch {
                logger.error("Certificate and key stay as they were", metadata: ["reason": "\(error)"])
            }
        }
    }
}
