import HTTPEdge
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/groups`, `/6/groups/count`, `/6/groups/{group_id}`.
struct GroupRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/groups", .post(.right(.group, .creation), body: .json(), create),
            .get(.right(.group, .view), list))
        table.add("/6/groups/count", .get(.right(.group, .view), count))
        table.add(
            "/6/groups/{group_id}", .get(.right(.group, .view), one),
            .patch(.right(.group, .modification), body: .json(), describe),
            .delete(.right(.group, .deletion), delete))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let body = try await call.body().keepingSecrets(of: nil)
        _ = try body.object(known: ["group_name", "description"])
        let name = try body.required("group_name").name(maximumLength: 128)
        let description = try body.optional("description")?.string(maximumLength: 256) ?? ""
        let group = try await store.createGroup(name: name, description: description, account: call.caller.account.id)
        var response = Response.json(["group_id": .string(group.id.wire)], status: .created)
        response.headers[.location] = "/6/groups/\(group.id.wire)"
        return response
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<StreamGroup>.all, account: call.caller.scope(call.query))
        let groups = try await store.groups(filter, page: call.query.page())
        return .json(["groups": .array(groups.map(\.wire))])
    }

    @Sendable private func count(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<StreamGroup>.all, account: call.caller.scope(call.query))
        return .json(["groups_count": .integer(Int64(try await store.groupCount(filter)))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("group_id")
        guard let group = try await store.group(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.groupNotFound(id)
        }
        return .json(group.wire)
    }

    @Sendable private func describe(_ call: Call) async throws -> Response {
        let id = try call.id("group_id")
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        let written = try await call.body()
        let group = try await store.group(id: id, account: call.caller.account.id)
        let body = try written.keepingSecrets(of: group.map { ["description": .string($0.description)] })
        _ = try body.object(known: ["description"])
        let description = try body.required("description").string(maximumLength: 256)
        guard try await store.setDescription(description, ofGroup: id, account: call.caller.account.id) else {
            throw APIError.groupNotFound(id)
        }
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("group_id")
        _ = try call.caller.scope(call.query)
        guard try await store.deleteGroup(id: id, account: call.caller.account.id) else {
            throw APIError.groupNotFound(id)
        }
        return Response(status: .noContent)
    }
}

extension StreamGroup {
    /// The group object of `docs/contract/streams.md §5`: all five keys.
    fileprivate var wire: JSONValue {
        [
            "group_id": .string(id.wire), "account_id": .string(accountID.wire), "group_name": .string(name),
            "description": .string(Redaction.redacted(description, as: .prose)),
            "create_time": .string(createTime.rfc3339),
        ]
    }
}
