public import Store

extension Sweep {
    /// Lets nothing wait for a time that a clock made which has been set back since.
    public static func timesAhead(of store: Store) -> Sweep {
        Sweep(name: "times ahead", interval: .seconds(60)) { now in try await store.forgetTimesAhead(of: now) }
    }
}
