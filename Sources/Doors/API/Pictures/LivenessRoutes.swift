import HTTPEdge
import Hummingbird

/// `/6/liveness`: whether pictures were taken of somebody who was there. There is no model for it, so whatever is sent is refused.
struct LivenessRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        let limit = services.settings.pictureLimit
        table.add("/6/liveness", .post(.right(.resources, .liveness), body: .bytes(limit: limit), refuse))
    }

    @Sendable private func refuse(_ call: Call) async throws -> Response {
        _ = try call.query.flag("aggregate")
        try Services.checkForm(of: call)
        throw APIError.noFeature("Liveness")
    }
}
