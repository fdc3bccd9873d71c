import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Media
import ObjectStore
import Recognition
import Records
import Store
import Synchronization

/// `/6/handlers/{handler_id}/events`: pictures, or what somebody looks like, become events as the handler's policies say.
struct HandlerEventRoutes: Sendable {
    let services: Services
    var store: Store { services.store }
    var desk: PictureDesk { services.pictures }
    var runner: HandlerRunner {
        HandlerRunner(
            store: store, looker: desk.looker, recognizes: services.settings.recognition == .on,
            open: { [desk] in try await desk.open(sample: $0) })
    }

    func add(to table: ResourceTable) {
        table.add(
            "/6/handlers/{handler_id}/events",
            .post(.right(.event, .creation), body: .bytes(limit: services.settings.pictureLimit), generate))
        table.add(
            "/6/handlers/{handler_id}/stream_events",
            .post(.right(.event, .creation), body: .bytes(limit: services.settings.pictureLimit), generateOfStream))
    }

    /// That the path names, where events may be made by it.
    func handler(of call: Call) async throws -> Handler {
        let id = try call.id("handler_id")
        guard let handler = try await store.handler(id: id, account: call.caller.account.id) else {
            throw APIError.handlerNotFound(id)
        }
        try call.caller.mayEmitEvents(by: id)
        return handler
    }
    @Sendable private func generate(_ call: Call) async throws -> Response {
        let handler = try await self.handler(of: call)
        let wishes = try EventWishes(call)
        let type = MediaType.essence(of: call.request.headers[.contentType] ?? "")
        if SentDescriptor.isOne(type) { return try await generate(ofDescriptor: type, wishes, handler, call) }
        let upload = try await services.receivePictures(call)
        let agreement = Agreement()
        return try await desk.inTurn(in: store) {
            let request: SentRequest
            do {
                request = try SentRequest(
                    try await upload.bytes(), contentType: call.request.headers[.contentType],
                    areCrops: wishes.kind != .raw, isForEvents: true)
            } catch let violation as JSONViolation { throw APIError.badEvent(violation) }
            let order = try await self.order(handler, request.policies, call)
            if wishes.kind == .raw, order.policies.detect.detectsFaces, !desk.looker.findsFaces {
                throw APIError.noFeature(Feature.faceDetection.rawValue)
            }
            agreement.agreed.withLock { $0 = Agreed(order: order, meta: request.meta) }
            return request.pictures
        } look: { sent in
            guard let agreed = agreement.agreed.withLock({ $0 }) else { throw Refusal.internalError }
            return try await events(of: sent, wishes, agreed, call)
        }
    }
    /// What is to be done, once the body is read.
    private struct Agreed: Sendable {
        let order: HandlerRunner.Order
        /// Of all events that say nothing themselves.
        let meta: JSONValue?
    }

    /// Where that is put down by whoever reads, for whoever looks.
    private final class Agreement: Sendable {
        let agreed = Mutex<Agreed?>(nil)
    }

    /// - Parameter sent: the policies that came with the request, which a dynamic handler carries out.
    func order(_ handler: Handler, _ sent: JSONReader?, _ call: Call) async throws -> HandlerRunner.Order {
        var policies = handler.details.policies
        if policies == nil {
            let own = try APIError.ofPolicies {
                try HandlerPolicies(
                    (sent ?? JSONReader(.emptyObject, path: "policies")).keepingSecrets(of: nil))
            }
            try services.expect(own)
            try await store.checkLists(of: HandlerDetails(policies: own), account: handler.accountID)
            policies = own
        } else if sent != nil {
            throw APIError.policiesAreFixed
        }
        guard let policies else { throw Refusal.internalError }
        var token: UUID?
        if case .token(let used) = call.caller.proof { token = used.id }
        return HandlerRunner.Order(
            handler: handler.id, account: handler.accountID, policies: policies,
            seesAllAccounts: call.caller.seesAllAccounts && handler.details.policies != nil, token: token,
            requestID: call.context.requestID.description)
    }

    // MARK: Of pictures

    /// What became of one picture.
    struct Outcome: Sendable {
        var seen: SeenPicture?
        var events: [JSONValue] = []
    }

