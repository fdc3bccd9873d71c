import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records
import Store

/// `/6/events`, `/6/events/{event_id}`: what handlers have made.
struct EventRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/events", .get(.right(.event, .view), list))
        table.add(
            "/6/events/{event_id}", .get(.right(.event, .view), one), .head(.right(.event, .view), one))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.storedEvents(account: call.caller.scope(query))
        let (order, targets, page) = (try query.eventOrder(), try query.eventTargets(), try query.page())
        let events = try await store.events(filter, order: order, page: page)
        return .json(["events": .array(events.map { $0.stored(targets) })])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("event_id")
        let targets = try call.query.eventTargets()
        let event = try await store.event(id: id, account: call.caller.scope(call.query), isGeneral: false)
        guard let event else { throw APIError.eventNotFound(id) }
        return .json(event.stored(targets))
    }
}

/// `/6/general/events`, `/6/general/events/{event_id}`: what no handler has made.
struct GeneralEventRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/general/events", .get(.right(.event, .view), list))
        table.add(
            "/6/general/events/{event_id}", .get(.right(.event, .view), one), .head(.right(.event, .view), one))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.generalEvents(account: call.caller.scope(query))
        let (order, page) = (try query.eventOrder(), try query.page())
        let events = try await store.generalEvents(filter, order: order, page: page)
        return .json(["events": .array(events.map(\.general))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("event_id")
        let event = try await store.event(id: id, account: call.caller.scope(call.query), isGeneral: true)
        guard let event else { throw APIError.eventNotFound(id) }
        return .json(event.general)
    }
}
