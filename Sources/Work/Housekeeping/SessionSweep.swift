import Foundation
public import Store

extension Sweep {
    /// Removes sessions and codes that have expired.
    public static func sessions(of store: Store) -> Sweep {
        Sweep(name: "sessions", interval: .seconds(3600)) { try await store.deleteExpiredSessions(at: $0) }
    }
}
