import Logging
import ServiceLifecycle
import Store
import UnixSignals

/// A daemon that is put together and waits to be run.
public struct SightlineDaemon: Sendable {
    /// Made just now, because the database was empty.
    public let initialAccount: InitialAccount?
    /// Begun in this order, and ended in the opposite one.
    let services: [any Service]
    /// Asked to end in good order.
    let endSignals: [UnixSignal]
    let store: Store
    let manager: ServiceManager
    let logger: Logger

    /// Runs until one of `endSignals`; then the server first, streams next, the database last.
    public func run() async throws { try await manager.watch { try await serve() } }
    private func serve() async throws {
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: endSignals, logger: logger)
        do {
            try await group.run()
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
    }
}
