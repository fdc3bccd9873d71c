public import Foundation

/// A question about many events: how many there are, and how large what they say, of each group of them.
public struct EventStatistic<Resource>: Sendable {
    public enum Aggregator: String, Sendable, CaseIterable {
        case count, max, min, avg
        case groupBy = "group_by"
    }
    public struct Target: Hashable, Sendable {
        public let column: StatisticColumn
        public let aggregator: Aggregator
        public init(_ column: StatisticColumn, _ aggregator: Aggregator) {
            (self.column, self.aggregator) = (column, aggregator)
        }
    }
    /// Groups come before what is said of them.
    public let targets: [Target]
    public let filter: Filter<Resource>
    public let grouping: TimeGrouping?
    public let zone: TimeZone
    /// Whether times are told of in which nothing was.
    public let includesGaps: Bool
    public init(
        targets: [Target], filter: Filter<Resource>, grouping: TimeGrouping? = nil,
        zone: TimeZone = TimeZone(secondsFromGMT: 0)!, includesGaps: Bool = false
    ) {
        self.targets = targets.filter { $0.aggregator == .groupBy } + targets.filter { $0.aggregator != .groupBy }
        (self.filter, self.grouping, self.zone, self.includesGaps) = (filter, grouping, zone, includesGaps)
    }

    /// What each value of a row is, in order.
    public var fields: [String] {
        (grouping.map { ["Group by time: \($0.name)"] } ?? [])
            + targets.map { "\($0.column.name), aggregator '\($0.aggregator.rawValue)'" }
    }
    /// Rows of an answer at most.
    public static var rowLimit: Int { 100_000 }
}

/// Something that statistics speak of: a column, or a place in a document that one holds.
public struct StatisticColumn: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case id, text, integer, number, time
        /// See `TextList`.
        case list
        /// Anything, as in free JSON; compared as a number.
        case free
    }
    /// As clients write it.
    public let name: String
    public let column: String
    public let path: [String]
    public let kind: Kind
    /// What is always set need not be looked at to be counted.
    public let isAlwaysSet: Bool
    /// What may be asked of it: words of `EventStatistic.Aggregator`.
    public let aggregators: Set<String>
    /// By what can be filtered: words of `PlaceFilter`'s operators, `covered`, `null`.
    public let operators: Set<String>
    public init(
        _ name: String, _ column: String, path: [String] = [], _ kind: Kind, isAlwaysSet: Bool = false,
        _ aggregators: Set<String>, _ operators: Set<String>
    ) {
        (self.name, self.column, self.path, self.kind) = (name, column, path, kind)
        (self.isAlwaysSet, self.aggregators, self.operators) = (isAlwaysSet, aggregators, operators)
    }
}

// What statistics may speak of: `docs/contract/events.md §4`.
extension StatisticColumn {
    private static let some: Set<String> = ["in", "nin", "eq", "neq"]
    private static let bounds: Set<String> = ["gt", "gte", "lt", "lte"]
    private static let all = Set(["like", "nlike", "null"]).union(some).union(bounds)

