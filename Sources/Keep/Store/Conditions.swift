import Foundation
import Records
import SQL
import Sealing

/// A statement's text with its arguments.
struct Query: Sendable {
    let sql: String
    let arguments: [any Bindable]
    init(_ sql: String, _ arguments: [any Bindable] = []) { (self.sql, self.arguments) = (sql, arguments) }
}

/// The `WHERE` of a query, grown clause by clause.
struct Clauses: Sendable {
    private var clauses: [String] = []
    private(set) var arguments: [any Bindable] = []

    /// `""` or ` WHERE …`.
    var sql: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    mutating func add(_ clause: String, _ arguments: [any Bindable]) {
        clauses.append(clause)
        self.arguments += arguments
    }
    mutating func add(_ condition: Condition<some Any>) {
        let (column, values) = (condition.column, condition.values)
        switch condition.comparison {
        case .equal: add("\(column) = ?", [values[0].sql])
        case .isIn where values.isEmpty: add("1 = 0", [])
        case .isIn: add("\(column) IN (\(values.map { _ in "?" }.joined(separator: ",")))", values.map(\.sql))
        case .atLeast: add("\(column) >= ?", [values[0].bound])
        case .below: add("\(column) < ?", [values[0].bound])
        // SQLite's LIKE does not tell A from a, and PostgreSQL's does.
        case .contains where values[0].text.isEmpty: add("\(column) IS NOT NULL", [])
        case .contains: add("replace(\(column), ?, '') <> \(column)", [values[0].text])
        case .isNull: add("\(column) IS NULL", [])
        }
    }
}

extension Filter {
    /// - Parameter account: the column that says whose a row is.
    func clauses(account column: String = "account_id") -> Clauses {
        var clauses = Clauses()
        if let accountID { clauses.add("\(column) = ?", [accountID]) }
        for condition in conditions { clauses.add(condition) }
        return clauses
    }
}
extension Filter<RegisteredStream> {
    /// The same filter as it is asked of the table: references lie sealed in it, and are found by their hashes.
    func hashed(by vault: Vault) -> Filter {
        var hashed = self
        hashed.conditions = conditions.map { condition in
            guard condition.column == FilterField<RegisteredStream>.reference.column else { return condition }
            return Condition("reference_hash", condition.comparison, condition.values.map { .id(vault.hash($0.text)) })
        }
        return hashed
    }
    /// Who is in which group stands in a table of its own.
    var clauses: Clauses {
        var own = self
        own.conditions.removeAll { $0.column == FilterField<RegisteredStream>.groupColumn }
        var clauses = own.clauses()
        for condition in conditions where condition.column == FilterField<RegisteredStream>.groupColumn {
            let ofGroup = Filter<StreamGroup>(
                accountID: accountID, [Condition("name", condition.comparison, condition.values)]
            ).clauses()
            clauses.add(
                """
                sequence IN (SELECT stream_sequence FROM group_member
                    WHERE group_sequence IN (SELECT sequence FROM stream_group\(ofGroup.sql)))
                """, ofGroup.arguments)
        }
        return clauses
    }
}

extension FieldValue {
    /// As a column keeps it.
    fileprivate var sql: any Bindable {
        switch self {
        case .id(let id): id
        case .text(let text): text
        case .integer(let integer): integer
        case .time(let time): Milliseconds.nearest(time)
        }
    }
    /// As the bound of a range: times are kept in whole milliseconds.
    fileprivate var bound: any Bindable {
        if case .time(let time) = self { Milliseconds.bound(time) } else { sql }
    }
    fileprivate var text: String { if case .text(let text) = self { text } else { "" } }
}
