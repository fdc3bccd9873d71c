import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import ObjectStore
import Recognition
import Records
import Store
import Synchronization

/// `/6/handlers/{handler_id}/stream_events`: the same for those who work on video, in MessagePack, with what they have cut out already.
extension HandlerEventRoutes {
    private static let type = "application/msgpack"
    /// Where the body is put down by whoever reads it, for whoever looks.
    private final class Reading: Sendable {
        let body = Mutex<StreamEventBody?>(nil)
    }

    @Sendable func generateOfStream(_ call: Call) async throws -> Response {
        let handler = try await self.handler(of: call)
        guard MediaType.essence(of: call.request.headers[.contentType] ?? "") == Self.type else {
            throw Refusal.badContentType
        }
        let upload = try await services.receive(call, counts: false)
        let order = try await self.order(handler, nil, call)
        let reading = Reading()
        return try await desk.inTurn(in: store) {
            let bytes = try await upload.bytes()
            guard let document = try? JSONValue(messagePack: bytes) else { throw Refusal.notJSON }
            do {
                let body = try StreamEventBody(JSONReader(document))
                reading.body.withLock { $0 = body }
            } catch let violation as JSONViolation { throw APIError.badEvent(violation) }
            return []
        } look: { _ in
            guard let body = reading.body.withLock({ $0 }) else { throw Refusal.internalError }
            return try await events(of: body, order)
        }
    }

    private func events(of body: StreamEventBody, _ order: HandlerRunner.Order) async throws -> Response {
        var told: [(fileName: String?, result: Result<Outcome, APIError>)] = []
        var events: [JSONValue] = [], people: [SeenPerson] = []
        for source in body.sources {
            var last: Result<Outcome, APIError> = .success(Outcome())
            for subject in source.subjects {
                let (found, result) = try await self.people(of: subject, body, order)
                if case .success = last { last = result }
                guard case .success = result else { continue }
                if body.isAggregated {
                    people += found
                } else if found.isEmpty, subject.pictures.isEmpty {
                    events.append(try await runner.event(of: [], subject.data, order))
                } else {
                    for person in found { events.append(try await runner.event(of: [person], subject.data, order)) }
                }
            }
            told.append((source.fileName, last))
        }
        if body.isAggregated, !people.isEmpty {
            events = [try await runner.event(of: people, body.data, order, isAggregated: true)]
        }
        return Self.answer(told, events)
    }
    /// Everybody whom a picture shows; of crops the one person whose face and body they are.
    private func people(
        of subject: StreamEventBody.Subject, _ body: StreamEventBody, _ order: HandlerRunner.Order
    ) async throws -> ([SeenPerson], Result<Outcome, APIError>) {
        let now = Date.now
        var people: [SeenPerson] = [], outcome = Outcome()
        for (kind, sent) in subject.pictures {
            let result = try await desk.forEach(
                [sent], kind.reading(isTurned: body.isTurned, order.policies.detect), of: order.account, in: store
            ) { try await look(at: $0, as: kind, order, at: now) }.first
            switch result {
            case .success(let seen)?:
                outcome.seen = outcome.seen ?? seen
                people = kind == .raw ? seen.people : SeenPerson.joined(people + seen.people)
            case .failure(let error)?: return ([], .failure(error))
            case nil: break
            }
        }
        return (people, .success(outcome))
    }
}