    private func events(
        of sent: [SentPicture], _ wishes: EventWishes, _ agreed: Agreed, _ call: Call
    ) async throws -> Response {
        let order = agreed.order, now = Date.now
        var data = wishes.data
        data.meta = agreed.meta
        let results = try await desk.forEach(
            sent, wishes.kind.reading(isTurned: wishes.isTurned, order.policies.detect), of: order.account, in: store
        ) { [data] opened -> Outcome in
            let seen = try await look(at: opened, as: wishes.kind, order, at: now)
            var outcome = Outcome(seen: seen)
            guard !wishes.isAggregated else { return outcome }
            var own = data
            own.meta = opened.sent.details.meta ?? data.meta
            for person in seen.people { outcome.events.append(try await runner.event(of: [person], own, order)) }
            return outcome
        }
        let outcomes = results.compactMap { try? $0.get() }
        var events = outcomes.flatMap(\.events)
        let people = outcomes.compactMap(\.seen).flatMap(\.people)
        if wishes.isAggregated, !people.isEmpty {
            events = [try await runner.event(of: people, data, order, isAggregated: true)]
        }
        return Self.answer(zip(sent, results).map { ($0.fileName, $1) }, events)
    }
    static func answer(
        _ pictures: [(fileName: String?, result: Result<Outcome, APIError>)], _ events: [JSONValue]
    ) -> Response {
        let seen = pictures.compactMap { try? $0.result.get().seen }
        return .json(
            [
                "images": .array(pictures.map { wire($0.fileName, $0.result) }), "events": .array(events),
                "filtered_detections": ["face_detections": .array(seen.flatMap(\.filtered))],
            ], status: .created)
    }
    private static func wire(_ fileName: String?, _ result: Result<Outcome, APIError>) -> JSONValue {
        var members: [String: JSONValue] = ["filename": .string(fileName ?? GeneratedEvent.rawImage)]
        switch result {
        case .success(let outcome):
            members["exif"] = outcome.seen?.exif
            members["image_estimations"] = outcome.seen?.estimations
            members["status"] = 1
            members["error"] = APIError.success.body
        case .failure(let error):
            members["status"] = 0
            members["error"] = error.body
        }
        return .object(members)
    }

    /// - Throws: `APIError.severalFaces`.
    func look(
        at opened: PictureDesk.Opened, as kind: HandledPicture.Kind, _ order: HandlerRunner.Order, at now: Date
    ) async throws -> SeenPicture {
        let picture = try await handled(opened, kind, at: now)
        do { return try await runner.look(at: picture, order) } catch is PictureLooker.SeveralFaces {
            throw APIError.severalFaces
        }
    }
    private func handled(
        _ opened: PictureDesk.Opened, _ kind: HandledPicture.Kind, at now: Date
    ) async throws -> HandledPicture {
        let sent = opened.sent, details = sent.details
        var picture = HandledPicture(kind, opened.still, bytes: opened.bytes) { [stills = services.stills] in
            let image = try await stills.read { opened.bytes }
            return HandledPicture.File(bytes: image.converted ?? opened.bytes, contentType: image.contentType)
        }
        picture.fileName = sent.fileName ?? GeneratedEvent.rawImage
        (picture.face, picture.body) = (sent.face, sent.body)
        (picture.time, picture.offset) = (details.time ?? now, details.offset)
        (picture.notes, picture.meta) = (details.notes, details.meta)
        picture.link = sent.link.map { Redaction.redacted($0, as: .address) }
        if case .sample(let id) = sent.source { picture.sample = id }
        switch details.origin {
        case nil: break
        case .link(let link): picture.origin = .link(Redaction.redacted(link, as: .address))
        case .bytes(let bytes, let type): picture.origin = .file(try await file(Array(bytes), type))
        }
        return picture
    }
    /// A picture that somebody sent beside another.
    private func file(_ sent: [UInt8], _ type: String) async throws -> HandledPicture.File {
        do {
            let image = try await services.stills.read { sent }
            return HandledPicture.File(bytes: image.converted ?? sent, contentType: image.contentType)
        } catch is MediaError {
            throw APIError.notAnImage
        }
    }
}

extension HandledPicture.Kind {
    /// How such pictures are read.
    func reading(isTurned: Bool, _ policy: DetectPolicy) -> PictureDesk.Reading {
        let kinds: [StoredObject.Kind] =
            switch self {
            case .raw: [.faceSample, .bodySample]
            case .faceWarp: [.faceSample]
            case .bodyWarp: [.bodySample]
            }
        return PictureDesk.Reading(
            isTurned: self == .raw && isTurned, readsEXIF: policy.estimates.contains(.exif), samples: kinds,
            isFaceWarp: self == .faceWarp, isBodyWarp: self == .bodyWarp)
    }
}

// MARK: Of what somebody looks like

extension HandlerEventRoutes {
    private func generate(
        ofDescriptor type: String, _ wishes: EventWishes, _ handler: Handler, _ call: Call
    ) async throws -> Response {
        let upload = try await services.receive(call, counts: false)
        guard services.settings.recognition == .on else { throw APIError.noFeature("Recognition") }
        guard !wishes.isAggregated else { throw APIError.noAggregation }
        let descriptor = try SentDescriptor.read(try await upload.bytes(), type: type)
        let event = try await runner.event(
            of: descriptor, wishes.data, try await order(handler, nil, call))
        return .json(
            [
                "images": [
                    ["filename": .string(SentDescriptor.fileName), "status": 1, "error": APIError.success.body]
                ], "events": [event], "filtered_detections": ["face_detections": []],
            ], status: .created)
    }
}
