import HTTPEdge
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/linker`: puts streams into a group and takes them out, all or none.
struct LinkerRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/linker", .patch(.right(.stream, .modification), body: .json(), link))
    }

    @Sendable private func link(_ call: Call) async throws -> Response {
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        let body = try await call.body()
        _ = try body.object(known: ["action", "stream_ids", "group_id"])
        let name = try body.required("action").string(oneOf: LinkAction.allCases.map(\.rawValue))
        guard let action = LinkAction(rawValue: name) else { throw Refusal.internalError }
        let streams = try body.required("stream_ids").ids()
        let group = try body.required("group_id").id()
        switch try await services.store.link(
            action, streams: streams, group: group, account: call.caller.account.id)
        {
        case .done: return Response(status: .noContent)
        case .groupNotFound: throw APIError.namedGroupNotFound(.id(group))
        case .streamNotFound(let id): throw APIError.namedStreamNotFound(id)
        }
    }
}
