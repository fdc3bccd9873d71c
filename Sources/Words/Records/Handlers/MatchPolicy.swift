public import Foundation
public import JSON

/// Among whom the person in an event is looked for: `docs/contract/events.md §7.3`.
public struct MatchPolicy: Hashable, Sendable {
    public enum DescriptorKind: String, Hashable, Sendable, CaseIterable { case face, body }
    /// Who may be alike. Times may count from the moment of each search, so its filters are read again for each.
    public struct Candidates: Hashable, Sendable {
        public enum Origin: String, Hashable, Sendable, CaseIterable { case faces, events }
        public let origin: Origin
        /// As they were sent.
        public let wire: JSONValue
        /// The list that faces are looked for on.
        public let list: UUID?
        fileprivate let path: String
    }
    public var label: String
    public var candidates: Candidates
    /// Of the event at hand.
    public var filter: PolicyFilter
    public var descriptor: DescriptorKind
    public var limit: Int
    /// The smallest similarity, `0...1`.
    public var threshold: Double
    /// The members of faces, or of events, that are told; of events none but those of `EventTarget.ofMatches`.
    public var targets: Set<String>

    init(_ reader: JSONReader) throws {
        _ = try reader.object(known: [
            "label", "candidates", "filters", "descriptor", "limit", "threshold", "targets",
        ])
        label = try reader.optional("label")?.string(maximumLength: 36) ?? ""
        candidates = try Candidates(reader.required("candidates"))
        filter = try PolicyFilter(reader.present("filters"), forbidsMatch: true)
        descriptor = try DescriptorKind(reader.part("descriptor"), candidates.origin)
        limit = try reader.optional("limit")?.integer(in: MatchWish.limits) ?? MatchWish().limit
        threshold = try reader.share("threshold", orElse: 0)
        let known =
            candidates.origin == .faces
            ? FaceTarget.allCases.map(\.rawValue) : EventTarget.allCases.map(\.rawValue)
        targets =
            try reader.present("targets").map { list in
                Set(try list.items(minimum: 1, maximum: 100).map { try $0.string(oneOf: known) })
            } ?? (candidates.origin == .faces ? Set(known) : Set(EventTarget.ofMatches.map(\.rawValue)))
    }
    var wire: JSONValue {
        [
            "label": .string(label), "candidates": candidates.wire, "filters": filter.wire,
            "descriptor": ["descriptor_type": .string(descriptor.rawValue)], "limit": .integer(Int64(limit)),
            "threshold": .number(threshold), "targets": .array(targets.sorted().map { .string($0) }),
        ]
    }
    public var wish: MatchWish { MatchWish(limit: limit, threshold: threshold) }
}

extension MatchPolicy.DescriptorKind {
    fileprivate init(_ reader: JSONReader, _ origin: MatchPolicy.Candidates.Origin) throws {
        _ = try reader.object(known: ["descriptor_type"])
        let permitted = origin == .faces ? [Self.face.rawValue] : Self.allCases.map(\.rawValue)
        self = Self(rawValue: try reader.optional("descriptor_type")?.string(oneOf: permitted) ?? "") ?? .face
    }
}

extension MatchPolicy.Candidates {
    fileprivate init(_ reader: JSONReader) throws {
        let word = try reader.required("origin").string(oneOf: Origin.allCases.map(\.rawValue))
        (origin, wire, path) = (Origin(rawValue: word) ?? .faces, reader.value, reader.path)
        list = origin == .faces ? try reader.optional("list_id")?.id() : nil
        switch origin {
        case .faces: _ = try faces(account: nil)
        case .events: _ = try events(account: nil)
        }
    }

    /// The account that they name; `nil`: none.
    public var account: UUID? { wire["account_id"]?.string.flatMap(UUID.init(wire:)) }

    /// - Throws: `JSONViolation`.
    public func faces(account: UUID?, at now: Date = .now) throws -> Filter<Face> {
        let reader = JSONReader(wire, path: path), fields = FilterField<Face>.ofMatching
        _ = try reader.object(known: Set(fields.map(\.query)).union(["origin", "account_id"]))
        _ = try reader.optional("account_id")?.id()
        return try reader.filter(fields, account: account, at: now)
    }
    /// - Throws: `JSONViolation`.
    public func events(account: UUID?, at now: Date = .now) throws -> Filter<StoredEvent> {
        let reader = JSONReader(wire, path: path)
        _ = try reader.optional("account_id")?.id()
        return try reader.eventFilter(beside: ["origin", "account_id"], account: account, at: now)
    }
}
