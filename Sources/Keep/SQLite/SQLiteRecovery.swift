import Foundation
import GRDB
public import SQL

/// Copies what can be read of a damaged database into a new one, table by table and row by row.
///
/// A damaged page takes the rows that lie on it, or all below it where it is one of those that lead to others. So rows are read in
/// the order of their keys from both ends up to the damage, and what lies between is looked up key by key, by the keys that the
/// table's indexes have: these also tell how many rows are lost.
public struct SQLiteRecovery: Sendable {
    /// What became of a table.
    public struct Table: Hashable, Sendable {
        public let name: String
        public fileprivate(set) var copied = 0
        /// Rows whose keys are known, and nothing else of them.
        public fileprivate(set) var lost = 0
        /// Whether all keys are known: otherwise more may be lost than that.
        public fileprivate(set) var isCounted = true
    }
    private let source, target: String

    /// - Parameters:
    ///   - path: of a database that nobody uses. It is not changed.
    ///   - copy: of a file that is not there.
    public init(from path: String, to copy: String) { (source, target) = (path, copy) }

    /// Blocks. Returned from, the copy is on the disk, and all of it.
    /// - Parameter mend: called with the copy and what became of the tables, to make whole what rows say of each other.
    /// - Throws: `SQLError`, `damaged`, when not even the names of the tables can be read; what `mend` throws.
    public func run(_ mend: (any Connection, [Table]) throws -> Void) throws -> [Table] {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        do {
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            let damaged = try openSource()
            let tables = try copy.inDatabase { copy in
                // Nobody needs half of it, and all of it is brought to the disk at the end.
                try copy.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
                // Not in a transaction: one in which damage was come upon cannot be committed, even if it has only read.
                return try damaged.inDatabase { damaged in
                    try damaged.execute(sql: "PRAGMA cell_size_check = ON")
                    return try Rescue(from: damaged, to: copy).run(mend)
                }
            }
            try copy.close()
            try damaged.close()
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: target))
            try file.synchronize()
            try file.close()
            return tables
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    /// Whether nothing is wrong with the pages, the indexes and the rows of the database. Blocks.
    public func isSourceWhole() throws -> Bool {
        do {
            let queue = try openSource()
            let found = try queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
            try queue.close()
            return found == "ok"
        } catch let error as DatabaseError {
            guard error.isDamage else { throw SQLError(error) }
            return false
        }
    }

    private func openSource() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.readonly = true
        // What it does here: a file whose end is missing is read as far as it goes, and a table that begins in what is missing does not
        // keep us from the others. Before anything is read, or it is too late.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        return try DatabaseQueue(path: source, configuration: configuration)
    }
}

/// One run of it.
private struct Rescue {
    let source, target: GRDB.Database

    init(from source: GRDB.Database, to target: GRDB.Database) { (self.source, self.target) = (source, target) }

    func run(_ mend: (any Connection, [SQLiteRecovery.Table]) throws -> Void) throws -> [SQLiteRecovery.Table] {
        let schema = try SchemaEntry.fetch(source)
        var tables: [SQLiteRecovery.Table] = []
        try target.inTransaction {
            for entry in schema where entry.isTable { try make(entry) }
            // Before the rows: of two that are alike because a page is an old one, the second is none.
            for entry in schema where entry.isUnique { try make(entry) }
            for entry in schema where entry.isTable { tables.append(try copy(entry.name)) }
            try copySequences()
            for entry in schema where !entry.isTable && !entry.isUnique { try make(entry) }
            try mend(SQLiteConnection(target), tables)
            return .commit
        }
        return tables
    }

