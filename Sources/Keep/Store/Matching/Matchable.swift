import Foundation
import Matching
import Records
import SQL

/// Of whom descriptors are kept.
enum DescribedKind: Hashable { case faces, events }

/// Somebody who may be alike to somebody: a row that is known by its number, and what he looks like in a table of its own.
protocol Matchable: Hashable, Sendable {
    static var kind: DescribedKind { get }
    static var table: String { get }
    /// The table of the descriptors, with `account_id` and `descriptor_id`, and its column with the rows' numbers.
    static var descriptorTable: (name: String, subject: String) { get }
    /// That says when each was made; `nil`: numbers are given in that order.
    static var timeColumn: String? { get }
    /// What is selected of `table` to make one.
    static func columns(_ dialect: Dialect) -> String
    /// The numbers of those whom a filter lets pass.
    static func numbersQuery(_ filter: Filter<Self>, _ dialect: Dialect) -> Query

    var accountID: UUID { get }
    /// - Parameter row: of `columns`.
    init(row: Row) throws
}

extension Face: Matchable {
    static var kind: DescribedKind { .faces }
    static var table: String { "face" }
    static var descriptorTable: (name: String, subject: String) { ("face_attribute", "face_sequence") }
    static var timeColumn: String? { nil }

    static func numbersQuery(_ filter: Filter<Face>, _: Dialect) -> Query {
        let clauses = filter.clauses
        return Query("SELECT sequence FROM face\(clauses.sql)", clauses.arguments)
    }
}

extension StoredEvent: Matchable {
    static var kind: DescribedKind { .events }
    static var table: String { "event" }
    static var descriptorTable: (name: String, subject: String) { ("event_descriptor", "event_sequence") }
    static var timeColumn: String? { "begin_time" }
    static func columns(_: Dialect) -> String { Store.eventColumns }

    static func numbersQuery(_ filter: Filter<StoredEvent>, _ dialect: Dialect) -> Query {
        var clauses = filter.eventClauses(dialect, isCounted: true)
        clauses.add(rows, [])
        return Query("SELECT sequence FROM event\(clauses.sql)", clauses.arguments)
    }
}

extension Store {
    func index(of kind: DescribedKind) -> DescriptorIndex {
        switch kind {
        case .faces: descriptors
        case .events: eventDescriptors
        }
    }
    /// Nobody knows whether a commit was carried out.
    func doubtDescriptors() {
        descriptors.doubt()
        eventDescriptors.doubt()
    }
}
