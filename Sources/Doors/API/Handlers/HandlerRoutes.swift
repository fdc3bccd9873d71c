import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Notifications
import Recognition
import Records
import Store

/// `/6/handlers`, `/6/handlers/count`, `/6/handlers/validator`, `/6/handlers/{handler_id}`: what makes events of pictures.
struct HandlerRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/handlers", .post(.right(.handler, .creation), body: .json(), create),
            .get(.right(.handler, .view), list))
        table.add("/6/handlers/count", .get(.right(.handler, .view), count))
        table.add("/6/handlers/validator", .post(.right(.handler, .creation), body: .json(), validate))
        table.add(
            "/6/handlers/{handler_id}", .get(.right(.handler, .view), one), .head(.right(.handler, .view), one),
            .put(.right(.handler, .modification), body: .json(), replace),
            .delete(.right(.handler, .deletion), delete))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let details = try self.details(await call.body(), replacing: nil)
        let handler = try await store.createHandler(details, account: call.caller.account.id)
        return .created(Handler.path(of: handler.id), ["handler_id": .string(handler.id.wire)], by: call)
    }
    @Sendable private func replace(_ call: Call) async throws -> Response {
        let id = try call.id("handler_id"), account = call.caller.account.id
        let body = try await call.body()
        guard let known = try await store.handler(id: id, account: account) else { throw APIError.handlerNotFound(id) }
        guard !known.isBuiltIn else { throw APIError.handlerIsFixed }
        let details = try self.details(body, replacing: known)
        guard try await store.replaceHandler(id: id, details, account: account) else {
            throw APIError.handlerNotFound(id)
        }
        return Response(status: .noContent)
    }
    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("handler_id"), account = call.caller.account.id
        guard BuiltInHandler.id(of: account) != id else { throw APIError.handlerIsFixed }
        guard try await store.deleteHandler(id: id, account: account) else { throw APIError.handlerNotFound(id) }
        return Response(status: .noContent)
    }
    @Sendable private func validate(_ call: Call) async throws -> Response {
        let body = try await call.body()
        let policies = try APIError.ofPolicies {
            _ = try body.object(known: ["policies"])
            return try HandlerPolicies(body.required("policies").keepingSecrets(of: nil))
        }
        try services.expect(policies)
        try await store.checkLists(of: HandlerDetails(policies: policies), account: call.caller.account.id)
        return Response(status: .noContent)
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let handlers = try await store.handlers(filter(call), page: call.query.page())
        return .json(.array(handlers.map(wire)))
    }
    @Sendable private func count(_ call: Call) async throws -> Response {
        .json(["handlers_count": .integer(Int64(try await store.handlerCount(filter(call))))])
    }
    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("handler_id")
        guard let handler = try await store.handler(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.handlerNotFound(id)
        }
        return .json(wire(handler))
    }

    /// The kind comes before its older twin.
    private func filter(_ call: Call) throws -> Filter<Handler> {
        let query = call.query
        var filter = try query.filter(FilterField<Handler>.all, account: call.caller.scope(query))
        if let isDynamic = try query.integer("is_dynamic", in: 0...1), !query.names("handler_type") {
            filter.require(.kind, [.integer(isDynamic)])
        }
        return filter
    }
    private func wire(_ handler: Handler) -> JSONValue {
        handler.wire(describesFaces: services.describesFaces)
    }

    /// - Parameter known: whose secrets the body may keep without naming them.
    private func details(_ written: JSONReader, replacing known: Handler?) throws -> HandlerDetails {
        let details = try APIError.ofPolicies {
            try HandlerDetails(written.keepingSecrets(of: known.map { ["policies": $0.policiesWithSecrets] }))
        }
        if let policies = details.policies { try services.expect(policies) }
        return details
    }
}

extension Services {
    /// Whether descriptors are taken of faces where nobody says otherwise.
    var describesFaces: Bool { settings.recognition == .on && pictures.looker.describesFaces }

    /// - Throws: 11055 with the first that there is no model for, or that is switched off.
    func expect(_ features: Set<Feature>) throws(APIError) {
        let known = pictures.looker.features
        for feature in Feature.allCases where features.contains(feature) {
            guard known.contains(feature), feature != .faceDescriptor || describesFaces else {
                throw .noFeature(feature.rawValue)
            }
        }
    }
    /// - Throws: the same of what policies ask for by name; and what is
    ///   wrong with where reports are to go.
    func expect(_ policies: HandlerPolicies) throws {
        try expect(policies.features)
        for (number, receiver) in policies.storage.receivers.enumerated() {
            guard let refusal = receiver.callback.refusal(by: settings.callbackNetwork) else { continue }
            let path = "policies.storage_policy.callbacks.\(number).url"
            throw APIError.badPolicies(JSONViolation(path: path, message: refusal))
        }
    }
}

extension Handler {
    fileprivate var policiesWithSecrets: JSONValue { details.policies?.wire() ?? .null }

    /// The handler object of `docs/contract/events.md §6.1`, secrets hidden.
    /// - Parameter describesFaces: whether descriptors are taken where nobody says whether they should be.
    fileprivate func wire(describesFaces: Bool) -> JSONValue {
        [
            "handler_id": .string(id.wire), "account_id": .string(accountID.wire),
            "description": .string(details.description), "handler_type": .integer(Int64(details.kind)),
            "is_dynamic": .bool(details.policies == nil),
            "policies": details.policies?.wire(describesFaces: describesFaces).withoutSecrets ?? .null,
            "create_time": .string(createTime.rfc3339), "last_update_time": .string(lastUpdateTime.rfc3339),
        ]
    }
}

extension HandlerDetails {
    /// - Throws: `JSONViolation`; 11072 for one that is to forward to a program.
    fileprivate init(_ body: JSONReader) throws {
        _ = try body.object(known: ["description", "policies", "handler_type", "is_dynamic", "lambda_id"])
        let kind = try body.present("handler_type")?.integer(in: 0...2)
        let isDynamic = try body.present("is_dynamic")?.bool() ?? false
        if kind == 2 { throw APIError.noLambdas }
        let lambda = try body.present("lambda_id")
        _ = try lambda?.id()
        if let lambda { throw lambda.violation("Only handlers of type 2 have a lambda") }
        let policies = try body.present("policies")
        let hasOwn = kind.map { $0 == 0 } ?? !isDynamic
        if !hasOwn, let policies { throw policies.violation("A dynamic handler has no policies of its own") }
        self.init(
            description: try body.present("description")?.string(maximumLength: 128) ?? "",
            policies: hasOwn
                ? try HandlerPolicies(policies ?? JSONReader(.emptyObject, path: "policies")) : nil)
    }
}
