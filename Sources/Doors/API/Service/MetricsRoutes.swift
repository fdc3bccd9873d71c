import HTTPEdge
import Hummingbird

/// `/metrics`, open to everybody unless it is switched off.
struct MetricsRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) { table.add("/metrics", .get(metrics)) }

    @Sendable private func metrics(_ call: OpenCall) async throws -> Response {
        guard services.settings.servesMetrics else { throw APIError.disabled }
        return .bytes(await services.metrics.page.text.utf8, type: "text/plain; charset=UTF-8")
    }
}
