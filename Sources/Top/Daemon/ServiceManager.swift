import CSystemd
import ServiceLifecycle

/// systemd, where it started the daemon (`Type=notify`): it is told when requests are accepted and when the daemon ends, and, where the
/// unit has a `WatchdogSec`, that work goes on. Elsewhere nobody is told anything.
struct ServiceManager: Service {
    /// Between two signs of life; `nil`: nobody waits for them.
    let interval: Duration?
    private let say: @Sendable (String) -> Void

    /// By the environment that systemd has given.
    init() {
        var microseconds: UInt64 = 0
        let isWatched = sd_watchdog_enabled(0, &microseconds) > 0
        self.init(watchdog: isWatched ? .microseconds(Int64(clamping: microseconds)) : nil) { sd_notify(0, $0) }
    }
    /// - Parameters:
    ///   - watchdog: after so long without a sign of life the daemon is killed.
    ///   - say: sends a state, as `sd_notify(3)` has it.
    init(watchdog: Duration?, say: @escaping @Sendable (String) -> Void) {
        (interval, self.say) = (watchdog.map { $0 / 2 }, say)
    }

    /// Requests are accepted.
    func greet(port: Int) { say("READY=1\nSTATUS=Listening on port \(port)") }

    /// Says that the daemon ends, as soon as it is asked to.
    func run() async throws {
        try? await gracefulShutdown()
        say("STOPPING=1")
    }

    /// Gives signs of life while `body` runs. One says that tasks get their turn: a daemon whose threads all hang sees no frame and
    /// answers nobody.
    func watch<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [interval, say] in
                guard let interval else { return }
                repeat { say("WATCHDOG=1") } while (try? await Task.sleep(for: interval)) != nil
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }
}
