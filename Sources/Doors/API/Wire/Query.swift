import HTTPEdge
import Foundation
import Records

/// The query of a request, read parameter by parameter; a bad value names its parameter.
///
/// Lists come as `names=a,b`, as `names=a&names=b`, or mixed. Of a single value given several times the last one counts.
/// Parameters that nobody asks for are ignored.
struct Query {
    private var values: [String: [String?]] = [:]

    /// - Parameter text: what follows the `?`, still percent-encoded.
    init(_ text: String?) {
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]) else { continue }
            values[name, default: []].append(parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
    }
    /// `nil` when the text is not percent-encoded UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    func text(_ name: String, maximumLength: Int) throws(Refusal) -> String? {
        guard let last = values[name]?.last else { return nil }
        guard let text = last, text.unicodeScalars.count <= maximumLength else { throw .badQuery(name) }
        return text
    }
    /// The items of a list, each read by `item`, which gives `nil` for a bad one.
    func list<Item>(_ name: String, _ item: (String) -> Item?) throws(Refusal) -> [Item]? {
        guard let values = values[name] else { return nil }
        var items: [Item] = []
        for value in values {
            guard let value else { throw .badQuery(name) }
            for text in value.split(separator: ",", omittingEmptySubsequences: false) {
                guard let item = item(String(text)) else { throw .badQuery(name) }
                items.append(item)
            }
        }
        return items
    }

    private func single<Value>(_ name: String, _ value: (String) -> Value?) throws(Refusal) -> Value? {
        guard let text = try text(name, maximumLength: .max) else { return nil }
        guard let value = value(text) else { throw .badQuery(name) }
        return value
    }
    func id(_ name: String) throws(Refusal) -> UUID? { try single(name) { UUID(wire: $0) } }
    func time(_ name: String) throws(Refusal) -> Date? { try single(name) { Date(rfc3339: $0) } }
    func choice<Choice: RawRepresentable<String>>(_ name: String) throws(Refusal) -> Choice? {
        try single(name, Choice.init(rawValue:))
    }
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        try single(name) { text in
            Int(text).flatMap { range.contains($0) && !text.hasPrefix("+") ? $0 : nil }
        }
    }
    /// The conditions on the fields that the query names.
    func filter<Resource>(
        _ fields: [FilterField<Resource>], account: UUID?
    ) throws(Refusal) -> Filter<Resource> {
        var filter = Filter<Resource>(accountID: account)
        for field in fields {
            if let values = try values(of: field) { filter.require(field, values) }
        }
        return filter
    }
    /// `nil` when the query does not name the field.
    private func values(of field: FilterField<some Any>) throws(Refusal) -> [FieldValue]? {
        func value(_ text: String) -> FieldValue? {
            field.allowsNull && text == "null" ? .null : field.kind.value(text)
        }
        if field.isList { return try list(field.query, value) }
        return try single(field.query, value).map { [$0] }
    }
    /// The conditions on places in a document that the query names: `meta.door.state__in=open,closed`, and `meta=null`.
    /// - Parameters:
    ///   - name: with which such parameters begin, such as `meta`.
    ///   - column: that holds the document, and where in it the places lie.
    ///   - shortcuts: columns of their own that hold the number at a place.
    func conditions<Resource>(
        on name: String, in column: String, base: [String] = [], shortcuts: [String: String] = [:]
    ) throws(Refusal) -> [Condition<Resource>] {
        var conditions: [Condition<Resource>] = []
        for (key, texts) in values.sorted(by: { $0.key < $1.key }) {
            if key == name {
                guard texts.allSatisfy({ $0 == "null" }) else { throw .badQuery(key) }
                conditions.append(Condition(column, path: base, .isNull, []))
            }
            guard key.hasPrefix(name + ".") else { continue }
            guard let filter = PlaceFilter(key.dropFirst(name.count + 1)) else { throw .badQuery(key) }
            for text in texts {
                guard let text, let values = filter.values(text) else { throw .badQuery(key) }
                conditions.append(filter.condition(values, in: column, base: base, shortcuts: shortcuts))
            }
        }
        return conditions
    }
    /// Whether the query says anything of one of the parameters.
    func names(_ parameters: String...) -> Bool { parameters.contains { values[$0] != nil } }
    func number(_ name: String, in range: ClosedRange<Double>) throws(Refusal) -> Double? {
        try single(name) { text in Double(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    func page() throws(Refusal) -> Page {
        Page(
            number: try integer("page", in: 1...Int.max) ?? 1,
            size: try integer("page_size", in: 1...1000) ?? 10)
    }
}

extension FilterField.Kind {
    /// What a client wrote as a value of this kind; `nil` when it is none.
    fileprivate func value(_ text: String) -> FieldValue? {
        switch self {
        case .id: UUID(wire: text).map { .id($0) }
        case .text(let limit): text.unicodeScalars.count <= limit ? .text(text) : nil
        case .name(let limit): text.isName(maximumLength: limit) ? .text(text) : nil
        case .choice(let words): words.contains(text) ? .text(text) : nil
        case .code(let codes):
            (Int(text).flatMap { codes.values.contains($0) ? $0 : nil } ?? codes[text]).map { .integer($0) }
        case .integer(let range):
            Int(text).flatMap { range.contains($0) && !text.hasPrefix("+") ? .integer($0) : nil }
        case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .time: Date(rfc3339: text).map { .time($0) }
        }
    }
}
