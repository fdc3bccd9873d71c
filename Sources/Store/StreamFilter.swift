public import Foundation
import GRDB
public import Scene

/// Which streams are meant. All conditions must hold; `nil` is no condition.
public struct StreamFilter: Hashable, Sendable {
    /// `nil`: streams of every account.
    public var accountID: UUID?
    public var ids: [UUID]?
    /// Ids compare as their lower-case text does.
    public var idAtLeast: UUID?
    public var idBelow: UUID?
    public var names: [String]?
    public var reference: String?
    public var statuses: [StreamStatus]?
    public var createdAtOrAfter: Date?
    public var createdBefore: Date?
    /// Streams in the group of this name.
    public var groupName: String?
    public init(accountID: UUID? = nil) { self.accountID = accountID }

    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("account_id = ?", accountID)
        conditions.add("id", in: ids)
        conditions.add("id >= ?", idAtLeast)
        conditions.add("id < ?", idBelow)
        conditions.add("name", in: names)
        conditions.add("reference = ?", reference)
        conditions.add("status", in: statuses.map { $0.map(\.rawValue) })
        conditions.add("create_time >= ?", createdAtOrAfter.map(Milliseconds.bound))
        conditions.add("create_time < ?", createdBefore.map(Milliseconds.bound))
        if let groupName {
            var ofGroup = Conditions()
            ofGroup.add("name = ?", groupName)
            ofGroup.add("account_id = ?", accountID)
            conditions.add(
                """
                sequence IN (SELECT stream_sequence FROM group_member
                    WHERE group_sequence IN (SELECT sequence FROM stream_group\(ofGroup.sql)))
                """, ofGroup.arguments)
        }
        return conditions
    }
}

/// Which log records are meant, in the same manner.
public struct StreamLogFilter: Hashable, Sendable {
    public var accountID: UUID?
    public var streamIDs: [UUID]?
    public var statuses: [StreamStatus]?
    public var atOrAfter: Date?
    public var before: Date?
    public init(accountID: UUID? = nil) { self.accountID = accountID }

    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("account_id = ?", accountID)
        conditions.add("stream_id", in: streamIDs)
        conditions.add("status", in: statuses.map { $0.map(\.rawValue) })
        conditions.add("log_time >= ?", atOrAfter.map(Milliseconds.bound))
        conditions.add("log_time < ?", before.map(Milliseconds.bound))
        return conditions
    }
}

/// Which part of a long list.
public struct Page: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// `1...1000`.
    public var size: Int
    public init(number: Int = 1, size: Int = 10) { (self.number, self.size) = (number, size) }

    var limit: Int { size }
    /// Saturates, so that a page number of 2^62 is a page past the end and not an overflow.
    var offset: Int {
        let (offset, isTooFar) = (number - 1).multipliedReportingOverflow(by: size)
        return isTooFar ? .max : offset
    }
}

/// The `WHERE` of a query, grown condition by condition.
struct Conditions {
    private var clauses: [String] = []
    private(set) var arguments: StatementArguments = []

    /// `""` or ` WHERE …`.
    var sql: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    mutating func add(_ clause: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        clauses.append(clause)
        arguments += [value]
    }
    mutating func add(_ clause: String, _ arguments: StatementArguments) {
        clauses.append(clause)
        self.arguments += arguments
    }
    mutating func add(_ column: String, in values: [some DatabaseValueConvertible]?) {
        guard let values else { return }
        clauses.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ",")))")
        arguments += StatementArguments(values)
    }
}
