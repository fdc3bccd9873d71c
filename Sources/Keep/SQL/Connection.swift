public import Records

/// One connection to a database, for as long as the closure runs that it was handed to. Synchronous: it runs on a thread of
/// the database's own.
///
/// Statements are written with `?` for arguments and in the part of SQL that SQLite and PostgreSQL share; `dialect` has what
/// differs. They are prepared once for each connection, so their text should be one of few.
public protocol Connection {
    var dialect: Dialect { get }

    /// Runs a statement.
    /// - Returns: how many rows it changed.
    /// - Throws: `SQLError`.
    @discardableResult
    func execute(_ sql: String, _ arguments: [any Bindable]) throws -> Int

    /// Runs a statement that answers, and hands over each row.
    /// - Throws: `SQLError`, and what `body` throws.
    func forEachRow(_ sql: String, _ arguments: [any Bindable], _ body: (Row) throws -> Void) throws

    /// Runs several statements without arguments, as migrations do.
    func script(_ sql: String) throws

    /// Runs `body` so that what it wrote is taken back when it throws, and the transaction around it goes on.
    func savepoint<T>(_ body: () throws -> T) throws -> T

    /// Notes what this transaction changes. It is told to the database's `changes` when the transaction has been committed,
    /// and forgotten when it has not.
    func changed(_ change: Change)

    /// Has something done when this transaction has been committed, before the write returns and in the order of commits; never when it has not.
    /// It must not wait for anything.
    func afterCommit(_ action: @escaping @Sendable () -> Void)
}

extension Connection {
    @discardableResult
    public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    /// Something made of each row. Inlined, because what is made of a thousand rows should not be handed on as a value of unknown type.
    @inlinable public func rows<T>(
        _ sql: String, _ arguments: [any Bindable], _ body: (Row) throws -> T
    ) throws -> [T] {
        var values: [T] = []
        try forEachRow(sql, arguments) { values.append(try body($0)) }
        return values
    }
    /// The first row, made something of.
    public func first<T>(_ sql: String, _ arguments: [any Bindable] = [], _ body: (Row) throws -> T) throws -> T? {
        try rows(sql, arguments, body).first
    }
    /// The first column of the first row.
    public func value<T: Readable>(_ sql: String, _ arguments: [any Bindable] = []) throws -> T? {
        try first(sql, arguments) { $0[0] }
    }
}
