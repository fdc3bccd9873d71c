import Pipeline
import ServiceLifecycle

/// Runs the supervisor until the daemon is shut down; then streams are stopped and their open events closed.
struct SupervisorService: Service {
    let supervisor: StreamSupervisor
    func run() async throws {
        try await withGracefulShutdownHandler {
            try await supervisor.run()
        } onGracefulShutdown: {
            supervisor.shutDown()
        }
    }
}
