import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Logging
import Store
import Streams

/// `/6/healthcheck`, and `/healthcheck`, which leads there. Both are open to everybody.
struct HealthRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/healthcheck", .get(check))
        table.add("/healthcheck", .get(redirect))
    }

    /// The database and what else is vital always, the other parts of the daemon on request; all of them at once.
    @Sendable private func check(_ call: OpenCall) async throws -> Response {
        let includesAll = try call.query.integer("include_luna_services", in: 0...1) == 1
        let (start, logger) = (ContinuousClock.now, call.context.logger)
        let probes = [database] + services.daemon.probes.filter { includesAll || $0.isVital }
        let failures = await withTaskGroup(of: (Int, APIError?).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, await Self.failure(of: probe, logger: logger)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        guard !failures.isEmpty else {
            return .json(["execution_time": .number((ContinuousClock.now - start) / .seconds(1))])
        }
        let errors = failures.sorted { $0.key < $1.key }.map { index, failure -> JSONValue in
            ["component": .string(probes[index].name), "error": failure.body, "status": 0]
        }
        return .json(["errors": .array(errors)], status: .badGateway)
    }
    private var database: HealthProbe {
        HealthProbe(name: "database") { [store = services.store] in try await store.check() }
    }
    private static func failure(of probe: HealthProbe, logger: Logger) async -> APIError? {
        do {
            try await probe.check()
            return nil
        } catch {
            // The client may be anybody, and is told less than the log.
            let detail = (error as? StoreTrouble).map { $0.detail.isEmpty ? "" : ": \($0.detail)" } ?? ""
            logger.error(
                "Health check failed",
                metadata: [APILogKey.component: "\(probe.name)", LogKey.error: "\(error)\(detail)"])
            return .unhealthy(probe.name, reason: "\(error)")
        }
    }

    @Sendable private func redirect(_ call: OpenCall) async throws -> Response {
        let query = call.request.uri.query.map { "?\($0)" } ?? ""
        return Response(status: .permanentRedirect, headers: [.location: "/6/healthcheck\(query)"])
    }
}
