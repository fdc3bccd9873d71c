import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/deliveries`, `/6/deliveries/redeliver`, `/6/deliveries/{delivery_id}`, `/6/deliveries/{delivery_id}/redeliver`,
/// `/6/events/{event_id}/deliveries`, `/6/jobs/{job_id}/deliveries`: reports to callbacks that were not delivered, and what is done about them.
struct DeliveryRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/deliveries", .get(.right(.stream, .view), list))
        table.add("/6/deliveries/redeliver", .post(.right(.stream, .modification), body: .json(), redeliverMany))
        table.add(
            "/6/deliveries/{delivery_id}", .get(.right(.stream, .view), one),
            .delete(.right(.stream, .deletion), delete))
        table.add("/6/deliveries/{delivery_id}/redeliver", .post(.right(.stream, .modification), redeliver))
        table.add("/6/events/{event_id}/deliveries", .get(.right(.stream, .view), ofEvent))
        table.add("/6/jobs/{job_id}/deliveries", .get(.right(.task, .view), ofJob))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<PendingDelivery>.all, account: call.caller.scope(query))
        let deliveries = try await store.deliveries(filter, page: query.page())
        return .json(["deliveries": .array(deliveries.map(\.wire))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("delivery_id")
        guard let delivery = try await store.delivery(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.deliveryNotFound(id)
        }
        return .json(delivery.wire)
    }

    @Sendable private func ofEvent(_ call: Call) async throws -> Response {
        let id = try call.id("event_id")
        guard let found = try await store.deliveries(ofEvent: id, account: call.caller.scope(call.query)) else {
            throw APIError.eventNotFound(id)
        }
        return .json(found.wire)
    }
    @Sendable private func ofJob(_ call: Call) async throws -> Response {
        let id = try call.id("job_id")
        guard let found = try await store.deliveries(ofJob: id, account: call.caller.scope(call.query)) else {
            throw APIError.jobNotFound(id)
        }
        return .json(found.wire)
    }

    @Sendable private func redeliver(_ call: Call) async throws -> Response {
        let id = try call.id("delivery_id")
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        guard try await store.redeliver(ids: [id], account: call.caller.account.id) == 1 else {
            throw APIError.deliveryNotFound(id)
        }
        return Response(status: .noContent)
    }

    /// Ids that the caller has no delivery of are passed over.
    @Sendable private func redeliverMany(_ call: Call) async throws -> Response {
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        let body = try await call.body()
        _ = try body.object(known: ["delivery_ids"])
        let ids = try body.required("delivery_ids").ids()
        let count = try await store.redeliver(ids: ids, account: call.caller.account.id)
        return .json(["redelivered_count": .integer(Int64(count))])
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("delivery_id")
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        guard try await store.deleteDelivery(id: id, account: call.caller.account.id) else {
            throw APIError.deliveryNotFound(id)
        }
        return Response(status: .noContent)
    }
}

extension ReportsStanding {
    fileprivate var wire: JSONValue {
        [
            "delivered": .integer(Int64(delivered)),
            "last_delivery_time": lastDeliveryTime.map { .string($0.rfc3339) } ?? .null,
            "deliveries": .array(pending.map(\.wire)),
        ]
    }
}

extension PendingDelivery {
    /// The delivery object of `docs/api.md`, secrets hidden.
    fileprivate var wire: JSONValue {
        func time(_ date: Date?) -> JSONValue { date.map { .string($0.rfc3339) } ?? .null }
        func text(_ id: UUID?) -> JSONValue { id.map { .string($0.wire) } ?? .null }
        return [
            "delivery_id": .string(id.wire), "account_id": .string(accountID.wire),
            "stream_id": text(streamID), "event_id": text(eventID), "job_id": text(jobID),
            "handler_id": text(handlerID),
            "callback": callback.withoutSecrets, "sequence": .integer(Int64(number)), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)),
            "last_error": lastError.map { .string(Redaction.redacted($0)) } ?? .null,
            "last_attempt_time": time(lastAttemptTime), "next_attempt_time": time(nextAttemptTime),
            "create_time": time(createTime), "due_time": time(dueTime),
        ]
    }
}
