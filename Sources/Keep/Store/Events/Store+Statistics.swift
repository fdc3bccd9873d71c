import Foundation
public import JSON
public import Records
import SQL

extension Store {
    /// Answers a question about events of handlers.
    /// - Returns: rows in the order of the statistic's fields, sorted by their groups.
    /// - Throws: `StoreError.incompatibleFilter`; `StoreError.tooManyGroups`.
    public func statistic(_ statistic: EventStatistic<StoredEvent>) async throws -> [[JSONValue]] {
        try await rows(of: statistic)
    }
    public func generalStatistic(_ statistic: EventStatistic<GeneralEvent>) async throws -> [[JSONValue]] {
        try await rows(of: statistic)
    }

    private func rows<Resource: EventResource>(of statistic: EventStatistic<Resource>) async throws -> [[JSONValue]] {
        let dialect = database.dialect
        return try await readComparing { connection in
            var offsets: ZoneOffsets?, span: ClosedRange<Int64>?
            if statistic.grouping != nil {
                guard let found = try connection.span(of: statistic.filter, dialect) else {
                    return try statistic.rows(of: [], span: nil)
                }
                (span, offsets) = (found, ZoneOffsets(statistic.zone, from: found.lowerBound, to: found.upperBound))
            }
            let query = Self.statisticQuery(statistic, offsets, dialect)
            let parts: [StatisticPart] = try connection.rows(query.sql, query.arguments) { row in
                StatisticPart(row, of: statistic)
            }
            guard parts.count <= EventStatistic<Resource>.rowLimit else { throw StoreError.tooManyGroups }
            return try statistic.rows(of: parts, span: span)
        }
    }

    static func statisticQuery<Resource: EventResource>(
        _ statistic: EventStatistic<Resource>, _ offsets: ZoneOffsets?, _ dialect: Dialect
    ) -> Query {
        var clauses = statistic.filter.eventClauses(dialect, isCounted: true)
        clauses.add(Resource.rows, [])
        var selected: [String] = [], groups = 0
        if let grouping = statistic.grouping, let offsets {
            let time = "begin_time"
            selected += [
                grouping.unit.sql(offsets, time), grouping.unit.isByOffset ? offsets.sql(time) : "0",
            ]
            groups += grouping.unit.isByOffset ? 2 : 1
        }
        let columns = statistic.targets.filter { $0.aggregator == .groupBy }.map { $0.column.sql(dialect) }
        // SQLite would rather read all of an index that has the groups in order than a part of the one on time.
        let isSigned = dialect.name == .sqlite && statistic.filter.hasStart
        selected += columns
        var table = "event"
        for (index, target) in statistic.targets.enumerated() where target.aggregator != .groupBy {
            let (sql, join) = target.sql(dialect, joinedAs: "place\(index)")
            selected += sql
            table += join
        }
        var places = (0..<groups).map { String($0 + 1) }
        places += columns.enumerated().map { index, column in
            isSigned ? "+" + column : String(index + 1 + (statistic.grouping == nil ? 0 : 2))
        }
        let grouped = places.isEmpty ? "" : " GROUP BY \(places.joined(separator: ", "))"
        return Query(
            "SELECT \(selected.joined(separator: ", ")) FROM \(table)\(clauses.sql)\(grouped) LIMIT ?",
            clauses.arguments + [EventStatistic<Resource>.rowLimit + 1])
    }
}

extension Connection {
    /// The times of the first and the last event that a filter lets pass as far as it speaks of accounts and times; `nil` when there is
    /// none. Read from an index.
    fileprivate func span<Resource: EventResource>(
        of filter: Filter<Resource>, _ dialect: Dialect
    ) throws -> ClosedRange<Int64>? {
        var filter = filter
        filter.conditions.removeAll { $0.column != "begin_time" }
        var clauses = filter.clauses(dialect)
        clauses.add(Resource.rows, [])
        func bound(_ order: String) throws -> Int64? {
            try value(
                "SELECT begin_time FROM event\(clauses.sql) ORDER BY begin_time \(order) LIMIT 1", clauses.arguments)
        }
        guard let first = try bound("ASC"), let last = try bound("DESC") else { return nil }
        return first...last
    }
}

