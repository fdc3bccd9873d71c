import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Records
import Store
import Streams

/// `/6/events/{event_id}/why`, `/6/general/events/{event_id}/why`, `/6/streams/{stream_id}/why`: why there was an event, and why there was none.
struct WhyRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/events/{event_id}/why", .get(.right(.event, .view), event))
        table.add("/6/general/events/{event_id}/why", .get(.right(.event, .view), generalEvent))
        table.add("/6/streams/{stream_id}/why", .get(.right(.stream, .view), stream))
    }

    /// Of both kinds of events: whoever asks why has an id, and need not know which kind it is of.
    @Sendable private func event(_ call: Call) async throws -> Response {
        let id = try call.id("event_id"), account = try call.caller.scope(call.query)
        for isGeneral in [true, false] {
            if let event = try await store.event(id: id, account: account, isGeneral: isGeneral) {
                return try await why(event)
            }
        }
        throw APIError.eventNotFound(id)
    }
    @Sendable private func generalEvent(_ call: Call) async throws -> Response {
        let id = try call.id("event_id"), account = try call.caller.scope(call.query)
        guard let event = try await store.event(id: id, account: account, isGeneral: true) else {
            throw APIError.eventNotFound(id)
        }
        return try await why(event)
    }
    private func why(_ event: StoredEvent) async throws -> Response {
        let id = event.id
        guard let stream = event.streamID else {
            return .json(EventTrace.unknown(event, "the event was made elsewhere, and of no stream"))
        }
        if let trace = services.traces.trace(of: id, in: stream) { return .json(trace.wire) }
        if let trace = try await store.trace(of: id) { return .json(trace) }
        return .json(EventTrace.unknown(event, reason))
    }
    private var reason: String {
        switch services.traces.configuration.policy {
        case .off, .memory: "traces of events are not kept: see the setting events.why"
        case .keep:
            "no trace of the event is kept: it was made elsewhere or before there were traces, the daemon was killed "
                + "before it was kept, or it is older than events.why_days"
        }
    }

    @Sendable private func stream(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id"), query = call.query
        guard let stream = try await store.stream(id: id, account: call.caller.scope(query)) else {
            throw APIError.streamNotFound(id)
        }
        guard let time = try query.time("time") else { throw Refusal.badQuery("time") }
        let seconds = try query.number("within", in: 0...60) ?? 5
        let window = time.addingTimeInterval(-seconds)...time.addingTimeInterval(seconds)
        let remembered = services.traces.moment(of: id, in: window)
        var analytics = remembered.map { $0.wire(at: time) }
        var missing: [TraceGap] = []
        if remembered.allSatisfy(\.frames.isEmpty) {
            let kept = try await store.traces(of: id, in: window).compactMap {
                MomentTrace.wire($0, in: window, at: time)
            }
            // What is known of its events speaks first.
            analytics = kept + analytics
            if remembered.isEmpty {
                let state =
                    services.traces.configuration.policy == .off
                    ? "frames are not remembered: see the setting events.why"
                    : "the stream has not run since the daemon was started, or not for longer than frames are remembered"
                missing.append(TraceGap(.noTrace(state), from: nil, to: nil))
            }
            if kept.isEmpty {
                missing.append(TraceGap(.noTrace("no event whose trace is kept covers that time"), from: nil, to: nil))
            }
        }
        return .json(
            streamWhy(
                stream: id, account: stream.accountID, time: time, window: window, analytics: analytics,
                missing: missing)
        )
    }
}
