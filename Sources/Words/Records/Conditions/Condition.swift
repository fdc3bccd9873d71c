public import Foundation
public import JSON

/// How a column is compared with the values of a condition.
public enum Comparison: String, Hashable, Sendable, CaseIterable {
    /// With one value.
    case equal, notEqual
    /// With any number of values, none of which is no match.
    case isIn, isNotIn
    /// With one value; ids as their lower-case text.
    case atLeast, below, above, atMost
    /// A text that holds the one value somewhere, or does not.
    case contains, lacks
    /// A list of texts, see `TextList`, that has all of the values, or one of them at least.
    case hasAll, hasAny
    /// With no value.
    case isNull
}

/// One condition on one column of a resource, as a value: it is compiled to SQL for what is stored, and evaluated for what is
/// in memory.
///
/// What is not set meets no condition but `isNull`, and those that name `null` among their values.
public struct Condition<Resource>: Hashable, Sendable {
    public let column: String
    /// Where in the JSON document that the column holds; empty: the column's own value. Members of letters, digits, `_` and `-`.
    public let path: [String]
    public let comparison: Comparison
    public let values: [FieldValue]
    public init(_ column: String, path: [String] = [], _ comparison: Comparison, _ values: [FieldValue]) {
        (self.column, self.path, self.comparison, self.values) = (column, path, comparison, values)
    }

    /// The values that are something.
    public var operands: [FieldValue] { values.filter { !$0.isNull } }
    /// Whether `null` is one of the values.
    public var namesNull: Bool { values.contains(.null) }

    /// Whether a column with `value` meets the condition.
    public func holds(for value: FieldValue?) -> Bool {
        let operands = operands
        guard let value else {
            return switch comparison {
            case .isNull: true
            case .equal, .isIn, .hasAny: namesNull
            default: false
            }
        }
        return switch comparison {
        case .equal: operands.first.map(value.isSame(as:)) ?? false
        case .notEqual: !(operands.first.map(value.isSame(as:)) ?? false)
        case .isIn: operands.contains(where: value.isSame(as:))
        case .isNotIn: !operands.contains(where: value.isSame(as:))
        case .atLeast: operands.first.map { value.isSame(as: $0) || $0.isBelow(value) } ?? false
        case .below: operands.first.map { value.isBelow($0) } ?? false
        case .above: operands.first.map { $0.isBelow(value) } ?? false
        case .atMost: operands.first.map { value.isSame(as: $0) || value.isBelow($0) } ?? false
        case .contains: operands.first.map(value.contains) ?? false
        case .lacks: !(operands.first.map(value.contains) ?? true)
        case .hasAll: operands.allSatisfy { value.contains($0.listed) }
        case .hasAny: operands.contains { value.contains($0.listed) }
        case .isNull: false
        }
    }

    /// Whether a JSON document in which `path` leads to something meets the condition. What is of another type than the values
    /// meets none, where a database says that it cannot be compared.
    public func holds(in document: JSONValue?) -> Bool {
        guard let place = document?.member(at: path), place != .null else { return holds(for: nil) }
        if comparesNumbers { return place.double.map { holds(for: .number($0)) } ?? false }
        return holds(for: .text(place.string ?? place.text))
    }
    private var comparesNumbers: Bool {
        switch operands.first {
        case .integer, .number: true
        default: false
        }
    }
}

extension JSONValue {
    /// What `path` leads to, `nil` when there is nothing.
    fileprivate func member(at path: [String]) -> JSONValue? {
        path.reduce(Optional(self)) { $0?[$1] }
    }
}

extension FieldValue {
    /// As it stands in a list of texts.
    public var listed: FieldValue {
        if case .text(let text) = self { .text(TextList.quoted(text)) } else { self }
    }
}

/// A list of texts in one column, so that one of them is found as a part of the whole: each in quotation marks, which are escaped
/// inside of it, as JSON writes texts, one behind the other or with anything but quotation marks in between.
public enum TextList {
    public static func quoted(_ text: String) -> String { JSONValue.string(text).text }
    public static func joined(_ texts: [String]) -> String { texts.map(quoted).joined() }
}

/// Which of the resources of one kind are meant: all conditions must hold.
public struct Filter<Resource>: Hashable, Sendable {
    /// `nil`: those of every account.
    public var accountID: UUID?
    public var conditions: [Condition<Resource>]
    public init(accountID: UUID? = nil, _ conditions: [Condition<Resource>] = []) {
        (self.accountID, self.conditions) = (accountID, conditions)
    }
    /// Adds a condition on a field.
    public mutating func require(_ field: FilterField<Resource>, _ values: [FieldValue]) {
        // Ids are texts in JSON.
        let values =
            field.path.isEmpty ? values : values.map { if case .id(let id) = $0 { .text(id.wire) } else { $0 } }
        conditions.append(Condition(field.column, path: field.path, field.comparison, values))
    }

    /// Whether all conditions hold for something in memory.
    /// - Parameters:
    ///   - value: of each column.
    ///   - document: in each column that holds one.
    public func matches(
        _ value: (_ column: String) -> FieldValue?, document: (_ column: String) -> JSONValue? = { _ in nil }
    ) -> Bool {
        conditions.allSatisfy { condition in
            condition.path.isEmpty
                ? condition.holds(for: value(condition.column)) : condition.holds(in: document(condition.column))
        }
    }
}