extension ZoneOffsets {
    /// The offset at a time, as an expression.
    /// - Parameter time: in milliseconds, an expression too.
    func sql(_ time: String) -> String { Self.sql(steps[...], time) }
    /// By halves: of a long time there are hundreds, and every row asks.
    private static func sql(_ steps: ArraySlice<(from: Int64, offset: Int64)>, _ time: String) -> String {
        let middle = steps.startIndex + steps.count / 2
        guard middle > steps.startIndex else { return "\(steps[middle].offset)" }
        let (before, after) = (sql(steps[..<middle], time), sql(steps[middle...], time))
        return "CASE WHEN \(time) < \(steps[middle].from) THEN \(before) ELSE \(after) END"
    }
}
extension TimeGrouping.Unit {
    /// How many of them a time is, as an expression.
    func sql(_ offsets: ZoneOffsets, _ time: String) -> String {
        let units = "(\(time) + \(offsets.sql(time)) + \(TimeGrouping.shift)) / \(size)"
        return modulus == 0 ? units : "\(units) % \(modulus)"
    }
}

extension StatisticColumn {
    /// Its value, as an expression.
    fileprivate func sql(_ dialect: Dialect) -> String {
        guard !path.isEmpty else { return column }
        return switch kind {
        case .integer: "CAST(\(dialect.jsonNumber(column, path, named: "integer")) AS BIGINT)"
        case .number: dialect.jsonNumber(column, path, named: "numeric")
        default: dialect.jsonText(column, path)
        }
    }
    /// As a number, and what follows the table for it.
    fileprivate func number(_ dialect: Dialect, joinedAs name: String) -> (sql: String, join: String) {
        guard !path.isEmpty, [.integer, .number, .free].contains(kind) else { return (sql(dialect), "") }
        let type = kind == .integer ? "integer" : "numeric"
        let (number, join) = dialect.jsonNumber(column, path, named: type, joinedAs: name)
        return (kind == .integer ? "CAST(\(number) AS BIGINT)" : number, join)
    }
}
extension EventStatistic.Target {
    /// What is selected, and what follows the table for it: of a mean, which cannot be made of means, its sum and count.
    fileprivate func sql(_ dialect: Dialect, joinedAs name: String) -> (selected: [String], join: String) {
        switch aggregator {
        case .groupBy: return ([], "")
        case .count: return ([column.isAlwaysSet ? "count(*)" : "count(\(column.sql(dialect)))"], "")
        case .max, .min:
            let (number, join) = column.number(dialect, joinedAs: name)
            return (["\(aggregator == .max ? "max" : "min")(\(number))"], join)
        case .avg:
            let (number, join) = column.number(dialect, joinedAs: name)
            return (["CAST(sum(\(number)) AS DOUBLE PRECISION)", "count(\(number))"], join)
        }
    }
}

/// One group of a statistic.
private struct StatisticKey: Hashable {
    let bucket: TimeGrouping.Bucket?
    let group: [JSONValue]
}
/// What a database says of one group, before parts of time are put together.
struct StatisticPart {
    let bucket: TimeGrouping.Bucket?
    /// Of the columns that are grouped by.
    let group: [JSONValue]
    var values: [StatisticValue]

    init<Resource>(_ row: Row, of statistic: EventStatistic<Resource>) {
        var place = 0
        if let grouping = statistic.grouping {
            bucket = grouping.bucket(row[0], offset: row[1], in: statistic.zone)
            place = 2
        } else {
            bucket = nil
        }
        var group: [JSONValue] = [], values: [StatisticValue] = []
        for target in statistic.targets {
            let kind = target.column.kind
            switch target.aggregator {
            case .groupBy: group.append(row.json(place, kind))
            case .count: values.append(.count(row[place]))
            case .max, .min:
                values.append(.extreme(row.json(place, kind == .free ? .number : kind), target.aggregator == .max))
            case .avg:
                values.append(.mean(sum: (row[place] as Double?) ?? 0, count: row[place + 1]))
                place += 1
            }
            place += 1
        }
        (self.group, self.values) = (group, values)
    }
}
/// A number that can be put together with that of another part of the same group.
enum StatisticValue {
    case count(Int)
    case extreme(JSONValue, _ isHighest: Bool)
    case mean(sum: Double, count: Int)

