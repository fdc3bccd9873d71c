public import Foundation

/// What a column is compared with, or holds.
public enum FieldValue: Hashable, Sendable {
    case id(UUID)
    case text(String)
    case integer(Int)
    case number(Double)
    case time(Date)
    /// Nothing: what is compared with it must not be set, or must be.
    case null

    public var isNull: Bool { self == .null }
    /// As a number; `nil` for what is none.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

// As databases compare: texts byte by byte.
extension FieldValue {
    func isSame(as other: FieldValue) -> Bool {
        if case .text(let a) = self, case .text(let b) = other { return a.utf8.elementsEqual(b.utf8) }
        if let a = number, let b = other.number { return a == b }
        return self == other
    }
    /// False for values of different kinds.
    func isBelow(_ other: FieldValue) -> Bool {
        switch (self, other) {
        case (.id(let a), .id(let b)): a.wire < b.wire
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.time(let a), .time(let b)): a < b
        default: if let a = number, let b = other.number { a < b } else { false }
        }
    }
    /// False for what is no text.
    func contains(_ part: FieldValue) -> Bool {
        guard case .text(let text) = self, case .text(let part) = part else { return false }
        return text.utf8.contains(part.utf8)
    }
}
