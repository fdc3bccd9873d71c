import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/handlers/{handler_id}/events/raw`: events that were made elsewhere.
struct RawEventRoutes: Sendable {
    /// The free part of an event may have 2 MB; an escape in JSON is six bytes for one.
    private static let bodyLimit = 8 << 20
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/handlers/{handler_id}/events/raw",
            .post(.right(.event, .creation), body: .json(limit: Self.bodyLimit), save))
    }

    /// Whether it waits or not, the event is kept before it is answered; who need not wait is only told so.
    @Sendable private func save(_ call: Call) async throws -> Response {
        let handler = try call.id("handler_id")
        let account = call.caller.account.id
        let waits = try call.query.integer("wait_saving", in: 0...1) ?? 1
        guard let known = try await services.store.handler(id: handler, account: account) else {
            throw APIError.handlerNotFound(handler)
        }
        try call.caller.mayEmitEvents(by: handler)
        guard known.details.policies == nil else { throw APIError.handlerIsNotDynamic(handler) }
        let body = try await call.body()
        let read: RawEventBody
        do { read = try RawEventBody(body, at: .now) } catch { throw APIError.badEvent(error) }
        let event = RawEvent(
            accountID: account, handlerID: handler, begin: read.begin, end: read.end, members: read.members,
            requestID: call.context.requestID.description)
        try await services.store.save(event)
        var response = Response.created(
            GeneratedEvent.path(of: event.id), ["event_id": .string(event.id.wire)], by: call)
        if waits == 0 { response.status = .accepted }
        return response
    }
}
