import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/attributes`, `/6/attributes/{attribute_id}`, `/6/attributes/{attribute_id}/samples`: features that are kept for a while.
struct AttributeRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add(
            "/6/attributes", .post(.right(.attribute, .creation), body: .document(), open(create)),
            .get(.right(.attribute, .view), open(list)))
        table.add(
            "/6/attributes/{attribute_id}", .get(.right(.attribute, .view), open(one)),
            .head(.right(.attribute, .view), open(check)), .delete(.right(.attribute, .deletion), open(delete)))
        table.add("/6/attributes/{attribute_id}/samples", .get(.right(.attribute, .view), open(samples)))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let lifetime = try call.query.integer("ttl", in: FaceAttribute.lifetimes) ?? FaceAttribute.standardLifetime
        // Forms hold XPK files and nothing else.
        guard MediaType.essence(of: call.request.headers[.contentType] ?? "") != "multipart/form-data" else {
            throw APIError.noXPK
        }
        let features = try FaceFeatures(try await call.body())
        let attribute = try await store.createAttribute(
            features, lifetime: lifetime, account: call.caller.account.id)
        return .created(
            FaceAttribute.path(of: attribute.id), ["attribute_id": .string(attribute.id.wire)], by: call)
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        guard call.query.names("attribute_ids") else { throw Refusal.badQuery("attribute_ids") }
        let filter = try call.query.filter(FilterField<FaceAttribute>.all, account: call.caller.scope(call.query))
        let form = try FeatureForm(call.query), targets = try call.query.targets(AttributeTarget.self)
        let attributes = try await store.attributes(filter)
        try await note(attributes, call, form, targets)
        return answer(["attributes": .array(attributes.map { $0.wire(form, targets) })], to: call)
    }
    @Sendable private func one(_ call: Call) async throws -> Response {
        let form = try FeatureForm(call.query), targets = try call.query.targets(AttributeTarget.self)
        let attribute = try await find(call)
        try await note([attribute], call, form, targets)
        return answer(attribute.wire(form, targets), to: call)
    }
    @Sendable private func check(_ call: Call) async throws -> Response {
        _ = try await find(call)
        return Response(status: .ok, headers: [.contentType: AnswerForm(for: call).rawValue])
    }
    @Sendable private func samples(_ call: Call) async throws -> Response {
        .json(["samples": FeatureForm.ids(try await find(call).features.samples)])
    }
    /// Whether there was one or not.
    @Sendable private func delete(_ call: Call) async throws -> Response {
        try await store.deleteAttribute(id: call.id("attribute_id"), account: call.caller.account.id)
        return Response(status: .noContent)
    }

    private func find(_ call: Call) async throws -> FaceAttribute {
        let id = try call.id("attribute_id")
        guard let attribute = try await store.attribute(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.attributeNotFound(id)
        }
        return attribute
    }
    private func note(
        _ attributes: [FaceAttribute], _ call: Call, _ form: FeatureForm, _ targets: Set<AttributeTarget>
    ) async throws {
        let features = Set(targets.compactMap(\.feature))
        try await store.note(
            attributes.filter { form.tells($0.features, features) }.map {
                call.access(to: .attribute, $0.id, of: $0.accountID)
            })
    }
    private func answer(_ object: JSONValue, to call: Call) -> Response {
        let form = AnswerForm(for: call)
        return .bytes(form.bytes(object, bytesIn: FeatureForm.bytes), type: form.rawValue)
    }
}

/// A member of the attribute object.
private enum AttributeTarget: String, CaseIterable {
    case createTime = "create_time"
    case id = "attribute_id"
    case accountID = "account_id"
    case descriptor = "face_descriptor"
    case descriptorSamples = "face_descriptor_samples"
    case basic = "basic_attributes"
    case basicSamples = "basic_attributes_samples"

    /// `nil` for what faces have without features.
    var feature: FeatureTarget? { FeatureTarget(rawValue: rawValue) }
}

extension FaceAttribute {
    fileprivate func wire(_ form: FeatureForm, _ targets: Set<AttributeTarget>) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for target in targets {
            object[target.rawValue] =
                switch target {
                case .id: .string(id.wire)
                case .accountID: .string(accountID.wire)
                default: target.feature.map { form.wire(features, since: createTime, $0) } ?? .null
                }
        }
        return .object(object)
    }
}
