public import Foundation
import Matching
public import Records
import SQL

extension Store {
    /// - Parameters:
    ///   - lists: that it is to be on.
    ///   - source: what is known of its looks.
    /// - Throws: `listNotFound`, `attributeNotFound`; then nothing was made.
    public func createFace(
        _ details: FaceDetails = FaceDetails(), on lists: [UUID] = [], _ source: FaceSource? = nil, account: UUID,
        id: UUID = UUID(), at now: Date = .now
    ) async throws -> Face {
        let time = Milliseconds.nearest(now)
        try await write { [descriptors] connection in
            let face: Int64? = try connection.value(
                """
                INSERT INTO face (id, account_id, event_id, external_id, user_data, avatar, create_time)
                VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING sequence
                """,
                [id, account, details.eventID, details.externalID, details.userData, details.avatar, time])
            guard let face else { throw StoreError.failed(reason: "a new face has no number") }
            for list in lists {
                guard let sequence = try connection.list(list, account: account) else {
                    throw StoreError.listNotFound(list)
                }
                try connection.attach(face: face, to: sequence, at: time)
                try connection.touch(list: sequence, at: time)
            }
            if let source {
                try connection.insert(source, ofFace: face, account: account, at: time, descriptors)
            }
        }
        guard let face = try await face(id: id, account: account) else { throw StoreError.faceNotFound(id) }
        return face
    }

    /// A face of `account`, or of any account when that is `nil`.
    public func face(id: UUID, account: UUID?) async throws -> Face? {
        var filter = Filter<Face>(accountID: account)
        filter.require(.ids, [.id(id)])
        return try await faces(filter).first
    }
    /// The newest first; by their ids where the filter bounds these.
    public func faces(_ filter: Filter<Face>, page: Page = Page()) async throws -> [Face] {
        let query = Self.facesQuery(filter, page: page, database.dialect)
        return try await read { try $0.rows(query.sql, query.arguments, Face.init(row:)) }
    }
    public func faceCount(_ filter: Filter<Face>) async throws -> Int {
        let query = Self.faceCountQuery(filter)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }

    /// Changes what is said of a face.
    /// - Returns: false when `account` has no such face.
    public func changeFace(
        id: UUID, account: UUID, _ change: @escaping @Sendable (inout FaceDetails) throws -> Void
    ) async throws -> Bool {
        try await write { connection in
            let known: FaceDetails? = try connection.first(
                "SELECT event_id, external_id, user_data, avatar FROM face WHERE id = ? AND account_id = ?",
                [id, account]
            ) { FaceDetails(eventID: $0[0], externalID: $0[1], userData: $0[2], avatar: $0[3]) }
            guard var details = known else { return false }
            try change(&details)
            try connection.execute(
                "UPDATE face SET event_id = ?, external_id = ?, user_data = ?, avatar = ? WHERE id = ?",
                [details.eventID, details.externalID, details.userData, details.avatar, id])
            return true
        }
    }

    /// Removes faces with all that is known of their looks; samples stay. Returned from, no file of an embedded database has it any more.
    /// - Parameter ignoresMissing: otherwise all must be there, or none is removed.
    /// - Returns: how many were removed.
    /// - Throws: `faceNotFound`.
    @discardableResult
    public func deleteFaces(
        _ ids: [UUID], account: UUID, ignoresMissing: Bool = false, at now: Date = .now
    ) async throws -> Int {
        let time = Milliseconds.nearest(now)
        let count = try await write { [descriptors] connection in
            var count = 0
            for id in ids.withoutRepetitions {
                if let face = try connection.face(id, account: account) {
                    try connection.deleteFace(face, at: time, descriptors)
                    count += 1
                } else if !ignoresMissing {
                    throw StoreError.faceNotFound(id)
                }
            }
            return count
        }
        if count > 0 { await erase() }
        return count
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func facesQuery(_ filter: Filter<Face>, page: Page, _ dialect: Dialect) -> Query {
        let clauses = filter.clauses
        let isByID = filter.conditions.contains {
            $0.column == FilterField<Face>.idBelow.column && [.atLeast, .below].contains($0.comparison)
        }
        return Query(
            """
            SELECT \(Face.columns(dialect)) FROM face\(clauses.sql)
            ORDER BY \(isByID ? "id" : "sequence DESC") LIMIT ? OFFSET ?
            """, clauses.arguments + [page.limit, page.offset])
    }
    static func faceCountQuery(_ filter: Filter<Face>) -> Query {
        let clauses = filter.clauses
        return Query("SELECT count(*) FROM face\(clauses.sql)", clauses.arguments)
    }
}

extension [UUID] {
    /// Each at its first place.
    var withoutRepetitions: [UUID] {
        var known: Set<UUID> = []
        return filter { known.insert($0).inserted }
    }
}

extension Connection {
    func face(_ id: UUID, account: UUID) throws -> Int64? {
        try value("SELECT sequence FROM face WHERE id = ? AND account_id = ?", [id, account])
    }
    /// The lists that it was on have lost it.
    func deleteFace(_ face: Int64, at time: Int64, _ index: DescriptorIndex) throws {
        afterCommit { index.apply(.removed(subject: face)) }
        try execute(
            """
            UPDATE face_list SET last_update_time = ?
            WHERE sequence IN (SELECT list_sequence FROM face_list_member WHERE face_sequence = ?)
            """, [time, face])
        try execute("DELETE FROM face WHERE sequence = ?", [face])
    }
}
