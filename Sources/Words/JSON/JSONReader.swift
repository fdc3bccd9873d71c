/// Why a document was refused: the dotted path of the offending member and a sentence, as the API shows them.
public struct JSONViolation: Error, Hashable, Sendable {
    public let path: String
    public let message: String
    /// The feature without which it is a mistake, where the value is right by itself.
    public let lack: String?
    public init(path: String, message: String, lack: String? = nil) {
        (self.path, self.message, self.lack) = (path, message, lack)
    }
}

/// Reads a JSON value by the rules of the public API, where each mistake names its path (`analytics.0.analytic_name`).
///
/// Messages follow the wording clients of that API already know (`Field required`, `Input should be a valid
/// integer`, `Extra inputs are not permitted`).
public struct JSONReader: Sendable {
    public let value: JSONValue
    public let path: String

    public init(_ value: JSONValue, path: String = "") { (self.value, self.path) = (value, path) }

    public func violation(_ message: String, lack: String? = nil) -> JSONViolation {
        JSONViolation(path: path, message: message, lack: lack)
    }

    // MARK: Objects

    /// The members of an object, after checking that each key is one of `known`.
    public func object(known: Set<String>? = nil) throws(JSONViolation) -> [String: JSONValue] {
        guard case .object(let members) = value else { throw violation("Input should be a valid dictionary") }
        if let known, let extra = members.keys.filter({ !known.contains($0) }).min() {
            throw child(extra, .null).violation("Extra inputs are not permitted")
        }
        return members
    }
    /// The member `key`, or `nil` when it is absent. A present `null` is returned as a value.
    public func optional(_ key: String) throws(JSONViolation) -> JSONReader? {
        guard let member = try object()[key] else { return nil }
        return child(key, member)
    }
    public func required(_ key: String) throws(JSONViolation) -> JSONReader {
        guard let member = try optional(key) else { throw child(key, .null).violation("Field required") }
        return member
    }
    /// The reader of `member` at `key` below this one: for members that are not known by name, such as those of a map.
    public func child(_ key: String, _ member: JSONValue) -> JSONReader {
        JSONReader(member, path: path.isEmpty ? key : "\(path).\(key)")
    }

    // MARK: Arrays

    public func items(minimum: Int = 0, maximum: Int = .max) throws(JSONViolation) -> [JSONReader] {
        guard case .array(let items) = value else { throw violation("Input should be a valid list") }
        guard items.count >= minimum else {
            throw violation(
                "List should have at least \(minimum) item\(minimum == 1 ? "" : "s") after validation, not \(items.count)"
            )
        }
        guard items.count <= maximum else {
            throw violation("List should have at most \(maximum) items after validation, not \(items.count)")
        }
        return items.enumerated().map { child(String($0.offset), $0.element) }
    }

    // MARK: Scalars

    public func string(maximumLength: Int = .max) throws(JSONViolation) -> String {
        guard let text = value.string else { throw violation("Input should be a valid string") }
        guard text.unicodeScalars.count <= maximumLength else {
            throw violation("String should have at most \(maximumLength) characters")
        }
        return text
    }
    public func string(oneOf permitted: [String]) throws(JSONViolation) -> String {
        guard let text = value.string, permitted.contains(text) else {
            let quoted = permitted.map { "'\($0)'" }
            let list =
                quoted.count < 2 ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + quoted.last!
            throw violation("Input should be \(list)")
        }
        return text
    }
    public func bool() throws(JSONViolation) -> Bool {
        guard let flag = value.bool else { throw violation("Input should be a valid boolean") }
        return flag
    }
    public func integer(in range: ClosedRange<Int> = .min ... .max) throws(JSONViolation) -> Int {
        guard let whole = value.integer, let integer = Int(exactly: whole) else {
            throw violation("Input should be a valid integer")
        }
        try check(integer, in: range)
        return integer
    }
    public func number(in range: ClosedRange<Double> = -.infinity ... .infinity) throws(JSONViolation) -> Double {
        guard let number = value.double, number.isFinite else { throw violation("Input should be a valid number") }
        try check(number, in: range)
        return number
    }
    private func check<N: Comparable>(_ number: N, in range: ClosedRange<N>) throws(JSONViolation) {
        if number < range.lowerBound {
            throw violation("Input should be greater than or equal to \(Self.plain(range.lowerBound))")
        }
        if number > range.upperBound {
            throw violation("Input should be less than or equal to \(Self.plain(range.upperBound))")
        }
    }
    private static func plain<N>(_ bound: N) -> String {
        if let number = bound as? Double, let whole = Int(exactly: number) { "\(whole)" } else { "\(bound)" }
    }
}
