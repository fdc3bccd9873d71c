import Foundation
public import Records
import SQL

extension StoredEvent {
    /// Where an event stands in the order of time.
    public struct Place: Hashable, Sendable {
        let time, sequence: Int64
    }
    /// An event with its place.
    public struct Placed: Sendable {
        public let event: StoredEvent
        public let place: Place
    }
}

// Events in the order of time, portion by portion: each begins where the one before ended, so the last costs no more than the first.
extension Store {
    /// Events of handlers.
    /// - Parameter place: of the event that they follow on; `nil`: from the beginning.
    public func events(
        _ filter: Filter<StoredEvent>, after place: StoredEvent.Place?, limit: Int
    ) async throws -> [StoredEvent.Placed] {
        try await portion(Self.portionQuery(filter, after: place, limit: limit, database.dialect))
    }
    public func generalEvents(
        _ filter: Filter<GeneralEvent>, after place: StoredEvent.Place?, limit: Int
    ) async throws -> [StoredEvent.Placed] {
        try await portion(Self.portionQuery(filter, after: place, limit: limit, database.dialect))
    }

    private func portion(_ query: Query) async throws -> [StoredEvent.Placed] {
        try await readComparing { connection in
            try connection.rows(query.sql, query.arguments) { row in
                StoredEvent.Placed(
                    event: try StoredEvent(row: row),
                    place: StoredEvent.Place(time: row["begin_time"], sequence: row["sequence"]))
            }
        }
    }
    static func portionQuery<Resource: EventResource>(
        _ filter: Filter<Resource>, after place: StoredEvent.Place?, limit: Int, _ dialect: Dialect
    ) -> Query {
        var clauses = filter.clauses(dialect)
        clauses.add(Resource.rows, [])
        if let place { clauses.add("(begin_time, sequence) > (?, ?)", [place.time, place.sequence]) }
        return Query(
            "SELECT sequence, \(eventColumns) FROM event\(clauses.sql) ORDER BY begin_time, sequence LIMIT ?",
            clauses.arguments + [limit])
    }
}
