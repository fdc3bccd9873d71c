import Foundation
public import Store

extension Sweep {
    /// Removes jobs that have expired, with their items.
    public static func jobs(of store: Store) -> Sweep {
        Sweep(name: "jobs", interval: .seconds(60)) { now in try await store.deleteExpiredJobs(at: now) }
    }
}
