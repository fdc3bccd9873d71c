import Foundation
import JSON
import Records

// Filters as bodies write them, which queries write otherwise.
extension JSONReader {
    /// The conditions on the fields that an object names; what else it may name is the caller's.
    func filter<Resource>(
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

    /// The members that an answer is to have.
    /// - Throws: 22016 for one that is none.
    func targets<Target: RawRepresentable<String> & CaseIterable & Hashable>(_: Target.Type) throws -> Set<Target> {
        guard let names = try optional("targets") else { return Set(Target.allCases) }
        return try Set(
            names.items(minimum: 1, maximum: 100).map { item in
                let name = try item.string()
                guard let target = Target(rawValue: name) else {
                    throw APIError.badTarget(name, permitted: Target.allCases.map(\.rawValue))
                }
                return target
            })
    }
}
