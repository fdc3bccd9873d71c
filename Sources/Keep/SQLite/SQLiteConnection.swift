import Foundation
import GRDB
import Records
import SQL
import Synchronization

/// One of GRDB's connections, with the statements that were prepared on it. Used on the connection's own queue alone.
final class SQLiteConnection: Connection {
    let dialect = Dialect.sqlite
    /// What the transaction that runs has changed so far.
    var changes: Set<Change> = []
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

    func rows<T>(_ sql: String, _ arguments: [any Bindable], _ body: (AnswerRow) throws -> T) throws -> [T] {
        do {
            let cursor = try GRDB.Row.fetchCursor(
                statement(sql), arguments: StatementArguments(arguments.map(\.sql.databaseValue)))
            var values: [T] = []
            // The cursor gives one row object again and again, and reads from the statement where it stands.
            var row: AnswerRow?
            while let next = try cursor.next() {
                if row == nil { row = AnswerRow(SQLiteRow(next)) }
                values.append(try body(row!))
            }
            return values
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
        defer { savepoints -= 1 }
        _ = try execute("SAVEPOINT \(name)", [])
        do {
            let value = try body()
            _ = try execute("RELEASE \(name)", [])
            return value
        } catch {
            // Some errors, such as a full disk, have ended the whole transaction already.
            if database.isInsideTransaction {
                _ = try execute("ROLLBACK TO \(name)", [])
                _ = try execute("RELEASE \(name)", [])
            }
            throw error
        }
    }

    func changed(_ change: Change) { changes.insert(change) }

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

/// A row as GRDB's cursor stands on it.
private final class SQLiteRow: RowSource {
    private let row: GRDB.Row
    private lazy var columns = Dictionary(zip(row.columnNames, 0...)) { first, _ in first }
    init(_ row: GRDB.Row) { self.row = row }

    func isNull(_ column: Int) -> Bool { row.hasNull(atIndex: column) }
    func integer(_ column: Int) -> Int64 { row[column] }
    func real(_ column: Int) -> Double { row[column] }
    func text(_ column: Int) -> String { StorableText.decoded(row[column] as String) }
    func blob(_ column: Int) -> [UInt8] { [UInt8](row[column] as Data) }
    func id(_ column: Int) -> UUID { row[column] }
    func column(named name: String) -> Int? { columns[name] }
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
