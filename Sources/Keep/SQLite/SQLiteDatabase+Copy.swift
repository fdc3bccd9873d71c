import Foundation
import GRDB
public import SQL

extension SQLiteDatabase {
    /// Copies a database, which others may be writing meanwhile, as it is at one moment, into a new file that is all of the copy.
    /// Returned from, it is on the disk. Blocks.
    /// - Parameter read: asked of the copy.
    /// - Throws: `SQLError`; what `read` throws.
    public static func copy<Value>(
        _ path: String, to copy: String, read: (any Connection) throws -> Value
    ) throws -> Value {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        do {
            let target = try DatabaseQueue(path: copy, configuration: configuration)
            // So that its log is not folded in, which is the business of those who write it.
            configuration.readonly = true
            let source = try DatabaseQueue(path: path, configuration: configuration)
            // In one step, which does not begin anew when somebody writes.
            try source.backup(to: target)
            try source.close()
            let value = try target.inDatabase { database in
                // The log that the copy would otherwise have beside it, too, is one file more to be lost.
                try database.execute(sql: "PRAGMA journal_mode = DELETE")
                return try read(SQLiteConnection(database))
            }
            try target.close()
            return value
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }
    /// Reads a file that nobody uses, and leaves it as it is. Blocks.
    /// - Throws: `SQLError`; what `read` throws.
    public static func inspect<Value>(_ path: String, read: (any Connection) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let value = try queue.inDatabase { try read(SQLiteConnection($0)) }
            try queue.close()
            return value
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }
}
