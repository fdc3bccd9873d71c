import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/lists`, `/6/lists/count`, `/6/lists/{list_id}`, `/6/lists/{list_id}/faces`.
struct FaceListRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add(
            "/6/lists", .post(.right(.list, .creation), body: .json(), open(create)),
            .get(.right(.list, .view), open(list)), .delete(.right(.list, .deletion), body: .json(), open(deleteSome)))
        table.add("/6/lists/count", .get(.right(.list, .view), open(count)))
        table.add(
            "/6/lists/{list_id}", .get(.right(.list, .view), open(one)), .head(.right(.list, .view), open(one)),
            .patch(.right(.list, .modification), body: .json(), open(change)),
            .delete(.right(.list, .deletion), open(delete)))
        table.add(
            "/6/lists/{list_id}/faces", .patch(.right(.list, .modification), body: .json(), open(link)))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let body = try await call.body()
        let change = try ListChange(body)
        let list = try await store.createList(
            userData: change.userData ?? "", faceDays: change.faceDays ?? nil, account: call.caller.account.id)
        return .created(FaceList.path(of: list.id), ["list_id": .string(list.id.wire)], by: call)
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<FaceList>.all, account: call.caller.scope(call.query))
        let lists = try await store.lists(filter, page: call.query.page())
        return .json(["lists": .array(lists.map(\.wire))])
    }
    @Sendable private func count(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<FaceList>.all, account: call.caller.scope(call.query))
        return .json(["lists_count": .integer(Int64(try await store.listCount(filter)))])
    }
    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("list_id")
        guard let list = try await store.list(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.listNotFound(id)
        }
        return .json(list.wire)
    }

    @Sendable private func change(_ call: Call) async throws -> Response {
        let id = try call.id("list_id")
        let body = try await call.body()
        let change = try ListChange(body)
        guard !change.isEmpty else { throw body.violation("at least 1 field must be specified") }
        let isDone = try await store.changeList(id: id, account: call.caller.account.id) { userData, faceDays in
            if let new = change.userData { userData = new }
            if let new = change.faceDays { faceDays = new }
        }
        guard isDone else { throw APIError.listNotFound(id) }
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        try await delete([call.id("list_id")], call)
    }
    @Sendable private func deleteSome(_ call: Call) async throws -> Response {
        let body = try await call.body()
        _ = try body.object(known: ["list_ids"])
        let ids = try body.required("list_ids").items(minimum: 1, maximum: 1000).map { try $0.id() }
        return try await delete(ids, call)
    }
    private func delete(_ ids: [UUID], _ call: Call) async throws -> Response {
        let account = call.caller.account.id
        do {
            guard try call.query.flag("with_faces") else {
                try await store.deleteLists(ids, account: account)
                return Response(status: .noContent)
            }
            // Who may remove lists may not for that reason remove faces.
            try call.caller.demand(Right(.face, .deletion))
            try await store.deleteListsWithFaces(ids, account: account)
            return Response(status: .accepted)
        } catch StoreError.listNotFound(let id) {
            throw APIError.listNotFound(id)
        }
    }

    @Sendable private func link(_ call: Call) async throws -> Response {
        let id = try call.id("list_id")
        let body = try await call.body()
        _ = try body.object(known: ["action", "face_ids"])
        let name = try body.required("action").string(oneOf: LinkAction.allCases.map(\.rawValue))
        guard let action = LinkAction(rawValue: name) else { throw Refusal.internalError }
        let faces = try body.required("face_ids").items(minimum: 1, maximum: 1000).map { try $0.id() }
        guard try await store.link(action, faces: faces, list: id, account: call.caller.account.id) else {
            throw APIError.listNotFound(id)
        }
        return Response(status: .noContent)
    }
}

/// What a body says of a list; `nil` where it says nothing.
private struct ListChange: Sendable {
    let userData: String?
    let faceDays: Int??
    var isEmpty: Bool { userData == nil && faceDays == nil }

    init(_ body: JSONReader) throws {
        _ = try body.object(known: ["user_data", "face_ttl"])
        userData = try body.optional("user_data")?.string(maximumLength: 128)
        faceDays = try body.optional("face_ttl").map { reader -> Int? in
            try reader.value == .null ? nil : reader.integer(in: FaceList.days)
        }
    }
}

extension FaceList {
    /// The list object; for how long faces stay on it is told where somebody has said so.
    fileprivate var wire: JSONValue {
        var object: [String: JSONValue] = [
            "list_id": .string(id.wire), "account_id": .string(accountID.wire), "user_data": .string(userData),
            "create_time": .string(createTime.rfc3339), "last_update_time": .string(lastUpdateTime.rfc3339),
        ]
        if let faceDays { object["face_ttl"] = .integer(Int64(faceDays)) }
        return .object(object)
    }
}
