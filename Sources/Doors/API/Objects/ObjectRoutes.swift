import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import ObjectStore
import Records
import Store

/// `/6/objects`, `/6/objects/{object_id}`: bytes of any kind, given back as they came.
struct ObjectRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/objects",
            .post(.right(.object, .creation), body: .bytes(limit: services.settings.objectLimit), create))
        table.add(
            "/6/objects/{object_id}", .get(.right(.object, .view), one), .head(.right(.object, .view), one),
            .delete(.right(.object, .deletion), delete))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let lifetime = try call.query.lifetime()
        guard let type = call.request.headers[.contentType] else { throw Refusal.badContentType }
        guard MediaType.isWellFormed(type) else { throw Refusal.unsupportedMediaType }
        let upload = try await services.receive(call)
        guard upload.size > 0 else { throw APIError.noBytes }
        let object = try await store.keep(
            upload,
            as: ObjectDraft(
                accountID: call.caller.account.id, kind: .object, contentType: type, lifetime: lifetime))
        return .created(object.kind.path(of: object.id), ["object_id": .string(object.id.wire)], by: call)
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("object_id")
        guard let object = try await store.object(id: id, kind: .object, account: call.caller.scope(call.query)) else {
            throw APIError.objectNotFound(.object, id)
        }
        let name = "\(id.wire).\(MediaType.fileExtension(of: object.contentType))"
        return try await services.answer(
            with: object, to: call, headers: [.contentDisposition: "attachment; filename='\(name)'"])
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("object_id")
        guard try await store.deleteObject(id: id, kind: .object, account: call.caller.account.id) else {
            throw APIError.objectNotFound(.object, id)
        }
        return Response(status: .noContent)
    }
}
