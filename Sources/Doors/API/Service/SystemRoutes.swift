import HTTPEdge
import Hummingbird
import JSON
import Store

/// `/6/system/…`: how the daemon fares, how it is set up and what it has logged, for those who administer it.
struct SystemRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/system/status", .get(.admin, status))
        table.add("/6/system/settings", .get(.admin, settings))
        table.add("/6/system/log", .get(.admin, log))
    }

    @Sendable private func status(_ call: Call) async throws -> Response {
        .json(await services.daemon.status().wire(services.store.roomLeft))
    }
    @Sendable private func settings(_ call: Call) async throws -> Response {
        .json(services.daemon.shownConfiguration)
    }
    @Sendable private func log(_ call: Call) async throws -> Response {
        let count = try call.query.integer("lines", in: 1...1000) ?? 200
        return .json(["lines": .array(services.daemon.log(count).map { .string($0) })])
    }
}
