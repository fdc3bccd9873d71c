import Foundation
import HTTPEdge
import JSON
import Records
import Store

/// Looks for those who are alike, and writes down who asked.
struct MatchDesk: Sendable {
    /// Somebody whom a reference stands for, or why it stands for nobody.
    struct Found: Sendable {
        enum Looks: Sendable {
            case descriptor(Descriptor)
            /// Known, with nothing to be compared by.
            case nothing
            case missing(APIError)
        }
        /// The object of the answer.
        let reference: JSONValue
        let looks: Looks
        /// Who that is, of those who are stored.
        var subject: Subject?
    }
    /// A face, an attribute or an event, of which is written down who asked for it.
    struct Subject: Hashable, Sendable {
        let kind: BiometricAccess.Kind
        let id: UUID
        /// Whose it is.
        let owner: UUID
    }
    /// Who is alike to somebody.
    struct Outcome: Sendable {
        let result: JSONValue
        let subjects: [Subject]
    }
    let store: Store
    let call: Call
    /// Then nobody has anything to be compared by, and nobody minds.
    var areBodies = false

    /// Faces and events that references may stand for together: of one external id there may be many.
    static let limit = 100

    // MARK: Who is looked for

    func find(_ reference: MatchReference) async throws -> [Found] {
        let scope = call.caller.seesAllAccounts ? nil : call.caller.account.id
        switch reference.subject {
        case .descriptor(let descriptor): return [Found(reference: reference.wire(), looks: .descriptor(descriptor))]
        case .face(let id): return [try await face(id, reference, scope)]
        case .faceExternalID(let text):
            var filter = Filter<Face>(accountID: scope)
            filter.require(.externalIDs, [.text(text)])
            let faces = try await store.faces(filter, page: Page(size: Self.limit + 1))
            if faces.isEmpty { return [.missing(.noFaceWithExternalID(text), reference)] }
            var found: [Found] = []
            for face in faces { found.append(try await self.face(face.id, reference, scope)) }
            return found
        case .attribute(let id):
            guard let attribute = try await store.attribute(id: id, account: scope) else {
                return [.missing(.attributeNotFound(id), reference)]
            }
            guard let descriptor = attribute.features.descriptor else {
                throw APIError.noDescriptor(of: "Attribute with id '\(id.wire)'")
            }
            return [
                Found(
                    reference: reference.wire(), looks: .descriptor(descriptor),
                    subject: Subject(kind: .attribute, id: id, owner: attribute.accountID))
            ]
        case .event, .eventExternalID, .trackID: return try await events(reference, scope)
        }
    }
    private func face(_ id: UUID, _ reference: MatchReference, _ scope: UUID?) async throws -> Found {
        guard let found = try await store.features(ofFace: id, account: scope) else {
            return .missing(.faceNotFound(id), reference)
        }
        guard let descriptor = found.features?.features.descriptor else {
            throw APIError.noDescriptor(of: "Face with id '\(id.wire)'")
        }
        return Found(
            reference: reference.wire(["face_id": .string(id.wire)]), looks: .descriptor(descriptor),
            subject: Subject(kind: .face, id: id, owner: found.owner))
    }
    /// Of several events those that have a descriptor.
    private func events(_ reference: MatchReference, _ scope: UUID?) async throws -> [Found] {
        var filter = Filter<StoredEvent>(accountID: scope)
        let missing: APIError
        switch reference.subject {
        case .event(let id):
            filter.conditions.append(Condition("id", .isIn, [.id(id)]))
            missing = .eventNotFound(id)
        case .trackID(let id):
            filter.conditions.append(Condition("track_id", .isIn, [.text(id)]))
            missing = areBodies ? .noEventWithExternalID(id) : .noEventWithTrackID(id)
        default:
            filter.conditions.append(Condition("external_id", .isIn, [.text(reference.id)]))
            missing = .noEventWithExternalID(reference.id)
        }
        let events = try await store.events(filter, page: Page(size: Self.limit + 1))
        guard let first = events.first else { return [.missing(missing, reference)] }
        let known = areBodies ? [:] : try await store.descriptorsOfEvents(events.map(\.id), account: scope)
        if known.isEmpty, !areBodies { throw APIError.noDescriptor(of: "Event with id '\(first.id.wire)'") }
        return events.compactMap { event in
            let wire = reference.wire(["event_id": .string(event.id.wire)])
            if areBodies { return Found(reference: wire, looks: .nothing) }
            return known[event.id].map {
                Found(
                    reference: wire, looks: .descriptor($0),
                    subject: Subject(kind: .event, id: event.id, owner: event.accountID))
            }
        }
    }

