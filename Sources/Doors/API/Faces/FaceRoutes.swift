import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/faces`, `/6/faces/count`, `/6/faces/{face_id}`.
struct FaceRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add(
            "/6/faces", .post(.right(.face, .creation), body: .document(), open(create)),
            .get(.right(.face, .view), open(list)), .delete(.right(.face, .deletion), body: .json(), open(deleteSome)))
        table.add("/6/faces/count", .get(.right(.face, .view), open(count)))
        table.add(
            "/6/faces/{face_id}", .get(.right(.face, .view), open(one)), .head(.right(.face, .view), open(one)),
            .patch(.right(.face, .modification), body: .json(), open(change)),
            .delete(.right(.face, .deletion), open(delete)))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let body = try await call.body().keepingSecrets(of: nil)
        _ = try body.object(known: FaceDetails.members.union(["lists", "attribute"]))
        var details = FaceDetails()
        try details.change(by: body)
        let lists = try (body.optional("lists")?.items(minimum: 1, maximum: 1000) ?? []).map { try $0.id() }
        let source = try body.optional("attribute").map(FaceSource.init(_:))
        let face = try await store.createFace(details, on: lists, source, account: call.caller.account.id)
        return .created(Face.path(of: face.id), ["face_id": .string(face.id.wire)], by: call)
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<Face>.all, account: call.caller.scope(call.query))
        let targets = try call.query.targets(FaceTarget.self)
        let faces = try await store.faces(filter, page: call.query.page())
        return .json(["faces": .array(faces.map { $0.wire(targets) })])
    }
    @Sendable private func count(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<Face>.all, account: call.caller.scope(call.query))
        return .json(["faces_count": .integer(Int64(try await store.faceCount(filter)))])
    }
    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("face_id")
        guard let face = try await store.face(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.faceNotFound(id)
        }
        return .json(face.wire())
    }

    @Sendable private func change(_ call: Call) async throws -> Response {
        let id = try call.id("face_id"), account = call.caller.account.id
        let known = try await store.face(id: id, account: account)
        let body = try await call.body().keepingSecrets(of: known.map { ["avatar": .string($0.details.avatar)] })
        guard try !body.object(known: FaceDetails.members).isEmpty else {
            throw body.violation("at least 1 field must be specified")
        }
        guard try await store.changeFace(id: id, account: account, { try $0.change(by: body) }) else {
            throw APIError.faceNotFound(id)
        }
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        try await store.deleteFaces([call.id("face_id")], account: call.caller.account.id)
        return Response(status: .noContent)
    }
    @Sendable private func deleteSome(_ call: Call) async throws -> Response {
        let ignores = try call.query.flag("ignore")
        let body = try await call.body()
        _ = try body.object(known: ["face_ids"])
        let ids = try body.required("face_ids").items(minimum: 1, maximum: 1000).map { try $0.id() }
        try await store.deleteFaces(ids, account: call.caller.account.id, ignoresMissing: ignores)
        return Response(status: .noContent)
    }
}

extension FaceDetails {
    fileprivate static let members: Set = ["external_id", "user_data", "event_id", "avatar"]

    /// Takes over what the body says.
    fileprivate mutating func change(by body: JSONReader) throws {
        if let reader = try body.optional("event_id") { eventID = try reader.value == .null ? nil : reader.id() }
        if let reader = try body.optional("external_id") { externalID = try reader.string(maximumLength: 36) }
        if let reader = try body.optional("user_data") { userData = try reader.string(maximumLength: 128) }
        if let reader = try body.optional("avatar") { avatar = try reader.string(maximumLength: 256) }
    }
}
