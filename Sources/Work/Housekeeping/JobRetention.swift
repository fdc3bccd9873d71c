import Foundation
public import Store

extension Sweep {
    /// Removes jobs that have expired, with their items, and what is left of what was sent for cancelled ones.
    public static func jobs(of store: Store) -> Sweep {
        Sweep(name: "jobs", interval: .seconds(60)) { now in
            try await store.removeObjectsOfCancelledJobs() + store.deleteExpiredJobs(at: now)
        }
    }
}
