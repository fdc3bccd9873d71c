public import Foundation
import GRDB
public import Records

extension Store {
    /// - Throws: `groupNameTaken`
    public func createGroup(
        name: String, description: String = "", account: UUID, id: UUID = UUID(), at now: Date = .now
    ) async throws -> StreamGroup {
        let time = Milliseconds.nearest(now)
        try await write { database in
            if try database.group(.named(name), account: account) != nil { throw StoreError.groupNameTaken(name) }
            try database.execute(
                sql: """
                    INSERT INTO stream_group (id, account_id, name, description, create_time) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [id, account, name, description, time])
        }
        return StreamGroup(
            id: id, accountID: account, name: name, description: description, createTime: Milliseconds.date(time))
    }

    /// A group of `account`, or of any account when that is `nil`.
    public func group(id: UUID, account: UUID?) async throws -> StreamGroup? {
        var filter = GroupFilter(accountID: account)
        filter.ids = [id]
        return try await groups(filter).first
    }
    /// The oldest first.
    public func groups(_ filter: GroupFilter, page: Page = Page()) async throws -> [StreamGroup] {
        try await read { database in
            let query = Self.groupsQuery(filter, page: page)
            return try Row.fetchAll(database, sql: query.sql, arguments: query.arguments).map(StreamGroup.init(row:))
        }
    }
    public func groupCount(_ filter: GroupFilter) async throws -> Int {
        try await read { database in
            let query = Self.groupCountQuery(filter)
            return try Int.fetchOne(database, sql: query.sql, arguments: query.arguments) ?? 0
        }
    }

    /// Returns false when `account` has no such group.
    public func setDescription(_ description: String, ofGroup id: UUID, account: UUID) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE stream_group SET description = ? WHERE id = ? AND account_id = ?",
                arguments: [description, id, account])
            return database.changesCount == 1
        }
    }
    /// Removes a group; its streams stay. Returns false when `account` has no such group.
    public func deleteGroup(id: UUID, account: UUID) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM stream_group WHERE id = ? AND account_id = ?", arguments: [id, account])
            return database.changesCount == 1
        }
    }

    // MARK: Which streams are in it

    /// `action` of the linker on the wire.
    public enum LinkAction: String, Sendable, CaseIterable {
        case attach, detach
    }
    /// What came of a request to the linker.
    public enum LinkOutcome: Sendable, Equatable {
        case done
        /// The account has no such group; nothing was written.
        case groupNotFound
        /// The first of the streams that the account does not have; nothing was written.
        case streamNotFound(UUID)
    }

    /// Puts streams into a group or takes them out, all or none; what is so already stays so.
    public func link(
        _ action: LinkAction, streams: [UUID], group: UUID, account: UUID
    ) async throws -> LinkOutcome {
        try await write { database in
            guard let group = try database.group(.id(group), account: account) else { return .groupNotFound }
            var members: [Int64] = []
            let find = try database.cachedStatement(sql: "SELECT sequence FROM stream WHERE id = ? AND account_id = ?")
            for id in streams {
                guard let member = try Int64.fetchOne(find, arguments: [id, account]) else {
                    return .streamNotFound(id)
                }
                members.append(member)
            }
            for member in members {
                switch action {
                case .attach: try database.link(stream: member, to: group.sequence)
                case .detach: try database.unlink(stream: member, from: group.sequence)
                }
            }
            return .done
        }
    }
}

extension StreamGroup {
    fileprivate init(row: Row) {
        self.init(
            id: row["id"], accountID: row["account_id"], name: row["name"], description: row["description"],
            createTime: Milliseconds.date(row["create_time"]))
    }
}

extension Store {
    static func groupsQuery(_ filter: GroupFilter, page: Page) -> Query {
        let conditions = filter.conditions
        return (
            "SELECT * FROM stream_group\(conditions.sql) ORDER BY sequence LIMIT ? OFFSET ?",
            conditions.arguments + [page.limit, page.offset]
        )
    }
    static func groupCountQuery(_ filter: GroupFilter) -> Query {
        let conditions = filter.conditions
        return ("SELECT count(*) FROM stream_group\(conditions.sql)", conditions.arguments)
    }
}

extension Database {
    /// The group that `reference` means among those of `account`.
    func group(_ reference: GroupReference, account: UUID) throws -> (sequence: Int64, name: String)? {
        let (column, value): (String, any DatabaseValueConvertible) =
            switch reference {
            case .named(let name): ("name", name)
            case .id(let id): ("id", id)
            }
        return try Row.fetchOne(
            self, sql: "SELECT sequence, name FROM stream_group WHERE \(column) = ? AND account_id = ?",
            arguments: [value, account]
        ).map { ($0["sequence"], $0["name"]) }
    }
    func link(stream: Int64, to group: Int64) throws {
        try cachedStatement(
            sql: "INSERT OR IGNORE INTO group_member (group_sequence, stream_sequence) VALUES (?, ?)"
        ).execute(arguments: [group, stream])
    }
    fileprivate func unlink(stream: Int64, from group: Int64) throws {
        try cachedStatement(sql: "DELETE FROM group_member WHERE group_sequence = ? AND stream_sequence = ?")
            .execute(arguments: [group, stream])
    }
}
