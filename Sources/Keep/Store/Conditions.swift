import Foundation
import GRDB
import Records

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

extension AccountFilter {
    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("id = ?", id)
        conditions.add("login = ?", login)
        conditions.add("type = ?", kind?.rawValue)
        conditions.add("create_time >= ?", createdAtOrAfter.map(Milliseconds.bound))
        conditions.add("create_time < ?", createdBefore.map(Milliseconds.bound))
        return conditions
    }
}
extension TokenFilter {
    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("account_id = ?", accountID)
        conditions.add("create_time >= ?", createdAtOrAfter.map(Milliseconds.bound))
        conditions.add("create_time < ?", createdBefore.map(Milliseconds.bound))
        return conditions
    }
}
extension GroupFilter {
    var conditions: Conditions {
        var conditions = Conditions()
        conditions.add("account_id = ?", accountID)
        conditions.add("id", in: ids)
        conditions.add("name", in: names)
        return conditions
    }
}
extension StreamFilter {
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
extension StreamLogFilter {
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
