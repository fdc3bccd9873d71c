import HTTPEdge
import Hummingbird

/// `/6/lambdas` and all that lies below it: there are no programs of users.
struct LambdaRoutes: Sendable {
    func add(to table: ResourceTable) {
        let refuse: ResourceTable.Handler = { _ in throw APIError.noLambdas }
        table.add(
            "/6/lambdas", .post(.right(.lambdas, .creation), refuse), .get(.right(.lambdas, .view), refuse))
        table.add("/6/lambdas/validator", .post(.right(.lambdas, .creation), refuse))
        table.add(
            "/6/lambdas/{lambda_id}", .get(.right(.lambdas, .view), refuse), .head(.right(.lambdas, .view), refuse),
            .put(.right(.lambdas, .modification), refuse), .patch(.right(.lambdas, .modification), refuse),
            .delete(.right(.lambdas, .deletion), refuse))
        table.add("/6/lambdas/{lambda_id}/update", .post(.right(.lambdas, .modification), refuse))
        for part in ["status", "image/status", "logs", "image/logs", "docs/spec"] {
            table.add("/6/lambdas/{lambda_id}/\(part)", .get(.right(.lambdas, .view), refuse))
        }
        table.add("/6/lambdas/{lambda_id}/proxy", .post(.right(.lambdas, .view), refuse))
    }
}
