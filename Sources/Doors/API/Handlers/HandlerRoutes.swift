import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records
import Store

/// `/6/handlers/{handler_id}`: the handler that every account has.
struct HandlerRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/handlers/{handler_id}", .get(.right(.handler, .view), one), .head(.right(.handler, .view), one))
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("handler_id")
        let owner = BuiltInHandler.account(of: id)
        let scope = try call.caller.scope(call.query)
        guard scope == nil || scope == owner, let account = try await services.identity.account(id: owner) else {
            throw APIError.handlerNotFound(id)
        }
        return .json(account.builtInHandler)
    }
}

extension Account {
    /// The handler object of `docs/contract/events.md §6.1`.
    fileprivate var builtInHandler: JSONValue {
        [
            "handler_id": .string(BuiltInHandler.id(of: id).wire), "account_id": .string(id.wire),
            "description": "The events of the account's streams, and of those who bring their own",
            "handler_type": 1, "is_dynamic": true, "policies": .null, "create_time": .string(createTime.rfc3339),
            "last_update_time": .string(createTime.rfc3339),
        ]
    }
}
