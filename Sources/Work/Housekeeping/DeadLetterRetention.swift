import Foundation
public import Store

extension Sweep {
    /// Removes dead letters that nobody has wanted sent again for so many days.
    public static func deadLetters(of store: Store, days: Int) -> Sweep {
        Sweep(name: "dead letters", interval: .seconds(3600)) { now in
            try await store.deleteDeadLetters(before: now.addingTimeInterval(-86_400 * Double(days)))
        }
    }
}
