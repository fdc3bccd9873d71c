import Foundation
import JSON
import Records
import Store

/// Reads a question about events: `docs/contract/events.md §4`.
struct StatisticBody<Resource> {
    let statistic: EventStatistic<Resource>

    /// - Parameters:
    ///   - column: what a name stands for; `nil` for what is none.
    ///   - account: whose events are meant; `nil`: those of all.
    init(
        _ body: JSONReader, account: UUID?, at now: Date, column: (String) -> StatisticColumn?
    ) throws(JSONViolation) {
        _ = try body.object(known: ["targets", "filters", "period", "group_by", "time_zone", "include_gaps"])
        func found(_ reader: JSONReader) throws(JSONViolation) -> StatisticColumn {
            let name = try reader.required("column")
            guard let found = column(try name.string(maximumLength: 2048)) else {
                throw name.violation("Input should be the name of a column")
            }
            return found
        }
        var filter = Filter<Resource>(accountID: account)
        if let filters = try body.optional("filters") {
            for item in try filters.items(maximum: 100) {
                _ = try item.object(known: ["column", "operator", "value"])
                let column = try found(item)
                guard !column.operators.isEmpty else {
                    let hint = column.column == "begin_time" ? "; its bounds stand in 'period'" : ""
                    throw try item.required("column").violation("'\(column.name)' cannot be filtered by\(hint)")
                }
                filter.conditions += try item.conditions(on: column)
            }
        }
        if let period = try body.optional("period") { filter.conditions += try period.period(at: now) }
        var targets: [EventStatistic<Resource>.Target] = []
        if let items = try body.optional("targets") {
            for item in try items.items(minimum: 1, maximum: 32) {
                _ = try item.object(known: ["column", "aggregator"])
                let column = try found(item)
                guard !column.aggregators.isEmpty else {
                    throw try item.required("column").violation("'\(column.name)' can only be filtered by")
                }
                let words = EventStatistic<Resource>.Aggregator.allCases.map(\.rawValue).filter(
                    column.aggregators.contains)
                let word = try item.optional("aggregator")?.string(oneOf: words) ?? "count"
                guard let aggregator = EventStatistic<Resource>.Aggregator(rawValue: word), words.contains(word) else {
                    throw item.violation("'\(column.name)' should be given an aggregator")
                }
                targets.append(.init(column, aggregator))
            }
            guard targets.contains(where: { $0.aggregator != .groupBy }) else {
                throw items.violation("At least one target should not be 'group_by'")
            }
        } else if let id = column("event_id") {
            targets = [.init(id, .count)]
        }
        statistic = EventStatistic(
            targets: targets, filter: filter, grouping: try body.optional("group_by")?.timeGrouping(),
            zone: try body.optional("time_zone")?.timeZone() ?? TimeZone(secondsFromGMT: 0)!,
            includesGaps: try body.optional("include_gaps")?.flag() ?? false)
    }
}

extension JSONReader {
    fileprivate func timeGrouping() throws(JSONViolation) -> TimeGrouping {
        guard let grouping = TimeGrouping(try string(maximumLength: 64)) else {
            throw violation("Input should be an interval such as '1h' or a frequency such as 'dayOfWeek'")
        }
        return grouping
    }
    func timeZone() throws(JSONViolation) -> TimeZone {
        guard let zone = TimeZone(named: try string(maximumLength: 64)) else {
            throw violation("Input should be the name of a time zone such as 'Europe/Riga'")
        }
        return zone
    }

    /// A lower bound, an upper bound, or both.
    fileprivate func period<Resource>(at now: Date) throws(JSONViolation) -> [Condition<Resource>] {
        var conditions: [Condition<Resource>] = []
        for item in try items(maximum: 2) {
            _ = try item.object(known: ["operator", "value"])
            let word = try item.required("operator").string(oneOf: ["gt", "gte", "lt", "lte"])
            let time = try item.required("value").momentInTime(at: now)
            let comparison: Comparison =
                switch word {
                case "gt": .above
                case "gte": .atLeast
                case "lt": .below
                default: .atMost
                }
            let isLower = comparison == .above || comparison == .atLeast
            for other in conditions where (other.comparison == .above || other.comparison == .atLeast) == isLower {
                throw item.violation("A period has one bound at each end")
            }
            conditions.append(Condition("begin_time", comparison, [.time(time)]))
        }
        return conditions
    }

