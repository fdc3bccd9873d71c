import Foundation
public import Logging
public import ServiceLifecycle

/// Runs its sweeps beside everything else: each at the start and after every interval of its own, until the daemon shuts down. A
/// sweep that fails is logged and tried again with the next interval.
public struct Housekeeper: Service {
    private let sweeps: [Sweep]
    private let logger: Logger
    public init(sweeps: [Sweep], logger: Logger) { (self.sweeps, self.logger) = (sweeps, logger) }

    public func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for sweep in sweeps { group.addTask { await repeatedly(sweep) } }
            }
        }
    }

    private func repeatedly(_ sweep: Sweep) async {
        repeat {
            do {
                let count = try await sweep.run(.now)
                if count > 0 { logger.debug("Swept", metadata: ["sweep": "\(sweep.name)", "count": "\(count)"]) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("A sweep failed", metadata: ["sweep": "\(sweep.name)", "error": "\(error)"])
            }
        } while (try? await Task.sleep(for: sweep.interval)) != nil
    }
}
