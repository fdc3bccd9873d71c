import JSON
import Records

extension JSONReader {
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
