import HTTPEdge

extension Services {
    /// `handler`, where people may be known again.
    func recognizing(_ handler: @escaping ResourceTable.Handler) -> ResourceTable.Handler {
        switch settings.recognition {
        case .on: handler
        case .off: { _ in throw APIError.noFeature("Recognition") }
        }
    }
}

extension Query {
    /// The members that an answer is to have.
    /// - Throws: 22016.
    func targets<Target: RawRepresentable<String> & CaseIterable & Hashable>(_: Target.Type) throws -> Set<Target> {
        guard let names = try list("targets", { $0 }) else { return Set(Target.allCases) }
        return try Set(
            names.map { name in
                guard let target = Target(rawValue: name) else {
                    throw APIError.badTarget(name, permitted: Target.allCases.map(\.rawValue))
                }
                return target
            })
    }
}
