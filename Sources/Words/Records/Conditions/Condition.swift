public import Foundation

/// What a column is compared with, or holds.
public enum FieldValue: Hashable, Sendable {
    case id(UUID)
    case text(String)
    case integer(Int)
    case time(Date)
}

/// How a column is compared with the values of a condition.
public enum Comparison: String, Hashable, Sendable, CaseIterable {
    /// With one value.
    case equal
    /// With any number of values, none of which is no match.
    case isIn
    /// With one value; ids as their lower-case text.
    case atLeast, below
    /// A text that holds the one value somewhere.
    case contains
    /// With no value.
    case isNull
}

/// One condition on one column of a resource, as a value: it is compiled to SQL for what is stored, and evaluated for what is
/// in memory.
public struct Condition<Resource>: Hashable, Sendable {
    public let column: String
    public let comparison: Comparison
    public let values: [FieldValue]
    public init(_ column: String, _ comparison: Comparison, _ values: [FieldValue]) {
        (self.column, self.comparison, self.values) = (column, comparison, values)
    }

    /// Whether a column with `value` meets the condition; a column that is null meets `isNull` alone.
    public func holds(for value: FieldValue?) -> Bool {
        guard let value else { return comparison == .isNull }
        return switch comparison {
        case .equal: values.first.map(value.isSame(as:)) ?? false
        case .isIn: values.contains(where: value.isSame(as:))
        case .atLeast: values.first.map { !value.isBelow($0) } ?? false
        case .below: values.first.map { value.isBelow($0) } ?? false
        case .contains:
            if case .text(let text) = value, case .text(let part)? = values.first {
                text.utf8.contains(part.utf8)
            } else {
                false
            }
        case .isNull: false
        }
    }
}

// As databases compare: texts byte by byte.
extension FieldValue {
    fileprivate func isSame(as other: FieldValue) -> Bool {
        if case .text(let a) = self, case .text(let b) = other { return a.utf8.elementsEqual(b.utf8) }
        return self == other
    }
    /// False for values of different kinds.
    fileprivate func isBelow(_ other: FieldValue) -> Bool {
        switch (self, other) {
        case (.id(let a), .id(let b)): a.wire < b.wire
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.integer(let a), .integer(let b)): a < b
        case (.time(let a), .time(let b)): a < b
        default: false
        }
    }
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
        conditions.append(Condition(field.column, field.comparison, values))
    }

    /// Whether all conditions hold for something in memory.
    /// - Parameter value: of each column.
    public func matches(_ value: (_ column: String) -> FieldValue?) -> Bool {
        conditions.allSatisfy { $0.holds(for: value($0.column)) }
    }
}

/// Which part of a long list.
public struct Page: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// `1...1000`.
    public var size: Int
    public init(number: Int = 1, size: Int = 10) { (self.number, self.size) = (number, size) }

    public var limit: Int { size }
    /// Saturates, so that a page number of 2^62 is a page past the end and not an overflow.
    public var offset: Int {
        let (offset, isTooFar) = (number - 1).multipliedReportingOverflow(by: size)
        return isTooFar ? .max : offset
    }
}