    /// Of events of handlers.
    public static let stored: [StatisticColumn] = {
        let counted: Set<String> = ["count", "group_by"], numbers = counted.union(["max", "min", "avg"])
        func attribute(
            _ name: String, _ path: String, _ kind: Kind, _ aggregators: Set<String>, _ operators: Set<String>
        ) -> Self {
            Self(name, "attributes", path: path.split(separator: ".").map(String.init), kind, aggregators, operators)
        }
        let places = EventColumns.placeNames.map { Self($0, $0, .text, counted, some.union(["null"])) }
        let words = [
            ("sleeve_length", "upper_body.sleeve.length"),
            ("headwear_apparent_color", "upper_body.headwear.apparent_color"),
            ("lower_garment_type", "lower_body.lower_garment.type"),
            ("shoes_apparent_color", "lower_body.shoes.apparent_color"),
        ].map { attribute($0, $1, .text, counted, some.union(["null"])) }
        let codes = [
            ("gender", "gender"), ("age", "age"), ("emotion", "emotion"), ("mask", "mask"),
            ("ethnic_group", "ethnic_group"), ("liveness", "liveness"), ("deepfake", "deepfake"),
            ("apparent_age", "body_basic_attributes.apparent_age"),
            ("apparent_gender", "body_basic_attributes.apparent_gender"),
            ("headwear_state", "upper_body.headwear.state"), ("backpack_state", "accessories.backpack.state"),
        ].map { attribute($0, $1, .integer, numbers, some.union(bounds).union(["null"])) }
        let colors = [
            ("upper_clothing_colors", "upper_body.upper_clothing.colors"),
            ("lower_garment_colors", "lower_body.lower_garment.colors"),
        ].map { attribute($0, $1, .list, ["count"], ["in", "nin", "null"]) }
        let own = [
            Self("event_id", "id", .id, isAlwaysSet: true, counted, some.union(bounds)),
            Self("account_id", "account_id", .id, isAlwaysSet: true, [], some.union(bounds)),
            Self("external_id", "external_id", .text, isAlwaysSet: true, counted, some.union(bounds)),
            Self("handler_id", "handler_id", .id, isAlwaysSet: true, counted, some.union(bounds)),
            Self("stream_id", "stream_id", .id, counted, some.union(["null"])),
            Self("source", "source", .text, counted, some.union(["null"])),
            Self("track_id", "track_id", .text, counted, some.union(["null"])),
            Self("user_data", "user_data", .text, isAlwaysSet: true, counted, some),
            Self("create_time", "begin_time", .time, isAlwaysSet: true, ["count", "max", "min"], []),
            Self("end_time", "end_time", .time, isAlwaysSet: true, ["count", "max", "min"], []),
            Self("tags", "tags", .list, ["count", "max", "min"], ["like", "nlike"]),
            Self("geo_position", "longitude", .number, ["count"], ["covered", "null"]),
            attribute("face_id", "face_id", .text, counted, some.union(bounds)),
            attribute("top_matching_candidates_label", "top_match.label", .text, counted, some),
            attribute("top_similar_object_id", "top_match.object_id", .text, counted, some.union(bounds)),
            attribute("top_similar_external_id", "top_match.external_id", .text, counted, some.union(bounds)),
            attribute(
                "top_similar_object_similarity", "top_match.similarity", .number, ["count", "max", "min", "avg"], bounds
            ),
        ]
        return own + places + words + codes + colors
    }()
    /// Of general events.
    public static let general: [StatisticColumn] = {
        let counted: Set<String> = ["count", "group_by"]
        return [
            Self("event_id", "id", .id, isAlwaysSet: true, counted, some.union(bounds)),
            Self("event_type", "type", .text, isAlwaysSet: true, counted, some),
            Self("account_id", "account_id", .id, isAlwaysSet: true, counted, some.union(bounds)),
            Self("stream_id", "stream_id", .id, counted, some.union(["null"])),
            Self("track_id", "track_id", .text, counted, some.union(["null"])),
            Self("create_time", "begin_time", .time, isAlwaysSet: true, ["count", "max", "min"], []),
            Self("end_time", "end_time", .time, isAlwaysSet: true, ["count", "max", "min"], []),
        ]
    }()

    /// A place in free JSON: `meta.temp`, `event.people_count`; `nil` for what is none.
    /// - Parameters:
    ///   - prefix: `meta` or `event`; and where in which column the document lies.
    ///   - shortcuts: columns of their own that hold the number at a place.
    ///   - isGrouped: whether events may be grouped by it.
    public static func free(
        _ name: String, prefix: String, column: String, base: [String], shortcuts: [String: String], isGrouped: Bool
    ) -> StatisticColumn? {
        guard name.hasPrefix(prefix + "."), let place = PlaceFilter(name.dropFirst(prefix.count + 1)),
            place.comparison == .equal, place.kind == .string
        else { return nil }
        let aggregators = Set(["count", "max", "min", "avg"] + (isGrouped ? ["group_by"] : []))
        if place.path.count == 1, let own = shortcuts[place.path[0]] {
            return Self(name, own, .integer, aggregators, all.subtracting(["like", "nlike"]))  // texts alone have parts
        }
        return Self(name, column, path: base + place.path, .free, aggregators, all)
    }
}
