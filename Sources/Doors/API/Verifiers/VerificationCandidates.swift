import Foundation
import HTTPEdge
import JSON
import Records
import Store

/// With whom a face is compared one to one: those that the query of a request names.
struct VerificationCandidates: Sendable {
    struct Candidate: Sendable {
        /// `face`, `event` or `attribute`.
        let name: String
        let object: JSONValue
        let descriptor: Descriptor
        let subject: MatchDesk.Subject?
    }
    let all: [Candidate]

    /// - Throws: 34006 when nobody is named; what is missing of whom, see `MatchDesk.find`.
    init(_ call: Call, in store: Store) async throws {
        let references = try Self.references(call.query)
        guard !references.isEmpty else { throw APIError.noCandidates }
        for right in references.compactMap(\.kind.right) { try call.caller.demand(right) }
        let desk = MatchDesk(store: store, call: call)
        var all: [Candidate] = []
        for reference in references {
            for found in try await desk.find(reference) { all.append(try Candidate(found, reference)) }
        }
        guard all.count <= MatchDesk.limit else { throw Refusal.badQuery("external_ids") }
        self.all = all
    }

    private static func references(_ query: Query) throws -> [MatchReference] {
        func list<Item>(_ name: String, _ item: (String) -> Item?) throws -> [Item] {
            let items = try query.list(name, item) ?? []
            guard items.count <= MatchDesk.limit else { throw Refusal.badQuery(name) }
            return items
        }
        let faces = try list("face_ids") { UUID(wire: $0) }, events = try list("event_ids") { UUID(wire: $0) }
        let attributes = try list("attribute_ids") { UUID(wire: $0) }
        let names = try list("external_ids") { (1...36).contains($0.unicodeScalars.count) ? $0 : nil }
        return faces.map { MatchReference(.face, $0.wire, .face($0)) }
            + events.map { MatchReference(.event, $0.wire, .event($0)) }
            + attributes.map { MatchReference(.attribute, $0.wire, .attribute($0)) }
            + names.map { MatchReference(.faceExternalID, $0, .faceExternalID($0)) }
    }

    /// How alike somebody is to each of them.
    func verifications(of descriptor: Descriptor, above threshold: Double) -> JSONValue {
        .array(
            all.map { candidate in
                let similarity = descriptor.similarity(to: candidate.descriptor)
                return .object([
                    candidate.name: candidate.object, "similarity": .number(similarity),
                    "status": .bool(similarity > threshold),
                ])
            })
    }
}

extension VerificationCandidates.Candidate {
    fileprivate init(_ found: MatchDesk.Found, _ reference: MatchReference) throws {
        switch found.looks {
        case .descriptor(let descriptor): self.descriptor = descriptor
        case .missing(let error): throw error
        case .nothing: throw Refusal.internalError  // of bodies alone
        }
        subject = found.subject
        switch reference.kind {
        case .event: (name, object) = ("event", ["event_id": .string(reference.id)])
        case .attribute: (name, object) = ("attribute", ["attribute_id": .string(reference.id)])
        default: (name, object) = ("face", ["face_id": found.reference["face_id"] ?? .null])
        }
    }
}
