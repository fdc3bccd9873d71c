import HTTPTypes
import Hummingbird
import JSON
import Logging
import Store

/// `/6/healthcheck`, and `/healthcheck`, which leads there. Both are open to everybody.
struct HealthRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/healthcheck", .get(check))
        table.add("/healthcheck", .get(redirect))
    }

    /// The database always, the other parts of the daemon on request; all of them at once.
    @Sendable private func check(_ request: Request, _ context: APIContext) async throws -> Response {
        let includesParts = try Query(request.uri.query).integer("include_luna_services", in: 0...1) == 1
        let start = ContinuousClock.now
        let parts = [database] + (includesParts ? services.daemon.parts : [])
        let failures = await withTaskGroup(of: (Int, APIError?).self) { group in
            for (index, part) in parts.enumerated() {
                group.addTask { (index, await Self.failure(of: part, logger: context.logger)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        guard !failures.isEmpty else {
            return .json(["execution_time": .number((ContinuousClock.now - start) / .seconds(1))])
        }
        let errors = failures.sorted { $0.key < $1.key }.map { index, failure -> JSONValue in
            ["component": .string(parts[index].name), "error": failure.body, "status": 0]
        }
        return .json(["errors": .array(errors)], status: .badGateway)
    }
    private var database: DaemonView.Part {
        DaemonView.Part(name: "database") { [store = services.store] in
            do { try await store.check() } catch { throw DatabaseSilent(reason: "\(error)") }
        }
    }
    /// Says little to the client, who may be anybody, and the reason to the log.
    private struct DatabaseSilent: Error, CustomStringConvertible {
        let reason: String
        let description = "the database does not answer"
    }
    private static func failure(of part: DaemonView.Part, logger: Logger) async -> APIError? {
        do {
            try await part.check()
            return nil
        } catch {
            let reason = (error as? DatabaseSilent)?.reason ?? "\(error)"
            logger.error(
                "Health check failed", metadata: [LogKey.component: "\(part.name)", LogKey.error: "\(reason)"])
            return .unhealthy(part.name, reason: "\(error)")
        }
    }

    @Sendable private func redirect(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = request.uri.query.map { "?\($0)" } ?? ""
        return Response(status: .permanentRedirect, headers: [.location: "/6/healthcheck\(query)"])
    }
}