    // MARK: Who is alike

    /// - Returns: what is told of each descriptor, in their order, and of whom that is.
    func matches(_ descriptors: [Descriptor], among candidates: MatchCandidates) async throws -> [Outcome] {
        switch candidates.origin {
        case .faces(let filter, let targets):
            try await checkList(filter)
            return try await store.matches(descriptors, among: filter, candidates.wish).map {
                Outcome(faces: $0, targets)
            }
        case .attributes(let filter, let targets):
            let attributes = try await store.attributes(filter)
            return descriptors.map { Outcome(attributes: candidates.wish.best(attributes, alikeTo: $0), targets) }
        case .events(let filter, let targets):
            return try await store.matches(descriptors, among: filter, candidates.wish).map {
                Outcome(events: $0, targets)
            }
        }
    }
    private func checkList(_ filter: Filter<Face>) async throws {
        for condition in filter.conditions where condition.column == FilterField<Face>.listColumn {
            guard case .id(let id) = condition.values.first else { continue }
            guard try await store.list(id: id, account: filter.accountID) != nil else {
                throw APIError.namedListNotFound(id)
            }
        }
    }

    /// Writes down who was looked for, and who was found.
    func note(searched: Set<Subject>, found: Set<Subject>) async throws {
        try await store.note(
            searched.map { call.access(to: $0.kind, $0.id, of: $0.owner, .search) }
                + found.map { call.access(to: $0.kind, $0.id, of: $0.owner, .match) })
    }
}

extension MatchDesk.Outcome {
    fileprivate init(faces matches: [FaceMatch], _ targets: Set<FaceTarget>) {
        let result = matches.map { match -> JSONValue in
            ["face": match.face.wire(targets), "similarity": .number(match.similarity)]
        }
        self.init(
            result: .array(result),
            subjects: matches.map { .init(kind: .face, id: $0.face.id, owner: $0.face.accountID) })
    }
    fileprivate init(events matches: [EventMatch], _ targets: Set<EventTarget>) {
        let result = matches.map { match -> JSONValue in
            ["event": match.event.stored(targets), "similarity": .number(match.similarity)]
        }
        self.init(
            result: .array(result),
            subjects: matches.map { .init(kind: .event, id: $0.event.id, owner: $0.event.accountID) })
    }
    fileprivate init(
        attributes matches: [(attribute: FaceAttribute, similarity: Double)], _ targets: Set<MatchedAttributeTarget>
    ) {
        let result = matches.map { match -> JSONValue in
            ["attribute": match.attribute.wire(targets), "similarity": .number(match.similarity)]
        }
        self.init(
            result: .array(result),
            subjects: matches.map { .init(kind: .attribute, id: $0.attribute.id, owner: $0.attribute.accountID) })
    }
}

extension MatchDesk.Found {
    fileprivate static func missing(_ error: APIError, _ reference: MatchReference) -> Self {
        Self(reference: reference.wire(), looks: .missing(error))
    }
}

extension MatchReference {
    fileprivate func wire(_ found: [String: JSONValue] = [:]) -> JSONValue {
        .object(["id": .string(id), "type": .string(kind.rawValue)].merging(found) { own, _ in own })
    }
}

extension FaceAttribute {
    fileprivate func wire(_ targets: Set<MatchedAttributeTarget>) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: targets.map { target in
                    switch target {
                    case .id: (target.rawValue, .string(id.wire))
                    case .accountID: (target.rawValue, .string(accountID.wire))
                    case .createTime: (target.rawValue, .string(createTime.rfc3339))
                    }
                }))
    }
}

extension MatchWish {
    /// Of attributes, the oldest first, those that are wanted.
    fileprivate func best(
        _ attributes: [FaceAttribute], alikeTo descriptor: Descriptor
    ) -> [(attribute: FaceAttribute, similarity: Double)] {
        let judged = attributes.enumerated().compactMap { place, attribute in
            attribute.features.descriptor.map { (place, attribute, $0.cosine(to: descriptor)) }
        }.filter { Similarity.of(cosine: $0.2) >= threshold }
        let sorted = judged.sorted { a, b in
            switch order {
            case .similarity: a.2 != b.2 ? a.2 > b.2 : a.0 < b.0
            case .oldestFirst: a.0 < b.0
            case .newestFirst: a.0 > b.0
            }
        }
        return sorted.prefix(limit).map { ($0.1, Similarity.of(cosine: $0.2)) }
    }
}