    mutating func add(_ other: StatisticValue) {
        switch (self, other) {
        case (.count(let a), .count(let b)): self = .count(a + b)
        case (.extreme(let a, let isHighest), .extreme(let b, _)):
            let isBetter = a == .null || (b != .null && (isHighest ? a.isBefore(b) : b.isBefore(a)))
            self = .extreme(isBetter ? b : a, isHighest)
        case (.mean(let a, let m), .mean(let b, let n)): self = .mean(sum: a + b, count: m + n)
        default: preconditionFailure("parts of a statistic are of one kind")
        }
    }
    var wire: JSONValue {
        switch self {
        case .count(let count): .integer(Int64(count))
        case .extreme(let value, _): value
        case .mean(let sum, let count): count == 0 ? .null : .number(sum / Double(count))
        }
    }
}

extension Row {
    fileprivate func json(_ place: Int, _ kind: StatisticColumn.Kind) -> JSONValue {
        switch kind {
        case .id: (self[place] as UUID?).map { .string($0.wire) } ?? .null
        case .text, .free: (self[place] as String?).map { .string($0) } ?? .null
        case .integer: (self[place] as Int64?).map { .integer($0) } ?? .null
        case .number: (self[place] as Double?).map { .number($0) } ?? .null
        case .time: (self[place] as Int64?).map { .string(Milliseconds.date($0).rfc3339) } ?? .null
        // The quotation marks of two texts that follow one another.
        case .list: (self[place] as String?).map { .string("[\($0.replacing("\"\"", with: "\",\""))]") } ?? .null
        }
    }
}
extension JSONValue {
    /// The order of groups: what is not set first, then numbers, then texts.
    func isBefore(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (_, .null): false
        case (.null, _): true
        case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.string, _): false
        case (_, .string): true
        default: (double ?? 0) < (other.double ?? 0)
        }
    }
}

extension EventStatistic {
    /// Of no event at all.
    fileprivate var emptyRow: [JSONValue] {
        targets.filter { $0.aggregator != .groupBy }.map { $0.aggregator == .count ? 0 : .null }
    }

    /// Puts parts of one group together.
    /// - Parameter span: from the first event to the last.
    fileprivate func rows(of parts: [StatisticPart], span: ClosedRange<Int64>?) throws -> [[JSONValue]] {
        var rows: [StatisticKey: [StatisticValue]] = [:]
        for part in parts {
            let key = StatisticKey(bucket: part.bucket, group: part.group)
            if var values = rows[key] {
                for index in values.indices { values[index].add(part.values[index]) }
                rows[key] = values
            } else {
                rows[key] = part.values
            }
        }
        var keys = Set(rows.keys)
        if includesGaps, let grouping, let (first, last) = bounds(span) {
            // Of a frequency that no period bounds all parts are told.
            let whole = hasPeriod ? nil : grouping.cycle
            guard
                let buckets = whole ?? grouping.buckets(from: first, to: last, in: zone, limit: Self.rowLimit)
            else { throw StoreError.tooManyGroups }
            let isWhole = !targets.contains { $0.aggregator == .groupBy }
            let groups = isWhole ? [[]] : Set(keys.map(\.group))
            guard buckets.count * max(groups.count, 1) <= Self.rowLimit else { throw StoreError.tooManyGroups }
            for group in groups { keys.formUnion(buckets.map { StatisticKey(bucket: $0, group: group) }) }
        }
        let sorted = keys.sorted { a, b in
            if let x = a.bucket, let y = b.bucket, x != y { return x < y }
            for (x, y) in zip(a.group, b.group) where x != y { return x.isBefore(y) }
            return false
        }
        return sorted.map { key in
            let time = key.bucket.flatMap { bucket in grouping.map { [$0.label(bucket, in: zone)] } } ?? []
            return time + key.group + (rows[key].map { $0.map(\.wire) } ?? emptyRow)
        }
    }
    private var hasPeriod: Bool { filter.conditions.contains { $0.column == "begin_time" } }
    /// The time that is asked for, and where it has no bound that of which there are events; `nil` when nothing says.
    private func bounds(_ span: ClosedRange<Int64>?) -> (Date, Date)? {
        var first = span.map { Milliseconds.date($0.lowerBound) }, last = span.map { Milliseconds.date($0.upperBound) }
        for condition in filter.conditions where condition.column == "begin_time" {
            guard case .time(let time)? = condition.values.first else { continue }
            switch condition.comparison {
            case .atLeast, .above: first = time
            case .below: last = time.addingTimeInterval(-0.001)
            case .atMost: last = time
            default: break
            }
        }
        guard let first, let last else { return nil }
        return (first, last)
    }
}
