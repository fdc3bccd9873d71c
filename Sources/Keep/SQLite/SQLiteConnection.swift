import Foundation
import GRDB
import GRDBSQLite
import Records
import SQL
import Synchronization

/// One of GRDB's connections, with the statements that were prepared on it. Used on the connection's own queue alone.
final class SQLiteConnection: Connection {
    let dialect = Dialect.sqlite
    /// What the transaction that runs has changed so far.
    var changes: Set<Change> = []
    /// What is to be done when it has been committed.
    var actions: [@Sendable () -> Void] = []
    private unowned let database: GRDB.Database
    private var statements = StatementCache<Statement>()
    private var savepoints = 0

    init(_ database: GRDB.Database) { self.database = database }

    func execute(_ sql: String, _ arguments: [any Bindable]) throws -> Int {
        do {
            try statement(sql).execute(arguments: StatementArguments(arguments.map(\.sql.databaseValue)))
            return database.changesCount
        } catch let error as DatabaseError {
            statements.remove(sql)  // resetting it would fail again
            throw SQLError(error)
        }
    }

    func forEachRow(_ sql: String, _ arguments: [any Bindable], _ body: (AnswerRow) throws -> Void) throws {
        do {
            let statement = try statement(sql)
            let cursor = try GRDB.Row.fetchCursor(
                statement, arguments: StatementArguments(arguments.map(\.sql.databaseValue)))
            let source = SQLiteRow(statement), row = AnswerRow(source)
            while try cursor.next() != nil {
                try body(row)
                if let flaw = source.flaw { throw SQLError(.damaged, flaw, plain: "its file is damaged") }
            }
        } catch let error as DatabaseError {
            statements.remove(sql)
            throw SQLError(error)
        }
    }

    func script(_ sql: String) throws {
        do { try database.execute(sql: sql) } catch let error as DatabaseError { throw SQLError(error) }
    }

    func savepoint<T>(_ body: () throws -> T) throws -> T {
        savepoints += 1
        let name = "point\(savepoints)"
        let asked = actions.count
        defer { savepoints -= 1 }
        _ = try execute("SAVEPOINT \(name)", [])
        do {
            let value = try body()
            _ = try execute("RELEASE \(name)", [])
            return value
        } catch {
            actions.removeSubrange(asked...)
            // Some errors, such as a full disk, have ended the whole transaction already.
            if database.isInsideTransaction {
                _ = try execute("ROLLBACK TO \(name)", [])
                _ = try execute("RELEASE \(name)", [])
            }
            throw error
        }
    }

    func changed(_ change: Change) { changes.insert(change) }
    func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    private func statement(_ sql: String) throws -> Statement {
        if let known = statements.find(sql) { return known }
        let statement = try database.makeStatement(sql: sql)
        _ = statements.insert(statement, for: sql)
        return statement
    }
}

/// The connections of one pool, found by GRDB's own objects for them, which live as long as the pool.
///
/// `@unchecked Sendable` holds because a connection is only used on the queue of the database that it was found by.
final class ConnectionTable: @unchecked Sendable {
    private let all = Mutex<[ObjectIdentifier: Entry]>([:])
    private struct Entry: @unchecked Sendable { let connection: SQLiteConnection }

    func connection(to database: GRDB.Database) -> SQLiteConnection {
        let id = ObjectIdentifier(database)
        if let entry = all.withLock({ $0[id] }) { return entry.connection }
        let entry = Entry(connection: SQLiteConnection(database))
        all.withLock { $0[id] = entry }
        return entry.connection
    }
    /// Lets go of all statements.
    func removeAll() { all.withLock { $0.removeAll() } }
}

/// The row that a statement stands on, read from SQLite's own memory: GRDB's rows make a value of each
/// column first.
private final class SQLiteRow: RowSource {
    private let statement: Statement
    private let pointer: OpaquePointer
    /// What no row of ours has, and has been read all the same: a page can be damaged without SQLite's noticing.
    private(set) var flaw: String?
    private lazy var columns = Dictionary(zip(statement.columnNames, 0...)) { first, _ in first }
    init(_ statement: Statement) { (self.statement, pointer) = (statement, statement.sqliteStatement) }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(pointer, Int32(column)) == SQLITE_NULL }
    func integer(_ column: Int) -> Int64 {
        let number = sqlite3_column_int64(pointer, Int32(column))
        if number == 0 { checkPresence(column) }
        return number
    }
    func real(_ column: Int) -> Double {
        let number = sqlite3_column_double(pointer, Int32(column))
        if number == 0 { checkPresence(column) }
        return number
    }
    func text(_ column: Int) -> String { withBytes(column) { StorableText.decoded($0) } }
    func withBytes<T, E>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        // In this order: the first may change the value's form, and then its length. Of no bytes it gives no place.
        let start = sqlite3_column_blob(pointer, Int32(column))
        if start == nil { checkPresence(column) }
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, Int32(column)))))
    }
    func id(_ column: Int) -> UUID {
        withBytes(column) { bytes in
            guard bytes.count == 16 else {
                flaw = "column \(column) is no id"
                return UUID()
            }
            return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
    func column(named name: String) -> Int? { columns[name] }
    /// To be called where a null looks like a value.
    private func checkPresence(_ column: Int) { if isNull(column) { flaw = "column \(column) is null" } }
}

extension Value {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): StorableText.encoded(value).databaseValue
        case .blob(let value): Data(value).databaseValue
        case .id(let value): value.databaseValue
        }
    }
}
