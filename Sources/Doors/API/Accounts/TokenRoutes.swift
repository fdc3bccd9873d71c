import HTTPEdge
import Foundation
import Hummingbird
import Identity
import JSON
import Records
import Store

/// `/6/tokens`, `/6/tokens/{token_id}`.
struct TokenRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/tokens", .post(.right(.token, .creation), body: .json(), create),
            .get(.right(.token, .view), list))
        table.add(
            "/6/tokens/{token_id}", .get(.right(.token, .view), one),
            .put(.right(.token, .modification), body: .json(), replace),
            .delete(.right(.token, .deletion), delete))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let specification = try await specification(call, replacing: nil)
        return created(try await services.identity.createToken(specification, account: call.caller.account.id), call)
    }

    @Sendable private func replace(_ call: Call) async throws -> Response {
        let id = try call.id("token_id")
        let account = call.caller.account.id
        let stored = try await store.token(id: id, account: account)
        let specification = try await specification(call, replacing: stored)
        guard
            let token = try await services.identity.replaceToken(
                id: id, account: account, with: specification)
        else { throw APIError.tokenNotFound(id) }
        return created(token, call)
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<Token>.all, account: call.caller.scope(query))
        let tokens = try await store.tokens(filter, page: query.page())
        return .json(["tokens": .array(tokens.map { $0.wire(for: call.caller) })])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("token_id")
        guard let token = try await store.token(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.tokenNotFound(id)
        }
        return .json(token.wire(for: call.caller))
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("token_id")
        guard try await store.deleteToken(id: id, account: call.caller.account.id) else {
            throw APIError.tokenNotFound(id)
        }
        return Response(status: .noContent)
    }

    /// - Parameter stored: whose description may be kept without naming the secrets in it.
    private func specification(_ call: Call, replacing stored: Token?) async throws -> TokenSpecification {
        let grantsAll = try call.query.integer("grant_all_permissions", in: 0...1) == 1
        let specification = try TokenBody(
            await call.body().keepingSecrets(
                of: stored.map { ["description": .string($0.specification.description)] }), grantsAll: grantsAll,
            caller: call.caller
        ).specification
        if let missing = call.caller.missing(for: specification) {
            throw APIError.missingRight(missing.action, missing.key)
        }
        return specification
    }
    private func created(_ token: Token, _ call: Call) -> Response {
        .created(
            "/6/tokens/\(token.id.wire)", ["token": .string(token.jwt), "token_id": .string(token.id.wire)],
            by: call)
    }
}

extension Token {
    /// The token object of `docs/contract/accounts.md §4`. Whoever reads it gets the JWT itself only if it lends nothing
    /// beyond what the reader may do anyway; to others it is hidden like every other secret.
    fileprivate func wire(for caller: Caller) -> JSONValue {
        let isShown = caller.account.id == accountID && caller.missing(for: specification) == nil
        return [
            "token_id": .string(id.wire), "token": .string(isShown ? jwt : "***"),
            "account_id": .string(accountID.wire),
            "description": .string(Redaction.redacted(specification.description, as: .prose)),
            "expiration_time": specification.expirationTime.map { .string($0.rfc3339) } ?? .null,
            "visibility_area": .string(specification.visibility.rawValue),
            "permissions": specification.permissions.wire, "create_time": .string(createTime.rfc3339),
            "last_update_time": .string(lastUpdateTime.rfc3339),
        ]
    }
}
