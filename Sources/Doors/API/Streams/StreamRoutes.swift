import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records
import Store
import Streams

/// `/6/streams`, `/6/streams/count`, `/6/streams/{stream_id}`.
struct StreamRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/streams", .post(.right(.stream, .creation), body: .json(), create),
            .get(.right(.stream, .view), list),
            .delete(.right(.stream, .deletion), body: .json(), deleteMany))
        table.add("/6/streams/count", .get(.right(.stream, .view), count))
        table.add(
            "/6/streams/{stream_id}", .get(.right(.stream, .view), one),
            .head(.right(.stream, .view), one),
            .put(.right(.stream, .modification), body: .json(), replace),
            .patch(.right(.stream, .modification), act),
            .delete(.right(.stream, .deletion), delete))
    }

    @Sendable private func create(_ call: Call) async throws -> Response {
        let body = try streamBody(await call.body(), replacing: nil)
        try await checkHandlers(of: body, call.caller)
        let stream = try await store.createStream(
            body.specification, group: body.group, account: call.caller.account.id)
        return .json(["stream_id": .string(stream.id.wire)], status: .created)
    }

    @Sendable private func replace(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id")
        let account = call.caller.account.id
        let written = try await call.body()
        var stored: RegisteredStream?
        do {
            stored = try await store.stream(id: id, account: account)
            if stored == nil { throw APIError.streamNotFound(id) }
        } catch StoreError.streamUnreadable {
            // It has nothing that could be kept, and being replaced mends it.
        }
        let body = try streamBody(written, replacing: stored)
        try await checkHandlers(of: body, call.caller)
        let version = try await store.replaceStream(
            id: id, body.specification, group: body.group, account: account)
        guard let version else { throw APIError.streamNotFound(id) }
        if body.specification.privacy != nil { services.views.withholdVideo(of: id, before: version) }
        return .json(["stream_id": .string(id.wire), "version": .integer(Int64(version))])
    }

    /// - Parameter stored: whose secrets the body may keep without naming them.
    private func streamBody(_ body: JSONReader, replacing stored: RegisteredStream?) throws -> StreamBody {
        try StreamBody(
            body.keepingSecrets(of: stored?.withSecrets), catalogue: services.catalogue, settings: services.settings)
    }

    /// Handlers that analytics name must be there, with policies of their own, and the caller's to use.
    private func checkHandlers(of body: StreamBody, _ caller: Caller) async throws {
        for id in body.specification.analytics.compactMap(\.handler) {
            if id == BuiltInHandler.id(of: caller.account.id) { throw APIError.handlerIsDynamic(id) }
            guard let handler = try await store.handler(id: id, account: caller.account.id) else {
                throw APIError.namedHandlerNotFound(id)
            }
            guard handler.details.policies != nil else { throw APIError.handlerIsDynamic(id) }
            try caller.mayEmitEvents(by: id)
        }
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<RegisteredStream>.all, account: call.caller.scope(query))
        let order: CreationOrder = try query.choice("order") ?? .newestFirst
        let page = try query.page()
        // A single daemon has no agents that a stream could be bound to, so no agent's id matches.
        let isBoundToAgent = try query.id("agent_id") != nil
        let streams = isBoundToAgent ? [] : try await store.streams(filter, order: order, page: page)
        let health = await services.daemon.streamHealth()
        var writer = JSONWriter(reserving: 1024 * (streams.count + 1))
        writer.object {
            $0.key("streams")
            $0.array(streams) { $1.write(to: &$0, health: health[$1.id]) }
        }
        return .json(writer)
    }

    @Sendable private func count(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<RegisteredStream>.counted, account: call.caller.scope(query))
        return .json(["streams_count": .integer(Int64(try await store.streamCount(filter)))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id")
        guard let stream = try await store.stream(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.streamNotFound(id)
        }
        var writer = JSONWriter()
        stream.write(to: &writer, health: await services.daemon.streamHealth()[id])
        return .json(writer)
    }

    private enum Action: String { case stop, resume }

    @Sendable private func act(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id")
        let action: Action? = try call.query.choice("action")
        let account = call.caller.account.id
        let outcome: StatusChange
        switch action {
        case .stop: outcome = try await store.stopStream(id: id, account: account)
        case .resume: outcome = try await store.resumeStream(id: id, account: account)
        case nil: throw Refusal.badQuery("action")
        }
        switch outcome {
        case .done: break
        case .notFound: throw APIError.streamNotFound(id)
        case .refused: throw action == .stop ? APIError.cannotStop : APIError.cannotResume
        }
        return Response(status: .noContent)
    }

    /// Ids that the caller has no stream of are passed over.
    @Sendable private func deleteMany(_ call: Call) async throws -> Response {
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        let body = try await call.body()
        _ = try body.object(known: ["stream_ids"])
        try await store.deleteStreams(ids: body.required("stream_ids").ids(), account: call.caller.account.id)
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id")
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        guard try await store.deleteStream(id: id, account: call.caller.account.id) else {
            throw APIError.streamNotFound(id)
        }
        return Response(status: .noContent)
    }
}
