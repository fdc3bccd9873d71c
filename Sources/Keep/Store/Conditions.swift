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
    mutating func add(_ condition: Condition<some Any>, _ dialect: Dialect? = nil) {
        let operand = condition.operand(dialect)
        let (sql, arguments) = condition.sql(of: operand)
        add(sql, arguments)
    }
}

extension Condition {
    /// What is compared, as an expression of SQL.
    fileprivate func operand(_ dialect: Dialect?) -> String {
        guard !path.isEmpty else { return column }
        guard let dialect else { preconditionFailure("a place in JSON is compared differently by each database") }
        return switch operands.first {
        case .integer: dialect.jsonNumber(column, path, named: "integer")
        case .number: dialect.jsonNumber(column, path, named: "numeric")
        default: dialect.jsonText(column, path)
        }
    }
    fileprivate func sql(of operand: String) -> (String, [any Bindable]) {
        let operands = operands
        guard let first = operands.first else { return (sqlOfNothing(operand), []) }
        switch comparison {
        case .equal: return ("\(operand) = ?", [first.sql])
        case .notEqual: return ("\(operand) <> ?", [first.sql])
        case .isIn: return orNull("\(operand) IN (\(marks(operands)))", operands.map(\.sql), operand)
        case .isNotIn: return ("\(operand) NOT IN (\(marks(operands)))", operands.map(\.sql))
        case .atLeast: return ("\(operand) >= ?", [first.bound])
        case .below: return ("\(operand) < ?", [first.bound])
        case .above: return ("\(operand) > ?", [first.floor])
        case .atMost: return ("\(operand) <= ?", [first.floor])
        // SQLite's LIKE does not tell A from a, and PostgreSQL's does.
        case .contains: return Self.holding([first], operand, " AND ")
        case .lacks where first.text.isEmpty: return ("1 = 0", [])
        case .lacks: return ("replace(\(operand), ?, '') = \(operand)", [first.text])
        case .hasAll: return Self.holding(operands.map(\.listed), operand, " AND ")
        case .hasAny:
            let (sql, arguments) = Self.holding(operands.map(\.listed), operand, " OR ")
            return orNull(sql, arguments, operand)
        case .isNull: return ("\(operand) IS NULL", [])
        }
    }
    /// Where nothing is given to compare with.
    private func sqlOfNothing(_ operand: String) -> String {
        switch comparison {
        case .isNull: "\(operand) IS NULL"
        case .equal, .isIn, .hasAny: namesNull ? "\(operand) IS NULL" : "1 = 0"
        case .notEqual, .isNotIn, .hasAll: "\(operand) IS NOT NULL"
        default: "1 = 0"
        }
    }
    private func marks(_ values: [FieldValue]) -> String { values.map { _ in "?" }.joined(separator: ",") }
    private func orNull(
        _ sql: String, _ arguments: [any Bindable], _ operand: String
    ) -> (String, [any Bindable]) {
        namesNull ? ("(\(sql) OR \(operand) IS NULL)", arguments) : (sql, arguments)
    }
    private static func holding(
        _ parts: [FieldValue], _ operand: String, _ operation: String
    ) -> (String, [any Bindable]) {
        let clauses = parts.map { part in
            part.text.isEmpty ? "\(operand) IS NOT NULL" : "replace(\(operand), ?, '') <> \(operand)"
        }
        return ("(" + clauses.joined(separator: operation) + ")", parts.map(\.text).filter { !$0.isEmpty })
    }
}

extension Filter {
    /// - Parameters:
    ///   - dialect: for resources with columns that hold JSON.
    ///   - account: the column that says whose a row is.
    func clauses(_ dialect: Dialect? = nil, account column: String = "account_id") -> Clauses {
        var clauses = Clauses()
        if let accountID { clauses.add("\(column) = ?", [accountID]) }
        for condition in conditions { clauses.add(condition, dialect) }
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
}

extension FieldValue {
    /// As a column keeps it.
    fileprivate var sql: any Bindable {
        switch self {
        case .id(let id): id
        case .text(let text): text
        case .integer(let integer): integer
        case .number(let number): number
        case .time(let time): Milliseconds.nearest(time)
        case .null: Int?.none
        }
    }
    /// As the bound of a range: times are kept in whole milliseconds.
    fileprivate var bound: any Bindable {
        if case .time(let time) = self { Milliseconds.bound(time) } else { sql }
    }
    /// As the bound of a range that ends with it.
    fileprivate var floor: any Bindable {
        if case .time(let time) = self { Milliseconds.floor(time) } else { sql }
    }
    fileprivate var text: String { if case .text(let text) = self { text } else { "" } }
}
