public import Foundation
public import Records
import SQL

extension Store {
    /// - Throws: `groupNameTaken`
    public func createGroup(
        name: String, description: String = "", account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> StreamGroup {
        let time = Milliseconds.nearest(now)
        try await write { connection in
            if try connection.group(.named(name), account: account) != nil { throw StoreError.groupNameTaken(name) }
            try connection.execute(
                "INSERT INTO stream_group (id, account_id, name, description, create_time) VALUES (?, ?, ?, ?, ?)",
                [id, account, name, description, time])
        }
        return StreamGroup(
            id: id, accountID: account, name: name, description: description, createTime: Milliseconds.date(time))
    }

    /// A group of `account`, or of any account when that is `nil`.
    public func group(id: UUID, account: UUID?) async throws -> StreamGroup? {
        var filter = Filter<StreamGroup>(accountID: account)
        filter.require(.ids, [.id(id)])
        return try await groups(filter).first
    }
    /// The oldest first.
    public func groups(_ filter: Filter<StreamGroup>, page: Page = Page()) async throws -> [StreamGroup] {
        let query = Self.groupsQuery(filter, page: page)
        return try await read { try $0.rows(query.sql, query.arguments, StreamGroup.init(row:)) }
    }
    public func groupCount(_ filter: Filter<StreamGroup>) async throws -> Int {
        let query = Self.groupCountQuery(filter)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }

    /// Returns false when `account` has no such group.
    public func setDescription(_ description: String, ofGroup id: UUID, account: UUID) async throws -> Bool {
        try await write {
            try $0.execute(
                "UPDATE stream_group SET description = ? WHERE id = ? AND account_id = ?", [description, id, account])
                == 1
        }
    }
    /// Removes a group; its streams stay. Returns false when `account` has no such group.
    public func deleteGroup(id: UUID, account: UUID) async throws -> Bool {
        try await write {
            try $0.execute("DELETE FROM stream_group WHERE id = ? AND account_id = ?", [id, account]) == 1
        }
    }

    /// Puts streams into a group or takes them out, all or none; what is so already stays so.
    public func link(
        _ action: LinkAction, streams: [UUID], group: UUID, account: UUID
    ) async throws -> LinkOutcome {
        try await write { connection in
            guard let group = try connection.group(.id(group), account: account) else { return .groupNotFound }
            var members: [Int64] = []
            for id in streams {
                let member: Int64? = try connection.value(
                    "SELECT sequence FROM stream WHERE id = ? AND account_id = ?", [id, account])
                guard let member else { return .streamNotFound(id) }
                members.append(member)
            }
            for member in members {
                switch action {
                case .attach: try connection.link(stream: member, to: group.sequence)
                case .detach: try connection.unlink(stream: member, from: group.sequence)
                }
            }
            return .done
        }
    }
}

// The queries, apart from their execution so that a test can ask the database how it would run them.
extension Store {
    static func groupsQuery(_ filter: Filter<StreamGroup>, page: Page) -> Query {
        let clauses = filter.clauses()
        return Query(
            """
            SELECT id, account_id, name, description, create_time FROM stream_group\(clauses.sql)
            ORDER BY sequence LIMIT ? OFFSET ?
            """, clauses.arguments + [page.limit, page.offset])
    }
    static func groupCountQuery(_ filter: Filter<StreamGroup>) -> Query {
        let clauses = filter.clauses()
        return Query("SELECT count(*) FROM stream_group\(clauses.sql)", clauses.arguments)
    }
}

extension StreamGroup {
    fileprivate init(row: Row) {
        self.init(
            id: row[0], accountID: row[1], name: row[2], description: row[3], createTime: Milliseconds.date(row[4]))
    }
}

extension Connection {
    /// The group that `reference` means among those of `account`.
    func group(_ reference: GroupReference, account: UUID) throws -> (sequence: Int64, name: String)? {
        let (column, value): (String, any Bindable) =
            switch reference {
            case .named(let name): ("name", name)
            case .id(let id): ("id", id)
            }
        return try first(
            "SELECT sequence, name FROM stream_group WHERE \(column) = ? AND account_id = ?", [value, account]
        ) { ($0[0], $0[1]) }
    }
    func link(stream: Int64, to group: Int64) throws {
        try execute(
            "INSERT INTO group_member (group_sequence, stream_sequence) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [group, stream])
    }
    fileprivate func unlink(stream: Int64, from group: Int64) throws {
        try execute("DELETE FROM group_member WHERE group_sequence = ? AND stream_sequence = ?", [group, stream])
    }
}
