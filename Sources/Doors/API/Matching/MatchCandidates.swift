import Foundation
import HTTPEdge
import JSON
import Records

/// Among whom somebody is looked for, and what of them is told: `docs/contract/recognition.md §7`.
struct MatchCandidates: Sendable {
    enum Origin: Sendable {
        case faces(Filter<Face>, Set<FaceTarget>)
        case attributes(Filter<FaceAttribute>, Set<MatchedAttributeTarget>)
        case events(Filter<StoredEvent>, Set<EventTarget>)
    }
    let origin: Origin
    let wish: MatchWish
    /// As they were sent.
    let filters: JSONValue

    /// What somebody needs who comes with a token.
    var right: Right {
        switch origin {
        case .faces: Right(.face, .matching)
        case .attributes: Right(.attribute, .matching)
        case .events: Right(.event, .matching)
        }
    }

    /// - Parameters:
    ///   - origins: those that may be named.
    ///   - scope: whose are meant, given the account that the filters name.
    init(
        _ reader: JSONReader, origins: [String] = ["faces", "events", "attributes"], scope: (UUID?) -> UUID?
    ) throws {
        _ = try reader.object(known: ["filters", "order", "limit", "targets", "threshold"])
        var wish = MatchWish()
        if let order = try reader.optional("order")?.string(oneOf: MatchOrder.allCases.map(\.rawValue)) {
            wish.order = MatchOrder(rawValue: order) ?? wish.order
        }
        if let limit = try reader.optional("limit") { wish.limit = try limit.integer(in: MatchWish.limits) }
        if let threshold = try reader.optional("threshold") { wish.threshold = try threshold.number(in: 0...1) }
        self.wish = wish
        let filters = try reader.required("filters")
        self.filters = filters.value
        let account = scope(try filters.optional("account_id")?.id())
        switch try filters.required("origin").string(oneOf: origins) {
        case "faces":
            let fields = FilterField<Face>.ofMatching
            _ = try filters.object(known: Self.members(fields))
            origin = .faces(try filters.filter(fields, account: account), try reader.targets(FaceTarget.self))
        case "attributes":
            let fields = FilterField<FaceAttribute>.all
            _ = try filters.object(known: Self.members(fields))
            _ = try filters.required("attribute_ids")
            origin = .attributes(
                try filters.filter(fields, account: account), try reader.targets(MatchedAttributeTarget.self))
        default:
            origin = .events(
                try filters.eventFilter(beside: Self.owners, account: account), try reader.targets(EventTarget.self))
        }
    }
    private static func members(_ fields: [FilterField<some Any>]) -> Set<String> {
        owners.union(fields.map(\.query))
    }
    /// Members of filters that say whose what is.
    private static let owners: Set = ["origin", "account_id"]
}

/// A member of an attribute that is alike.
enum MatchedAttributeTarget: String, CaseIterable {
    case id = "attribute_id"
    case accountID = "account_id"
    case createTime = "create_time"
}
