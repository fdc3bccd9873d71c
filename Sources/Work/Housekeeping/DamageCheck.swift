public import Store

extension Sweep {
    /// Looks once through a database that a killed process, or a machine without power, has left open, or that was damaged before.
    public static func damage(of store: Store) -> Sweep {
        Sweep(name: "damage", interval: .seconds(60)) { _ in
            try await store.lookForDamage()
            return 0
        }
    }
}
