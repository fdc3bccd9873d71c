import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records
import Store

/// `/6/handlers`, `/6/handlers/{handler_id}`: the handler that every account has.
struct HandlerRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/handlers", .get(.right(.handler, .view), list))
        table.add(
            "/6/handlers/{handler_id}", .get(.right(.handler, .view), one), .head(.right(.handler, .view), one))
    }

    /// One of each account that the caller sees, those of the newest accounts first.
    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let scope = try call.caller.scope(query), page = try query.page()
        let isDynamic = try query.integer("is_dynamic", in: 0...1).map { $0 == 1 }
        let kind = try query.integer("handler_type", in: 0...2)
        let part = try query.text("description", maximumLength: 128) ?? ""
        // The kind comes before its older twin.
        guard kind.map({ $0 == Account.handlerKind }) ?? isDynamic ?? true,
            part.isEmpty || Account.handlerDescription.contains(part)
        else { return .json([]) }
        let accounts = try await services.store.accounts(Filter(accountID: scope), page: page)
        return .json(.array(accounts.map(\.builtInHandler)))
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
    /// A dynamic one.
    fileprivate static let handlerKind = 1
    fileprivate static let handlerDescription = "The events of the account's streams, and of those who bring their own"
    /// The handler object of `docs/contract/events.md §6.1`.
    fileprivate var builtInHandler: JSONValue {
        [
            "handler_id": .string(BuiltInHandler.id(of: id).wire), "account_id": .string(id.wire),
            "description": .string(Self.handlerDescription),
            "handler_type": .integer(Int64(Self.handlerKind)), "is_dynamic": true, "policies": .null,
            "create_time": .string(createTime.rfc3339),
            "last_update_time": .string(createTime.rfc3339),
        ]
    }
}
