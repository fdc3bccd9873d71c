import Foundation
import Matching
public import Records
import SQL

/// There is but one index to be filled.
enum Filling: Hashable { case descriptors }

// Who is alike to whom: found in memory, judged by what is stored.
extension Store {
    /// Reads all descriptors into memory, unless they are there. A search does it, too; whoever does it before spares the first one the wait.
    public func loadDescriptors() async throws {
        guard !descriptors.isKnown else { return }
        try await fillings.answer(to: .descriptors) { [self] in
            guard !descriptors.isKnown else { return }
            try await descriptors.fill { take in
                var last = Int64.min
                while let end = try await descriptorPortion(after: last, take) { last = end }
            }
        }
    }
    /// How many faces there are in memory, and the bytes that they take; none before they have been read.
    public var descriptorsInMemory: (faces: Int, bytes: Int) { descriptors.size }

    /// Rows that are read at once.
    static let descriptorPortion = 16_384

    /// - Returns: the number of the last face; `nil` when there was none.
    private func descriptorPortion(
        after last: Int64, _ take: @escaping @Sendable ([DescriptorIndex.Change]) -> Void
    ) async throws -> Int64? {
        try await read { connection in
            var changes: [DescriptorIndex.Change] = []
            changes.reserveCapacity(Self.descriptorPortion)
            var end: Int64?
            let query = Self.descriptorsQuery(after: last)
            try connection.forEachRow(query.sql, query.arguments) { row in
                let face: Int64 = row[0]
                end = face
                guard let descriptor = row.quantisedDescriptor(2) else { return }
                changes.append(.set(face: face, account: row[1], descriptor))
            }
            take(changes)
            return end
        }
    }
    static func descriptorsQuery(after last: Int64) -> Query {
        Query(
            """
            SELECT face_sequence, account_id, bytes FROM face_attribute JOIN descriptor ON descriptor.id = descriptor_id
            WHERE face_sequence > ? ORDER BY face_sequence LIMIT ?
            """, [last, descriptorPortion])
    }

    /// The faces that are most alike to each of some descriptors, of those that a filter lets pass.
    ///
    /// Nobody is left out: a first look in 8 bits leaves whoever may belong to them, and cosines of what is stored decide. Of equal ones
    /// those go before who were made before.
    /// - Parameter filter: decides first; only who passes is looked at.
    public func matches(
        _ references: [Descriptor], among filter: Filter<Face>, _ wish: MatchWish
    ) async throws -> [[FaceMatch]] {
        guard !references.isEmpty else { return [] }
        let isByTime = wish.order != .similarity
        if isByTime, references.count > 1 {
            // Everybody above the threshold is on each short list: not on all at once.
            var all: [[FaceMatch]] = []
            for reference in references { all += try await matches([reference], among: filter, wish) }
            return all
        }
        let faces = filter.conditions.isEmpty ? nil : try await numbers(of: filter)
        let quantised = references.map(QuantisedDescriptor.init)
        while true {
            try await loadDescriptors()
            let lists = await descriptors.search(
                quantised, account: filter.accountID, faces: faces, limit: isByTime ? nil : wish.limit,
                floor: wish.floor)
            // Doubts may have come up in between.
            guard let lists else { continue }
            return try await read { [dialect = database.dialect] connection in
                try zip(references, lists).map { reference, list in
                    let found = try connection.best(list, reference, wish)
                    return try connection.faces(found, dialect)
                }
            }
        }
    }
    private func numbers(of filter: Filter<Face>) async throws -> [Int64] {
        let query = Self.faceNumbersQuery(filter)
        return try await read { try $0.rows(query.sql, query.arguments) { $0[0] } }
    }
    static func faceNumbersQuery(_ filter: Filter<Face>) -> Query {
        let clauses = filter.clauses
        return Query("SELECT sequence FROM face\(clauses.sql)", clauses.arguments)
    }
}

extension MatchWish {
    /// Cosines below it are below the threshold, too.
    fileprivate var floor: Float {
        threshold > 0 ? Float(Similarity.cosine(of: threshold)) - 1e-4 : -.infinity
    }
}

/// A face by its number, with its cosine.
private struct JudgedFace {
    let face: Int64
    let cosine: Double

    func goesBefore(_ other: JudgedFace, _ order: MatchOrder) -> Bool {
        switch order {
        case .similarity: cosine != other.cosine ? cosine > other.cosine : face < other.face
        // Faces are numbered in the order in which they are made.
        case .oldestFirst: face < other.face
        case .newestFirst: face > other.face
        }
    }
}

extension Connection {
    /// Of a short list those who belong there, in their order.
    fileprivate func best(_ list: Shortlist, _ reference: Descriptor, _ wish: MatchWish) throws -> [JudgedFace] {
        let entries = list.entries.sorted { a, b in
            switch wish.order {
            case .similarity: a.upper > b.upper
            case .oldestFirst: a.face < b.face
            case .newestFirst: a.face > b.face
            }
        }
        var best: [JudgedFace] = []
        for start in stride(from: 0, to: entries.count, by: Self.portion) {
            let part = entries[start..<min(entries.count, start + Self.portion)]
            // Who comes now comes behind all that are there.
            if best.count == wish.limit, let first = part.first {
                guard wish.order == .similarity, let last = best.last, Double(first.upper) >= last.cosine else { break }
            }
            for (face, descriptor) in try descriptors(of: part.map(\.face)) {
                let cosine = reference.cosine(to: descriptor)
                if Similarity.of(cosine: cosine) >= wish.threshold {
                    best.append(JudgedFace(face: face, cosine: cosine))
                }
            }
            best.sort { $0.goesBefore($1, wish.order) }
            best.removeLast(max(0, best.count - wish.limit))
        }
        return best
    }

    /// Faces that one statement asks for.
    private static var portion: Int { 64 }
    private static var marks: String { Array(repeating: "?", count: portion).joined(separator: ",") }
    /// As many as a statement has marks.
    private func arguments(_ faces: some Collection<Int64>) -> [any Bindable] {
        Array(faces) + Array(repeating: Int64(-1), count: Self.portion - faces.count)
    }
    /// Of those that have one still.
    private func descriptors(of faces: [Int64]) throws -> [(Int64, Descriptor)] {
        try rows(
            """
            SELECT face_sequence, bytes FROM face_attribute JOIN descriptor ON descriptor.id = descriptor_id
            WHERE face_sequence IN (\(Self.marks))
            """, arguments(faces)
        ) { ($0[0], try Descriptor(stored: $0[1])) }
    }
    /// Those that are still there.
    fileprivate func faces(_ judged: [JudgedFace], _ dialect: Dialect) throws -> [FaceMatch] {
        var found: [Int64: Face] = [:]
        for start in stride(from: 0, to: judged.count, by: Self.portion) {
            let part = judged[start..<min(judged.count, start + Self.portion)]
            try forEachRow(
                "SELECT \(Face.columns(dialect)), sequence FROM face WHERE sequence IN (\(Self.marks))",
                arguments(part.map(\.face))
            ) { found[$0[8]] = Face(row: $0) }
        }
        return judged.compactMap { judged in
            found[judged.face].map { FaceMatch(face: $0, cosine: judged.cosine) }
        }
    }
}

extension Row {
    /// A column that holds one; `nil` where that is damaged.
    func quantisedDescriptor(_ column: Int) -> QuantisedDescriptor? {
        withBytes(column) { QuantisedDescriptor(bytes: $0) }
    }
}
