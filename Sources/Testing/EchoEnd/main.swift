import Glibc
import HTTPEdge
import HTTPTypes
import JSON
import Logging
import ServiceLifecycle
import UnixSignals

// A WebSocket at `/` that says everything again, on the code that serves live feeds, for `scripts/trial/websockets` to judge.
// Prints its port. Messages may have 16 MiB.

let table = ResourceTable(OpenGate())
table.socket("/", true) { _ in
    WebSocketSession { socket, message in
        try await socket.send(message)
    } _: { _ in
        try? await Task.sleep(for: .seconds(3600))
        return .normal
    }
}
var configuration = ListenerConfiguration()
configuration.port = 0
(configuration.frameLimit, configuration.messageLimit) = (16 << 20, 16 << 20)
var logger = Logger(label: "echo")
logger.logLevel = .critical
let listener = HTTPListener(
    [Door(table: table, answer: { Answer(json: ["refusal": .string("\($0)")], status: .badRequest) })],
    configuration: configuration, metrics: RequestMetrics(), logger: logger
) { port in
    print(port)
    fflush(nil)
}
try await ServiceGroup(services: [listener], gracefulShutdownSignals: [.sigterm], logger: logger).run()
