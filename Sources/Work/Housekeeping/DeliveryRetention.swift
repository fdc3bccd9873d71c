import Foundation
public import Store

extension Sweep {
    /// Removes what has been due to callbacks for a day: whoever is told of an event so late is told nothing of use.
    public static func deliveries(of store: Store) -> Sweep {
        Sweep(name: "deliveries", interval: .seconds(3600)) { now in
            try await store.deleteDeliveries(before: now.addingTimeInterval(-86_400))
        }
    }
}