    // MARK: Filters

    fileprivate func conditions<Resource>(on column: StatisticColumn) throws(JSONViolation) -> [Condition<Resource>] {
        let word = try required("operator").string(
            oneOf: column.operators.subtracting(["null"]).sorted()
                + (column.operators.isSuperset(of: ["null"]) && !column.operators.contains("eq") ? ["eq"] : []))
        let value = try required("value")
        if word == "covered" { return try value.box() }
        if value.value == .null {
            guard column.operators.contains("null"), word == "eq" || word == "neq" else {
                throw value.violation("Input should not be null")
            }
            return [
                Condition(
                    column.column, path: column.path, word == "eq" ? .isNull : .notEqual, word == "eq" ? [] : [.null])
            ]
        }
        if column.kind == .list { return [try value.listCondition(on: column, word)] }
        let isList = word == "in" || word == "nin", isPart = word == "like" || word == "nlike"
        var values: [FieldValue] = []
        for item in isList ? try value.items(maximum: 1000) : [value] {
            if isList, item.value == .null, column.operators.contains("null") {
                values.append(.null)
            } else {
                values.append(isPart ? .text(try item.string()) : try item.fieldValue(column))
            }
        }
        guard let comparison = PlaceFilter("x__\(word)", kind: .string)?.comparison else {
            throw violation("Input should be an operator")
        }
        // A number in a place of its own column is compared with numbers alone.
        let isText = values.contains { if case .text = $0 { true } else { false } }
        if isText,
            values.contains(where: { if case .integer = $0 { true } else if case .number = $0 { true } else { false } })
        {
            throw value.violation("Input should be of one type")
        }
        return [Condition(column.column, path: column.path, comparison, values)]
    }
    private func fieldValue(_ column: StatisticColumn) throws(JSONViolation) -> FieldValue {
        switch column.kind {
        case .id: return .id(try id())
        case .text: return .text(try string(maximumLength: 1024))
        case .integer: return .integer(try integer())
        case .number: return .number(try number())
        case .time, .list: throw violation("Input should be something else")
        case .free:
            if let text = value.string { return .text(text) }
            if let whole = value.integer { return .integer(Int(whole)) }
            return .number(try number())
        }
    }
    /// `like` on tags: all of them; `in` on colours: one of them.
    private func listCondition<Resource>(
        on column: StatisticColumn, _ word: String
    ) throws(JSONViolation) -> Condition<Resource> {
        var texts: [FieldValue] = []
        if value.string != nil {
            texts = [.text(try string(maximumLength: 1024))]
        } else {
            for item in try items(minimum: 1, maximum: 1000) {
                texts.append(.text(try item.string(maximumLength: 1024)))
            }
        }
        switch word {
        case "like": return Condition(column.column, path: column.path, .hasAll, texts)
        case "in": return Condition(column.column, path: column.path, .hasAny, texts)
        default:
            guard texts.count == 1 else { throw violation("Input should be one text") }
            return Condition(column.column, path: column.path, .lacks, texts.map(\.listed))
        }
    }
    /// A box whose edges are outside.
    private func box<Resource>() throws(JSONViolation) -> [Condition<Resource>] {
        _ = try object(known: ["origin_longitude", "origin_latitude", "longitude_delta", "latitude_delta"])
        let longitude = try required("origin_longitude").number(in: -180...180)
        let latitude = try required("origin_latitude").number(in: -90...90)
        let wide = try optional("longitude_delta")?.number(in: 0...90) ?? 0.01
        let high = try optional("latitude_delta")?.number(in: 0...90) ?? 0.01
        return [
            Condition("longitude", .above, [.number(longitude - wide)]),
            Condition("longitude", .below, [.number(longitude + wide)]),
            Condition("latitude", .above, [.number(latitude - high)]),
            Condition("latitude", .below, [.number(latitude + high)]),
        ]
    }
}
