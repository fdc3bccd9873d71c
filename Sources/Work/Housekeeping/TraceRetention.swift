import Foundation
public import Store

extension Sweep {
    /// Removes traces of events that are older than so many days; `nil` for 0.
    public static func traces(of store: Store, days: Int) -> Sweep? {
        guard days > 0 else { return nil }
        return Sweep(name: "traces of events", interval: .seconds(3600)) { now in
            try await store.deleteTraces(before: now.addingTimeInterval(-86_400 * Double(days)))
        }
    }
}
