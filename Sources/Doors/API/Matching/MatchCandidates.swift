import Foundation
import HTTPEdge
import JSON
import Records

/// Among whom somebody is looked for, and what of them is told: `docs/contract/recognition.md §7`.
struct MatchCandidates: Sendable {
    enum Origin: Sendable {
        case faces(Filter<Face>, Set<FaceTarget>)
        case attributes(Filter<FaceAttribute>, Set<MatchedAttributeTarget>)
        /// No event has a descriptor.
        case events
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
            try filters.checkEventFilters(Self.members(FilterField<StoredEvent>.all))
            _ = try reader.targets(EventTarget.self)
            origin = .events
        }
    }
    private static func members(_ fields: [FilterField<some Any>]) -> Set<String> {
        Set(fields.map(\.query)).union(["origin", "account_id"])
    }
}

extension FilterField<Face> {
    /// All but that by event.
    fileprivate static var ofMatching: [Self] { all.filter { $0.query != "event_id" } }
}

/// A member of an attribute that is alike.
enum MatchedAttributeTarget: String, CaseIterable {
    case id = "attribute_id"
    case accountID = "account_id"
    case createTime = "create_time"
}

extension JSONReader {
    /// Events are filtered as in `docs/contract/events.md §2`, the place and `meta` as objects.
    fileprivate func checkEventFilters(_ members: Set<String>) throws {
        _ = try object(known: members.union(["geo_position", "meta"]))
        _ = try filter(FilterField<StoredEvent>.all, account: nil)
        if let place = try present("geo_position") {
            let ranges: [String: ClosedRange<Double>] = [
                "origin_longitude": -180...180, "origin_latitude": -90...90, "longitude_delta": 0...90,
                "latitude_delta": 0...90,
            ]
            for name in try place.object(known: Set(ranges.keys)).keys.sorted() {
                _ = try place.required(name).number(in: ranges[name] ?? 0...0)
            }
            for name in ["origin_longitude", "origin_latitude"] { _ = try place.required(name) }
        }
        if let meta = try present("meta") {
            for (name, value) in try meta.object().sorted(by: { $0.key < $1.key }) {
                let kind: PlaceFilter.Kind = value.double == nil ? .string : .numeric
                guard PlaceFilter(name, kind: kind) != nil else {
                    throw meta.child(name, value).violation(
                        "Input should be a place with an operator that fits its value")
                }
            }
        }
    }
}
