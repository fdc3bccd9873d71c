import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/faces/{face_id}/attributes` and what lies below it, `/6/faces/attributes/count`: what faces look like.
struct FeatureRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add("/6/faces/attributes/count", .get(.right(.face, .view), open(count)))
        table.add(
            "/6/faces/{face_id}/attributes", .get(.right(.face, .view), open(one)),
            .put(.right(.face, .modification), body: .document(), open(replace)),
            .delete(.right(.face, .deletion), open(delete)))
        table.add("/6/faces/{face_id}/attributes/samples", .get(.right(.face, .view), open(samples)))
    }

    @Sendable private func count(_ call: Call) async throws -> Response {
        let count = try await store.countOfFacesWithFeatures(account: call.caller.scope(call.query))
        return .json(["faces_count": .integer(Int64(count))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("face_id")
        let form = try FeatureForm(call.query), targets = try call.query.targets(FeatureTarget.self)
        guard let found = try await store.features(ofFace: id, account: call.caller.scope(call.query)) else {
            throw APIError.faceNotFound(id)
        }
        let features = found.features?.features
        if form.tells(features, targets) { try await store.note([call.access(to: .face, id, of: found.owner)]) }
        let members = targets.map {
            ($0.rawValue, form.wire(features, since: found.features?.createTime, $0))
        }
        let answer = AnswerForm(for: call)
        let object: JSONValue = ["attributes": .object(Dictionary(uniqueKeysWithValues: members))]
        return .bytes(answer.bytes(object, bytesIn: FeatureForm.bytes), type: answer.rawValue)
    }
    @Sendable private func samples(_ call: Call) async throws -> Response {
        let id = try call.id("face_id")
        guard let found = try await store.features(ofFace: id, account: call.caller.scope(call.query)) else {
            throw APIError.faceNotFound(id)
        }
        return .json(["samples": FeatureForm.ids(found.features?.features.samples)])
    }

    @Sendable private func replace(_ call: Call) async throws -> Response {
        let id = try call.id("face_id")
        let source = try FaceSource(try await call.body())
        guard try await store.setFeatures(source, ofFace: id, account: call.caller.account.id) else {
            throw APIError.faceNotFound(id)
        }
        return Response(status: .noContent)
    }
    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("face_id")
        guard try await store.deleteFeatures(ofFace: id, account: call.caller.account.id) else {
            throw APIError.faceNotFound(id)
        }
        return Response(status: .noContent)
    }
}
