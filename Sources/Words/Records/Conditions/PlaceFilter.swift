/// A filter on a place in a JSON document, as clients name it: `docs/contract/events.md §2.2`.
public struct PlaceFilter: Hashable, Sendable {
    /// What the value is, and what must stand at the place.
    public enum Kind: String, Sendable { case string, integer, numeric }
    private static let operators: [String: Comparison] = [
        "eq": .equal, "neq": .notEqual, "in": .isIn, "nin": .isNotIn, "like": .contains, "nlike": .lacks, "gt": .above,
        "gte": .atLeast, "lt": .below, "lte": .atMost,
    ]
    /// Members on the way to the place, and their lengths; so many levels a document may have that clients look into.
    private static let longestPath = 16, longestMember = 128

    public let path: [String]
    public let comparison: Comparison
    public let kind: Kind

    /// - Parameter name: `door.state__in:string`; operator and type may be missing.
    public init?(_ name: some StringProtocol) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let kind = Kind(rawValue: parts.count == 2 ? String(parts[1]) : "string") else {
            return nil
        }
        self.init(String(parts[0]), kind: kind)
    }
    /// - Parameter place: `door.state__in`.
    public init?(_ place: String, kind: Kind) {
        var place = place[...], comparison = Comparison.equal
        if let mark = place.ranges(of: "__").last {
            guard let found = Self.operators[String(place[mark.upperBound...])] else { return nil }
            (place, comparison) = (place[..<mark.lowerBound], found)
        }
        self.init(String(place), comparison, kind)
    }
    /// - Parameter place: without an operator.
    public init?(_ place: String, _ comparison: Comparison, _ kind: Kind) {
        path = place.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        (self.comparison, self.kind) = (comparison, kind)
        guard path.count <= Self.longestPath, path.allSatisfy({ $0.isName(maximumLength: Self.longestMember) })
        else { return nil }
        // Texts alone have parts.
        if kind != .string, comparison == .contains || comparison == .lacks { return nil }
    }

    /// What a query says of the place; `nil` for what is of another kind.
    public func values(_ text: String) -> [FieldValue]? {
        let allowsNull = [.equal, .notEqual, .isIn, .isNotIn].contains(comparison)
        func value(_ text: Substring) -> FieldValue? {
            if allowsNull, text == "null" { return .null }
            return switch kind {
            case .string: .text(String(text))
            case .integer: Int(text).map { .integer($0) }
            case .numeric: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
            }
        }
        let texts =
            comparison == .isIn || comparison == .isNotIn
            ? text.split(separator: ",", omittingEmptySubsequences: false) : [text[...]]
        let values = texts.compactMap(value)
        return values.count == texts.count ? values : nil
    }

    /// - Parameters:
    ///   - column: that holds the document, and where in it the places lie.
    ///   - shortcuts: columns of their own that hold the number at a place.
    public func condition<Resource>(
        _ values: [FieldValue], in column: String, base: [String] = [], shortcuts: [String: String] = [:]
    ) -> Condition<Resource> {
        if kind != .string, path.count == 1, let own = shortcuts[path[0]] {
            return Condition(own, comparison, values)
        }
        return Condition(column, path: base + path, comparison, values)
    }
}
