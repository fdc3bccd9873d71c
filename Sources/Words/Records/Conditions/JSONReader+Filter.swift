public import Foundation
public import JSON

// Filters as bodies write them, which queries write otherwise.
extension JSONReader {
    /// The conditions on the fields that an object names; what else it may name is the caller's.
    /// - Parameter now: that times may count from.
    public func filter<Resource>(
        _ fields: [FilterField<Resource>], account: UUID?, at now: Date = .now
    ) throws(JSONViolation) -> Filter<Resource> {
        var filter = Filter<Resource>(accountID: account)
        for field in fields {
            guard let member = try optional(field.query) else { continue }
            var values: [FieldValue] = []
            for item in field.isList ? try member.items(minimum: 1, maximum: 1000) : [member] {
                values.append(
                    field.allowsNull && item.value == .null ? .null : try item.fieldValue(field.kind, at: now))
            }
            filter.require(field, values)
        }
        return filter
    }
    private func fieldValue(_ kind: FilterField<some Any>.Kind, at now: Date) throws(JSONViolation) -> FieldValue {
        switch kind {
        case .id: return .id(try id())
        case .text(let limit): return .text(try string(maximumLength: limit))
        case .name(let limit): return .text(try name(maximumLength: limit))
        case .choice(let words): return .text(try string(oneOf: words))
        case .code(let codes):
            guard let code = value.integer.map(Int.init) ?? value.string.flatMap({ codes[$0] }),
                codes.values.contains(code)
            else { throw violation("Input should be one of \(codes.keys.sorted().joined(separator: ", "))") }
            return .integer(code)
        case .integer(let range): return .integer(try integer(in: range))
        case .number(let range): return .number(try number(in: range))
        case .time: return .time(try momentInTime(at: now))
        }
    }

    // MARK: Events

    /// The conditions on events that an object names, as `docs/contract/events.md §7.3` has them: the place and `meta` as objects.
    /// - Parameters:
    ///   - others: members that the caller knows.
    ///   - now: that times may count from.
    public func eventFilter(
        beside others: Set<String>, account: UUID?, at now: Date = .now
    ) throws(JSONViolation) -> Filter<StoredEvent> {
        let fields = FilterField<StoredEvent>.all
        _ = try object(known: others.union(fields.map(\.query)).union(["geo_position", "meta"]))
        var filter = try filter(fields, account: account, at: now)
        if let place = try optional("geo_position") {
            filter.conditions +=
                place.value == .null ? [Condition("longitude", .isNull, [])] : try place.geoBox()
        }
        if let meta = try optional("meta") {
            filter.conditions += meta.value == .null ? [Condition("meta", .isNull, [])] : try meta.places(in: "meta")
        }
        return filter
    }
    private func geoBox() throws(JSONViolation) -> [Condition<StoredEvent>] {
        _ = try object(known: ["origin_longitude", "origin_latitude", "longitude_delta", "latitude_delta"])
        return .geoBox(
            longitude: try required("origin_longitude").number(in: -180...180),
            latitude: try required("origin_latitude").number(in: -90...90),
            wide: try optional("longitude_delta")?.number(in: 0...90) ?? 0.01,
            high: try optional("latitude_delta")?.number(in: 0...90) ?? 0.01)
    }
    private func places<Resource>(in column: String) throws(JSONViolation) -> [Condition<Resource>] {
        var conditions: [Condition<Resource>] = []
        for (name, value) in try object().sorted(by: { $0.key < $1.key }) {
            let reader = child(name, value)
            let items = value.array ?? [value]
            let kind: PlaceFilter.Kind = items.contains { $0.double != nil } ? .numeric : .string
            guard let filter = PlaceFilter(name, kind: kind),
                (value.array != nil) == [.isIn, .isNotIn].contains(filter.comparison)
            else { throw reader.violation("Input should be a place with an operator that fits its value") }
            var values: [FieldValue] = []
            for item in items {
                switch item {
                case .null: values.append(.null)
                case .string(let text) where kind == .string: values.append(.text(text))
                case .integer, .number: values.append(.number(item.double ?? 0))
                default: throw reader.violation("Input should be a text or a number, or a list of these")
                }
            }
            conditions.append(filter.condition(values, in: column))
        }
        return conditions
    }
}

extension [Condition<StoredEvent>] {
    /// A box around a place, its edges included; all in degrees.
    public static func geoBox(longitude: Double, latitude: Double, wide: Double, high: Double) -> Self {
        [
            Condition("longitude", .atLeast, [.number(longitude - wide)]),
            Condition("longitude", .atMost, [.number(longitude + wide)]),
            Condition("latitude", .atLeast, [.number(latitude - high)]),
            Condition("latitude", .atMost, [.number(latitude + high)]),
        ]
    }
}
