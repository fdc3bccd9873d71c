import Foundation
import Matching
public import Records
import SQL

// Who is alike to whom: found in memory, judged by what is stored.
extension Store {
    /// Reads all descriptors into memory, unless they are there. A search does it, too; whoever does it before spares the first one the wait.
    public func loadDescriptors() async throws {
        try await load(Face.self)
        try await load(StoredEvent.self)
    }
    /// How many faces and events there are in memory, and the bytes that they take; none before they have been read.
    public var descriptorsInMemory: (faces: Int, events: Int, bytes: Int) {
        let (faces, events) = (descriptors.size, eventDescriptors.size)
        return (faces.subjects, events.subjects, faces.bytes + events.bytes)
    }

    private func load<Subject: Matchable>(_ type: Subject.Type) async throws {
        let index = index(of: Subject.kind)
        guard !index.isKnown else { return }
        try await fillings.answer(to: Subject.kind) { [self] in
            guard !index.isKnown else { return }
            try await index.fill { take in
                var last = Int64.min
                while let end = try await portion(of: type, after: last, take) { last = end }
            }
        }
    }
    /// Rows that are read at once.
    static let descriptorPortion = 16_384

    /// - Returns: the number of the last row; `nil` when there was none.
    private func portion(
        of type: (some Matchable).Type, after last: Int64,
        _ take: @escaping @Sendable ([DescriptorIndex.Change]) -> Void
    ) async throws -> Int64? {
        let query = Self.descriptorsQuery(of: type, after: last)
        return try await read { connection in
            var changes: [DescriptorIndex.Change] = []
            changes.reserveCapacity(Self.descriptorPortion)
            var end: Int64?
            try connection.forEachRow(query.sql, query.arguments) { row in
                let subject: Int64 = row[0]
                end = subject
                guard let descriptor = row.quantisedDescriptor(2) else { return }
                changes.append(.set(subject: subject, account: row[1], descriptor))
            }
            take(changes)
            return end
        }
    }
    static func descriptorsQuery(of type: (some Matchable).Type, after last: Int64) -> Query {
        let (table, subject) = type.descriptorTable
        return Query(
            """
            SELECT \(subject), account_id, bytes FROM \(table) JOIN descriptor ON descriptor.id = descriptor_id
            WHERE \(subject) > ? ORDER BY \(subject) LIMIT ?
            """, [last, descriptorPortion])
    }

    /// The faces that are most alike to each of some descriptors, of those that a filter lets pass.
    ///
    /// Nobody is left out: a first look in 8 bits leaves whoever may belong to them, and cosines of what is stored decide. Of equal ones
    /// those go before who were made before.
    /// - Parameter filter: decides first; only who passes is looked at.
    public func matches(
        _ references: [Descriptor], among filter: Filter<Face>, _ wish: MatchWish
    ) async throws -> [[FaceMatch]] { try await best(references, among: filter, wish) }
    /// The events about those who are most alike, of events of handlers. Of equal ones those go before that were stored before.
    /// - Throws: `StoreError.incompatibleFilter` for a place in JSON that holds something of another type than it is compared with.
    public func matches(
        _ references: [Descriptor], among filter: Filter<StoredEvent>, _ wish: MatchWish
    ) async throws -> [[EventMatch]] { try await best(references, among: filter, wish) }

    private func best<Subject: Matchable>(
        _ references: [Descriptor], among filter: Filter<Subject>, _ wish: MatchWish
    ) async throws -> [[Match<Subject>]] {
        guard !references.isEmpty else { return [] }
        let isByTime = wish.order != .similarity
        if isByTime, references.count > 1 {
            // Everybody above the threshold is on each short list: not on all at once.
            var all: [[Match<Subject>]] = []
            for reference in references { all += try await best([reference], among: filter, wish) }
            return all
        }
        let allowed = filter.conditions.isEmpty ? nil : try await numbers(of: filter)
        let quantised = references.map(QuantisedDescriptor.init)
        while true {
            try await load(Subject.self)
            let lists = await index(of: Subject.kind).search(
                quantised, account: filter.accountID, subjects: allowed, limit: isByTime ? nil : wish.limit,
                floor: wish.floor)
            // Doubts may have come up in between.
            guard let lists else { continue }
            return try await read { [dialect = database.dialect] connection in
                try zip(references, lists).map { reference, list -> [Match<Subject>] in
                    let found = try connection.best(list, reference, wish, of: Subject.self)
                    return try connection.matches(found, account: filter.accountID, dialect)
                }
            }
        }
    }
    private func numbers<Subject: Matchable>(of filter: Filter<Subject>) async throws -> [Int64] {
        let query = Subject.numbersQuery(filter, database.dialect)
        return try await readComparing { try $0.rows(query.sql, query.arguments) { $0[0] } }
    }
}

extension MatchWish {
    /// Cosines below it are below the threshold, too.
    fileprivate var floor: Float {
        threshold > 0 ? Float(Similarity.cosine(of: threshold)) - 1e-4 : -.infinity
    }
}
