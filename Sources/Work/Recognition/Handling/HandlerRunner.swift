public import Foundation
public import JSON
public import Media
public import Records
import Scene
public import Store

/// Carries out what handlers' policies say: detection, extraction, matching, tags, storage, callbacks and notification, in this order.
public struct HandlerRunner: Sendable {
    /// What is to be carried out, and for whom.
    public struct Order: Sendable {
        public let handler, account: UUID
        public let policies: HandlerPolicies
        /// Whether policies may look for people among those of other accounts.
        public let seesAllAccounts: Bool
        /// Who asked, by which token and request.
        public let token: UUID?
        public let requestID: String
        public init(
            handler: UUID, account: UUID, policies: HandlerPolicies, seesAllAccounts: Bool = false, token: UUID? = nil,
            requestID: String
        ) {
            (self.handler, self.account, self.policies) = (handler, account, policies)
            (self.seesAllAccounts, self.token, self.requestID) = (seesAllAccounts, token, requestID)
        }
    }
    let store: Store
    private let looker: PictureLooker
    let recognizes: Bool
    let open: @Sendable ([UInt8]) async throws -> StillPicture

    /// - Parameters:
    ///   - recognizes: whether people may be known again.
    ///   - open: decodes a sample.
    public init(
        store: Store, looker: PictureLooker, recognizes: Bool,
        open: @escaping @Sendable ([UInt8]) async throws -> StillPicture
    ) {
        (self.store, self.looker, self.recognizes, self.open) = (store, looker, recognizes, open)
    }

    /// Whom a picture shows, and what is to be known of them.
    /// - Throws: `PictureLooker.SeveralFaces`; what the models throw.
    public func look(at picture: HandledPicture, _ order: Order) async throws -> SeenPicture {
        try await looker.look(at: picture, order.policies, describes: describes(order), open: open)
    }
    private func describes(_ order: Order) -> Bool {
        recognizes && looker.describesFaces && order.policies.extract.extractsFaceDescriptor ?? true
    }

    /// Makes the event of one person, and does with it what the policies say.
    /// - Parameters:
    ///   - people: what several pictures show of him; one that shows nobody else is an event, too.
    ///   - isAggregated: whether what several pictures say is told as one.
    /// - Returns: the event as it is generated.
    /// - Throws: `StoreError`.
    public func event(
        of people: [SeenPerson], _ data: EventData, _ order: Order, isAggregated: Bool = false
    ) async throws -> JSONValue {
        var made = HandledEvent(people, data, at: .now)
        made.isAggregated = isAggregated
        if describes(order) { made.describe(by: order.policies.extract) }
        return try await carryOut(order, &made)
    }
    /// The same of somebody of whom nothing is known but what he looks like.
    public func event(
        of descriptor: Descriptor, _ data: EventData, _ order: Order
    ) async throws -> JSONValue {
        var made = HandledEvent([], data, at: .now)
        made.described = DescribedFace(descriptor: descriptor, score: 1)
        return try await carryOut(order, &made)
    }

    private func carryOut(_ order: Order, _ event: inout HandledEvent) async throws -> JSONValue {
        try await match(&event, order)
        for tag in order.policies.tags where tag.filter.passes(event.facts) && !event.tags.contains(tag.tag) {
            event.tags.append(tag.tag)
        }
        try await keepSamples(of: &event, order)
        try await keepFeatures(of: &event, order)
        let storage = order.policies.storage, facts = event.facts
        let receivers = storage.receivers.filter { $0.isTold(facts) }.map(\.callback)
        let told = RawEvent(
            id: event.id, accountID: order.account, handlerID: order.handler, begin: event.begin, end: event.end,
            members: event.members, descriptor: event.described?.descriptor, requestID: order.requestID,
            isNotice: storage.notification.applies(to: facts) || receivers.contains { !$0.kind.isSent },
            callbacks: receivers)
        let isStored = storage.event.store.applies(to: facts)
        if isStored { try await store.save(told) } else { try await store.report(told) }
        return told.generated(isStored: isStored)
    }

    // MARK: Who is alike

    private func match(_ event: inout HandledEvent, _ order: Order) async throws {
        guard let descriptor = event.described?.descriptor else { return }
        var found: Set<FoundSubject> = []
        for policy in order.policies.match where policy.descriptor == .face && policy.filter.passes(event.facts) {
            let (candidates, best) = try await matches(of: descriptor, policy, order, &found)
            guard let best else { continue }
            event.matches.append(["label": .string(policy.label), "candidates": .array(candidates)])
            event.facts.best[policy.label] = max(best, event.facts.best[policy.label] ?? 0)
        }
        try await store.note(
            found.map {
                BiometricAccess(
                    reader: order.account, token: order.token, requestID: order.requestID, action: .match,
                    kind: $0.kind, subject: $0.id, accountID: $0.owner, time: .now)
            })
    }
    private struct FoundSubject: Hashable {
        let kind: BiometricAccess.Kind
        let id, owner: UUID
    }
    private func matches(
        of descriptor: Descriptor, _ policy: MatchPolicy, _ order: Order, _ found: inout Set<FoundSubject>
    ) async throws -> (candidates: [JSONValue], best: Double?) {
        let account = order.seesAllAccounts ? policy.candidates.account ?? order.account : order.account
        switch policy.candidates.origin {
        case .faces:
            let targets = Set(policy.targets.compactMap(FaceTarget.init(rawValue:)))
            let filter = try policy.candidates.faces(account: account)
            let matches = try await store.matches([descriptor], among: filter, policy.wish).first ?? []
            for match in matches {
                found.insert(FoundSubject(kind: .face, id: match.face.id, owner: match.face.accountID))
            }
            return (
                matches.map { ["face": $0.face.wire(targets), "similarity": .number($0.similarity)] },
                matches.map(\.similarity).max()
            )
        case .events:
            // Whole events, whose matches hold events, would double with each that is made.
            let targets = EventTarget.ofMatches.intersection(policy.targets.compactMap(EventTarget.init(rawValue:)))
            let filter = try policy.candidates.events(account: account)
            let matches = try await store.matches([descriptor], among: filter, policy.wish).first ?? []
            for match in matches {
                found.insert(FoundSubject(kind: .event, id: match.event.id, owner: match.event.accountID))
            }
            return (
                matches.map { ["event": $0.event.stored(targets), "similarity": .number($0.similarity)] },
                matches.map(\.similarity).max()
            )
        }
    }
}
