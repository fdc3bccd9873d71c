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
        let descriptor = try read.descriptor.map(kept)
        try await find(read.named, of: account)
        let event = RawEvent(
            accountID: account, handlerID: handler, begin: read.begin, end: read.end, members: read.members,
            descriptor: descriptor, requestID: call.context.requestID.description)
        try await services.store.save(event)
        var response = Response.created(
            GeneratedEvent.path(of: event.id), ["event_id": .string(event.id.wire)], by: call)
        if waits == 0 { response.status = .accepted }
        return response
    }
    private func kept(_ text: String) throws -> Descriptor {
        guard services.settings.recognition == .on else { throw APIError.noFeature("Recognition") }
        return try Descriptor(sdkText: text)
    }
    /// What an event names must be there, and its account's. Whom it was alike to is what others have found.
    private func find(_ named: RawEventBody.Named, of account: UUID) async throws {
        let store = services.store
        if let face = named.face, try await store.face(id: face, account: account) == nil {
            throw APIError.faceNotFound(face)
        }
        if let attribute = named.attribute, try await store.attribute(id: attribute, account: account) == nil {
            throw APIError.attributeNotFound(attribute)
        }
        for (ids, kind) in [(named.faceSamples, StoredObject.Kind.faceSample), (named.bodySamples, .bodySample)] {
            if let missing = try await store.missingObject(of: ids, kind: kind, account: account) {
                throw APIError.sampleNotFound(missing)
            }
        }
    }
}
