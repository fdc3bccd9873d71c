import HTTPEdge
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records
import Store

/// `/6/accounts`, `/6/account`.
struct AccountRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/accounts", .post(body: .json(), create), .get(.noToken, list))
        table.add(
            "/6/account", .get(.right(.account, .view), own),
            .patch(.ownAccountWithoutToken, body: .json(), change))
    }

    /// Open, because who may create an account is a setting; `Luna-Account-Id` is no credential here but the id that the
    /// new account shall have.
    @Sendable private func create(_ call: OpenCall) async throws -> Response {
        try await admitCreation(call)
        var id: UUID?
        if let text = call.request.headers[.accountID] {
            id = UUID(wire: text)
            if id == nil { throw APIError.badAccountHeader }
        }
        let body = try AccountBody.Creation(await call.body())
        let account = try await services.identity.createAccount(
            id: id, login: body.login, password: body.password, kind: body.kind, description: body.description,
            from: call.context.clientAddress)
        return .created("/6/account", ["account_id": .string(account.id.wire)], by: call)
    }
    private func admitCreation(_ call: OpenCall) async throws {
        var credentials = Credentials(call.request.headers, in: call.context)
        if case .accountID = credentials { credentials = .none }
        if case .none = credentials, services.settings.isRegistrationOpen { return }
        let caller = try await Authenticator(identity: services.identity).caller(
            credentials, of: call.request.head, in: call.context, for: .noToken)
        guard services.settings.isRegistrationOpen || caller.account.kind == .admin else { throw APIError.disabled }
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let targets = try query.accountTargets()
        let visible = call.caller.seesAllAccounts ? nil : call.caller.account.id
        let filter = try query.filter(FilterField<Account>.all, account: visible)
        let page = try query.page()
        let accounts = try await store.accounts(filter, page: page)
        let total = visible == nil ? try await store.accountCount() : 1
        return .json([
            "accounts": .array(accounts.map { $0.wire(targets) }), "total_count": .integer(Int64(total)),
        ])
    }

    @Sendable private func own(_ call: Call) async throws -> Response {
        let targets = try call.query.accountTargets()
        return .json(call.caller.account.wire(targets))
    }

    @Sendable private func change(_ call: Call) async throws -> Response {
        let account = call.caller.account
        let body = try await call.body().keepingSecrets(of: ["description": .string(account.description)])
        let change = try AccountBody(body).change
        // Whoever an admin made a user must not make himself more than that.
        if change.kind == .advancedUser, account.kind == .user, !services.settings.isRegistrationOpen {
            throw APIError.disabled
        }
        let changed = try await services.identity.changeAccount(
            id: account.id, change, from: call.context.clientAddress)
        guard changed != nil else { throw APIError.accountNotFound(account.id) }
        return Response(status: .noContent)
    }
}

private enum AccountTarget: String, CaseIterable {
    case id = "account_id"
    case login
    case kind = "account_type"
    case description
    case createTime = "create_time"
    case lastUpdateTime = "last_update_time"
}

extension Query {
    fileprivate func accountTargets() throws(Refusal) -> Set<AccountTarget> {
        Set(try list("targets", AccountTarget.init(rawValue:)) ?? AccountTarget.allCases)
    }
}

extension Account {
    fileprivate func wire(_ targets: Set<AccountTarget>) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for target in targets {
            object[target.rawValue] =
                switch target {
                case .id: .string(id.wire)
                case .login: .string(login)
                case .kind: .string(kind.rawValue)
                case .description: .string(Redaction.redacted(description, as: .prose))
                case .createTime: .string(createTime.rfc3339)
                case .lastUpdateTime: .string(lastUpdateTime.rfc3339)
                }
        }
        return .object(object)
    }
}