    private func make(_ entry: SchemaEntry) throws {
        do { try target.execute(sql: entry.sql) } catch let error as DatabaseError
            where error.resultCode == .SQLITE_ERROR
        {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "what makes \(entry.name) is damaged")
        }
    }

    private func copy(_ name: String) throws -> SQLiteRecovery.Table {
        let shape = try TableShape(name, source)
        var table = SQLiteRecovery.Table(name: name)
        var isWhole = true
        func keep(_ row: GRDB.Row) throws -> Bool {
            let isKept = try insert(row, by: shape.insertion)
            if isKept { table.copied += 1 } else { isWhole = false }
            return isKept
        }
        let isAtEnd = try read(shape.rows()) { _ = try keep($0) }
        if isAtEnd, isWhole { return table }
        _ = try read(shape.rows(.descending)) { row in
            guard try !isThere(Array(row.databaseValues.prefix(shape.key.count)), shape) else { return }
            _ = try keep(row)
        }
        (table.lost, table.isCounted) = try lookUp(shape, keep)
        return table
    }

    /// Looks up the rows that an index knows and the copy has not.
    private func lookUp(
        _ shape: TableShape, _ keep: (GRDB.Row) throws -> Bool
    ) throws -> (lost: Int, isCounted: Bool) {
        var lost: Set<[DatabaseValue]> = [], isCounted = false
        for index in shape.indexes {
            var isWhole = false
            for order in TableShape.Order.allCases where !isWhole {
                isWhole = try read(shape.keys(of: index, order)) { row in
                    let key = Array(row.databaseValues)
                    guard !lost.contains(key), try !isThere(key, shape) else { return }
                    var isFound = false
                    _ = try read(shape.row, StatementArguments(key)) { isFound = try keep($0) }
                    if !isFound { lost.insert(key) }
                }
                isCounted = isCounted || (order == .ascending && isWhole)
            }
        }
        return (lost.count, isCounted)
    }
    /// Whether the copy has the row of a key.
    private func isThere(_ key: [DatabaseValue], _ shape: TableShape) throws -> Bool {
        try Bool.fetchOne(target.cachedStatement(sql: shape.presence), arguments: StatementArguments(key)) == true
    }

    /// - Returns: whether all rows were read; otherwise there is damage behind the last.
    private func read(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ body: (GRDB.Row) throws -> Void
    ) throws -> Bool {
        guard
            let cursor = try unlessDamaged({
                try GRDB.Row.fetchCursor(source.cachedStatement(sql: sql), arguments: arguments)
            })
        else { return false }
        while true {
            // Two questions: whether there is damage, and whether there is a row.
            guard let step = try unlessDamaged({ try cursor.next() }) else { return false }
            guard let row = step else { return true }
            try body(row)
        }
    }
    /// - Returns: `nil` when what was to be read is damaged.
    private func unlessDamaged<Value>(_ body: () throws -> Value) throws -> Value? {
        do { return .some(try body()) } catch let error as DatabaseError where error.isDamage { return nil }
    }

    /// - Returns: whether it is a row: damage may make rows that there cannot be, or show one twice.
    private func insert(_ row: GRDB.Row, by insertion: String) throws -> Bool {
        do {
            // One that has failed cannot be used again, and leaves the cache.
            try target.cachedStatement(sql: insertion).execute(arguments: StatementArguments(row.databaseValues))
            return true
        } catch let error as DatabaseError where [.SQLITE_CONSTRAINT, .SQLITE_TOOBIG].contains(error.resultCode) {
            return false
        }
    }

    /// A key that was given once is not given again.
    private func copySequences() throws {
        guard try target.tableExists("sqlite_sequence") else { return }
        _ = try read("SELECT name, seq FROM sqlite_sequence") { row in
            try target.execute(
                sql: "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
                arguments: StatementArguments(row.databaseValues))
            guard target.changesCount == 0 else { return }
            try target.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                arguments: StatementArguments(row.databaseValues))
        }
    }
}

extension DatabaseError {
    /// Of the page, which may also look like a row of gigabytes, or of the disk below it.
    fileprivate var isDamage: Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_TOOBIG].contains(resultCode)
    }
}

/// A table or an index, with the statement that makes it.
private struct SchemaEntry {
    let name, sql: String
    let isTable: Bool
    var isUnique: Bool { sql.hasPrefix("CREATE UNIQUE") }

    static func fetch(_ database: GRDB.Database) throws -> [SchemaEntry] {
        try GRDB.Row.fetchAll(
            database,
            sql: "SELECT name, sql, type = 'table' FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
        ).map { SchemaEntry(name: $0[0], sql: $0[1], isTable: $0[2]) }
    }
}

/// The statements that a table is read and written by. Rows begin with their keys.
private struct TableShape {
    enum Order: String, CaseIterable { case ascending = "ASC", descending = "DESC" }
    private let name: String
    let key: [String]
    private let columns: [String]
    /// Those that have all rows, with their columns.
    let indexes: [(name: String, columns: [String])]

    init(_ name: String, _ database: GRDB.Database) throws {
        func texts(_ sql: String, _ argument: String) throws -> [String] {
            try String.fetchAll(database, sql: sql, arguments: [argument])
        }
        self.name = "\"\(name)\""
        let primary = try texts("SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", name)
        let types = try texts("SELECT type FROM pragma_table_xinfo(?) WHERE pk > 0", name)
        let isByKey = try Bool.fetchOne(
            database, sql: "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", arguments: [name])
        let all = try texts("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", name)
        // A primary key of one integer is another name for the row's number.
        let key = isByKey == true || types == ["INTEGER"] ? primary : ["rowid"]
        self.key = key
        columns = key + all.filter { !key.contains($0) }
        let found = try texts("SELECT name FROM pragma_index_list(?) WHERE partial = 0", name)
        indexes = try found.map {
            ($0, try texts("SELECT name FROM pragma_index_info(?) WHERE name IS NOT NULL ORDER BY seqno", $0))
        }.filter { $0.columns != key }
    }

    private var selection: String { "SELECT \(columns.joined(separator: ", ")) FROM \(name) NOT INDEXED" }
    private var isKey: String { key.map { "\($0) = ?" }.joined(separator: " AND ") }
    private static func order(_ columns: [String], _ order: Order) -> String {
        " ORDER BY " + columns.map { "\($0) \(order.rawValue)" }.joined(separator: ", ")
    }
    func rows(_ order: Order = .ascending) -> String { selection + Self.order(key, order) }
    var row: String { "\(selection) WHERE \(isKey)" }
    func keys(of index: (name: String, columns: [String]), _ order: Order) -> String {
        "SELECT \(key.joined(separator: ", ")) FROM \(name) INDEXED BY \"\(index.name)\""
            + Self.order(index.columns, order)
    }
    var insertion: String {
        "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"
    }
    var presence: String { "SELECT EXISTS (SELECT 1 FROM \(name) WHERE \(isKey))" }
}
