public import Foundation
import Matching
public import Records
import SQL

extension Store {
    public func createList(
        userData: String = "", faceDays: Int? = nil, account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> FaceList {
        let now = now.storedTime, time = Milliseconds.nearest(now)
        _ = try await write {
            try $0.execute(
                "INSERT INTO face_list (\(FaceList.columns)) VALUES (?, ?, ?, ?, ?, ?)",
                [id, account, userData, faceDays, time, time])
        }
        return FaceList(
            id: id, accountID: account, userData: userData, faceDays: faceDays, createTime: now, lastUpdateTime: now)
    }

    /// A list of `account`, or of any account when that is `nil`.
    public func list(id: UUID, account: UUID?) async throws -> FaceList? {
        var filter = Filter<FaceList>(accountID: account)
        filter.require(.ids, [.id(id)])
        return try await lists(filter).first
    }
    /// The newest first; by their ids where the filter bounds these.
    public func lists(_ filter: Filter<FaceList>, page: Page = Page()) async throws -> [FaceList] {
        let query = Self.listsQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, FaceList.init(row:)) }
    }
    public func listCount(_ filter: Filter<FaceList>) async throws -> Int {
        let query = Self.listCountQuery(filter)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }

    /// Changes what is said of a list, and for how long faces stay on it.
    /// - Returns: false when `account` has no such list.
    public func changeList(
        id: UUID, account: UUID, at now: Date = .now,
        _ change: @escaping @Sendable (_ userData: inout String, _ faceDays: inout Int?) throws -> Void
    ) async throws -> Bool {
        try await write { connection in
            let known: (String, Int?)? = try connection.first(
                "SELECT user_data, face_days FROM face_list WHERE id = ? AND account_id = ?", [id, account]
            ) { ($0[0], $0[1]) }
            guard var (userData, faceDays) = known else { return false }
            try change(&userData, &faceDays)
            try connection.execute(
                "UPDATE face_list SET user_data = ?, face_days = ?, last_update_time = ? WHERE id = ?",
                [userData, faceDays, Milliseconds.nearest(now), id])
            return true
        }
    }

    /// Removes lists, or none of them; the faces that were on them stay.
    /// - Throws: `listNotFound`.
    public func deleteLists(_ ids: [UUID], account: UUID) async throws {
        try await write { connection in
            for id in ids.withoutRepetitions {
                guard
                    try connection.execute("DELETE FROM face_list WHERE id = ? AND account_id = ?", [id, account]) == 1
                else { throw StoreError.listNotFound(id) }
            }
        }
    }
    /// Removes lists with all faces that are on them, whichever other lists these are on. A list goes after its faces: cut off, the same call
    /// goes on.
    /// - Returns: how many faces were removed.
    /// - Throws: `listNotFound`; then nothing was removed.
    @discardableResult
    public func deleteListsWithFaces(_ ids: [UUID], account: UUID, at now: Date = .now) async throws -> Int {
        let lists = try await read { connection in
            try ids.withoutRepetitions.map { id in
                guard let list = try connection.list(id, account: account) else { throw StoreError.listNotFound(id) }
                return list
            }
        }
        var count = 0
        for list in lists {
            while true {
                let removed = try await write { [descriptors] connection in
                    try connection.deleteFaces(
                        on: list, limit: Self.faceDeletionLimit, at: Milliseconds.nearest(now), descriptors)
                }
                count += removed
                if removed == 0 { break }
            }
        }
        if count > 0 { await erase() }
        return count
    }
    /// Faces that one transaction removes at most.
    static let faceDeletionLimit = 500

    /// Puts faces on a list or takes them off, all or none; what is so already stays so.
    /// - Returns: false when `account` has no such list.
    /// - Throws: `facesNotFound`.
    public func link(
        _ action: LinkAction, faces: [UUID], list id: UUID, account: UUID, at now: Date = .now
    ) async throws -> Bool {
        let time = Milliseconds.nearest(now)
        return try await write { connection in
            guard let list = try connection.list(id, account: account) else { return false }
            var members: [Int64] = []
            for id in faces {
                guard let face = try connection.face(id, account: account) else {
                    throw StoreError.facesNotFound(id)
                }
                members.append(face)
            }
            var count = 0
            for face in members {
                switch action {
                case .attach: count += try connection.attach(face: face, to: list, at: time)
                case .detach: count += try connection.detach(face: face, from: list)
                }
            }
            if count > 0 { try connection.touch(list: list, at: time) }
            return true
        }
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func listsQuery(_ filter: Filter<FaceList>, page: Page) -> Query {
        let clauses = filter.clauses()
        let isByID = filter.conditions.contains {
            $0.column == FilterField<FaceList>.idBelow.column && [.atLeast, .below].contains($0.comparison)
        }
        return Query(
            """
            SELECT \(FaceList.columns) FROM face_list\(clauses.sql)
            ORDER BY \(isByID ? "id" : "sequence DESC") LIMIT ? OFFSET ?
            """, clauses.arguments + [page.limit, page.offset])
    }
    static func listCountQuery(_ filter: Filter<FaceList>) -> Query {
        let clauses = filter.clauses()
        return Query("SELECT count(*) FROM face_list\(clauses.sql)", clauses.arguments)
    }
}

extension Connection {
    func list(_ id: UUID, account: UUID) throws -> Int64? {
        try value("SELECT sequence FROM face_list WHERE id = ? AND account_id = ?", [id, account])
    }
    func touch(list: Int64, at time: Int64) throws {
        try execute("UPDATE face_list SET last_update_time = ? WHERE sequence = ?", [time, list])
    }
    /// - Returns: 1, or 0 for a face that is on it already.
    @discardableResult
    func attach(face: Int64, to list: Int64, at time: Int64) throws -> Int {
        try execute(
            """
            INSERT INTO face_list_member (list_sequence, face_sequence, attach_time) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING
            """, [list, face, time])
    }
    /// - Returns: 1, or 0 for a face that is not on it.
    func detach(face: Int64, from list: Int64) throws -> Int {
        try execute("DELETE FROM face_list_member WHERE list_sequence = ? AND face_sequence = ?", [list, face])
    }
    /// Removes the first faces that are on a list; when none is left, the list.
    /// - Returns: how many faces there were.
    fileprivate func deleteFaces(
        on list: Int64, limit: Int, at time: Int64, _ index: DescriptorIndex
    ) throws -> Int {
        let faces: [Int64] = try rows(
            "SELECT face_sequence FROM face_list_member WHERE list_sequence = ? ORDER BY face_sequence LIMIT ?",
            [list, limit]
        ) { $0[0] }
        for face in faces { try deleteFace(face, at: time, index) }
        if faces.isEmpty { try execute("DELETE FROM face_list WHERE sequence = ?", [list]) }
        return faces.count
    }
}
