public import ServiceLifecycle

/// Runs the supervisor until the daemon is shut down; then streams are stopped and their open events closed.
public struct SupervisorService: Service {
    private let supervisor: StreamSupervisor
    public init(supervisor: StreamSupervisor) { self.supervisor = supervisor }
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await supervisor.run()
        } onGracefulShutdown: {
            supervisor.shutDown()
        }
    }
}
