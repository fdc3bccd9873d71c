import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/verifiers`, `/6/verifiers/count`, `/6/verifiers/{verifier_id}`: how faces are compared one to one.
struct VerifierRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add(
            "/6/verifiers", .post(.right(.verifier, .creation), body: .json(), open(create)),
            .get(.right(.verifier, .view), open(list)))
        table.add("/6/verifiers/count", .get(.right(.verifier, .view), open(count)))
        table.add(
            "/6/verifiers/{verifier_id}", .get(.right(.verifier, .view), open(one)),
            .head(.right(.verifier, .view), open(one)),
            .put(.right(.verifier, .modification), body: .json(), open(replace)),
            .delete(.right(.verifier, .deletion), open(delete)))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let verifier = try await store.createVerifier(details(call), account: call.caller.account.id)
        return .created(Verifier.path(of: verifier.id), ["verifier_id": .string(verifier.id.wire)], by: call)
    }
    @Sendable private func list(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<Verifier>.all, account: call.caller.scope(call.query))
        return .json(.array(try await store.verifiers(filter, page: call.query.page()).map(\.wire)))
    }
    @Sendable private func count(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<Verifier>.all, account: call.caller.scope(call.query))
        return .json(["verifiers_count": .integer(Int64(try await store.verifierCount(filter)))])
    }
    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("verifier_id")
        guard let verifier = try await store.verifier(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.verifierNotFound(id)
        }
        return .json(verifier.wire)
    }
    @Sendable private func replace(_ call: Call) async throws -> Response {
        let id = try call.id("verifier_id"), account = call.caller.account.id
        guard let version = try await store.replaceVerifier(id: id, details(call), account: account) else {
            throw APIError.verifierNotFound(id)
        }
        return .json(["version": .integer(Int64(version))])
    }
    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("verifier_id")
        guard try await store.deleteVerifier(id: id, account: call.caller.account.id) else {
            throw APIError.verifierNotFound(id)
        }
        return Response(status: .noContent)
    }

    private func details(_ call: Call) async throws -> VerifierDetails {
        let body = try await call.body()
        let details = try APIError.ofPolicies {
            _ = try body.object(known: ["description", "policies"])
            return VerifierDetails(
                description: try body.optional("description")?.string(maximumLength: 128) ?? "",
                policies: try VerifierPolicies(body.present("policies") ?? JSONReader(.emptyObject, path: "policies")))
        }
        try services.expect(details.policies.features)
        return details
    }
}

extension Services {
    /// The verifier of the path, as somebody may use it.
    func verifier(usedBy call: Call) async throws -> Verifier {
        let id = try call.id("verifier_id")
        guard let verifier = try await store.verifier(id: id, account: call.caller.account.id) else {
            throw APIError.verifierNotFound(id)
        }
        try call.caller.mayVerify(by: id)
        return verifier
    }
}

extension Verifier {
    fileprivate var wire: JSONValue {
        [
            "verifier_id": .string(id.wire), "account_id": .string(accountID.wire),
            "description": .string(details.description), "policies": details.policies.wire,
            "version": .integer(Int64(version)), "create_time": .string(createTime.rfc3339),
            "last_update_time": .string(lastUpdateTime.rfc3339),
        ]
    }
}
