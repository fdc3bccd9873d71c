public import Foundation
public import Records
import SQL

// What those look like whom events are about.
extension Store {
    /// Of those among some events that have one, and are of `account`, or of anybody when that is `nil`.
    public func descriptorsOfEvents(_ ids: [UUID], account: UUID?) async throws -> [UUID: Descriptor] {
        try await read { connection in
            var found: [UUID: Descriptor] = [:]
            for id in ids {
                let row: (owner: UUID, bytes: [UInt8])? = try connection.first(
                    """
                    SELECT event_descriptor.account_id, bytes
                    FROM event JOIN event_descriptor ON event_descriptor.event_sequence = event.sequence
                    JOIN descriptor ON descriptor.id = descriptor_id
                    WHERE event.id = ?
                    """, [id]
                ) { ($0[0], $0[1]) }
                guard let row, account == nil || account == row.owner else { continue }
                found[id] = try Descriptor(stored: row.bytes)
            }
            return found
        }
    }
}
