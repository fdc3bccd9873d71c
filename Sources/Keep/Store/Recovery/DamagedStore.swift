public import Foundation
import ObjectStore
import SQL
import SQLite
public import Sealing

/// An embedded database that is damaged.
public struct DamagedStore: Sendable {
    private let directory: URL
    private let keys: KeySource
    private var file: URL { directory.appending(path: Store.fileName) }
    private var recovered: URL { Self.recovered(in: directory) }
    private static func recovered(in directory: URL) -> URL {
        directory.appending(path: Store.fileName + ".recovered")
    }
    /// Whether what was saved is there and not in its place.
    static func isCutOff(in directory: URL) -> Bool { access(recovered(in: directory).path, F_OK) == 0 }

    /// What became of a table.
    public struct Table: Hashable, Sendable {
        public let name: String
        public let saved: Int
        /// Rows that cannot be read and of which an index knows.
        public let lost: Int
        /// Whether an index knew of all of them: otherwise there may have been more.
        public let isCounted: Bool
        /// Rows that could be read and were removed, since what they belong to is lost or they are none of ours.
        public let removed: Int
    }

    /// - Parameters:
    ///   - directory: the data directory, which nobody uses.
    ///   - keys: `nil`: a file beside the directory.
    public init(in directory: URL, keys: KeySource? = nil) {
        (self.directory, self.keys) = (directory, keys ?? .beside(directory))
    }

    /// Copies what can be read into a new database, which opens. Blocks.
    /// - Parameter copy: a file that is not there. The damaged one is not changed.
    /// - Returns: the tables, and whether anything was damaged.
    /// - Throws: `OpeningError`, `RecoveryError`.
    public func recover(to copy: URL) throws -> (tables: [Table], isDamaged: Bool) {
        let lock = try DirectoryLock(directory: directory, isOnlyRead: true)
        return try withExtendedLifetime(lock) { try save(to: copy, evenIfWhole: true) }
    }
    /// Puts what can be read in the place of the database, unless nothing is damaged. Cut off, it goes on with the next call.
    /// - Returns: the tables, none where only the last step was left to be done; and the file that the damaged one is now, `nil` when
    ///   nothing was damaged and all is as it was.
    /// - Throws: `OpeningError`, `RecoveryError`; then the database is as it was.
    public func recover() throws -> (tables: [Table], damaged: URL?) {
        let lock = try DirectoryLock(directory: directory)
        return try withExtendedLifetime(lock) {
            if Self.isCutOff(in: directory) { return ([], try exchange()) }
            let (tables, isDamaged) = try save(to: recovered, evenIfWhole: false)
            return (tables, isDamaged ? try exchange() : nil)
        }
    }

    private func save(to copy: URL, evenIfWhole: Bool) throws -> (tables: [Table], isDamaged: Bool) {
        guard !FileManager.default.fileExists(atPath: copy.path) else { throw RecoveryError.exists(path: copy.path) }
        for path in [file.path, file.path + "-wal"] {
            var found = stat()
            guard stat(path, &found) != 0 || found.st_mode & S_IFMT == S_IFREG else {
                throw RecoveryError.noFile(path: path)
            }
            guard access(path, R_OK) == 0 || errno == ENOENT else { throw RecoveryError.last(path) }
        }
        let draft = try makeDraft(of: copy)
        // Whoever only reads a database with a log makes both of these, and cannot remove them.
        let besides = ["-wal", "-shm"].map { file.path + $0 }.filter { access($0, F_OK) != 0 }
        defer { for path in besides { unlink(path) } }
        var removed: [String: Int] = [:]
        let found: [SQLiteRecovery.Table], isWhole: Bool
        do {
            let recovery = SQLiteRecovery(from: file.path, to: draft.path)
            found = try recovery.run { connection, tables in
                guard !tables.isEmpty else { throw RecoveryError.empty(path: file.path) }
                removed = try Mending(connection, directory, keys).mend(tables)
            }
            isWhole = try found.allSatisfy { $0.lost == 0 && $0.isCounted } && recovery.isSourceWhole()
        } catch {
            try? FileManager.default.removeItem(at: draft)
            guard let error = error as? SQLError else { throw error }
            throw error.kind == .damaged
                ? RecoveryError.unreadable(path: file.path, reason: "\(error)") : .failed(reason: "\(error)")
        }
        let tables = found.map {
            Table(
                name: $0.name, saved: $0.copied - (removed[$0.name] ?? 0), lost: $0.lost, isCounted: $0.isCounted,
                removed: removed[$0.name] ?? 0)
        }
        let isDamaged = !isWhole || tables.contains { $0.removed > 0 }
        if isDamaged || evenIfWhole {
            guard rename(draft.path, copy.path) == 0 else { throw RecoveryError.last(copy.path) }
        } else {
            unlink(draft.path)
        }
        return (tables, isDamaged)
    }
    /// An empty file for its owner's eyes only.
    private func makeDraft(of copy: URL) throws(RecoveryError) -> URL {
        let draft = copy.appendingPathExtension("partial")
        // What a killed process has left, and no file of somebody's who only gave it such a name.
        guard oddity(of: draft.path) == nil else { throw .exists(path: draft.path) }
        let beginning = (try? FileHandle(forReadingFrom: draft).read(upToCount: 15)) ?? Data()
        guard beginning.isEmpty || beginning == Data("SQLite format 3".utf8) else { throw .exists(path: draft.path) }
        unlink(draft.path)
        let descriptor = open(draft.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw errno == EEXIST ? .exists(path: draft.path) : .last(copy.path) }
        close(descriptor)
        return draft
    }

    /// The damaged file has its second name before it loses the first, and its log goes before another file could take it for its own.
    private func exchange() throws -> URL {
        func identity(_ path: String) -> ino_t? {
            var found = stat()
            return lstat(path, &found) == 0 ? found.st_ino : nil
        }
        let endings = ["", "-wal"], damaged = identity(file.path)
        // A name that one which was cut off has given it already, or a free one.
        let aside = (0...).lazy.map { directory.appending(path: "\(Store.fileName).damaged\($0 == 0 ? "" : ".\($0)")") }
            .first { aside in
                identity(aside.path) == damaged || endings.allSatisfy { identity(aside.path + $0) == nil }
            }!
        for ending in endings where identity(file.path + ending) != nil && identity(aside.path + ending) == nil {
            guard link(file.path + ending, aside.path + ending) == 0 else {
                let error = RecoveryError.last(aside.path + ending)
                for path in [recovered.path, aside.path] { unlink(path) }
                throw error
            }
        }
        unlink(file.path + "-wal")
        unlink(file.path + "-shm")
        guard rename(recovered.path, file.path) == 0 else { throw RecoveryError.last(file.path) }
        SQLiteDatabase.trust(file.path)
        do { try synchronize(directory) } catch { throw RecoveryError.failed(reason: error.description) }
        return aside
    }
}

/// Why nothing was saved, as the operator reads it.
public enum RecoveryError: Error, Hashable, Sendable, CustomStringConvertible {
    case exists(path: String)
    /// A folder, a pipe or a device, which reading might never end. A link to a file is one to SQLite.
    case noFile(path: String)
    /// There is not one table in it.
    case empty(path: String)
    /// Not even the tables can be found in it.
    case unreadable(path: String, reason: String)
    /// What says which steps of the schema it has taken is lost, and its tables are those of no version.
    case unknownVersion
    /// The disk or its rights.
    case failed(reason: String)

    /// What the last call of the system has left.
    static func last(_ path: String) -> RecoveryError {
        .failed(reason: "\(path): \(String(cString: strerror(errno)))")
    }

    public var description: String {
        switch self {
        case .exists(let path): "There is a \(path) already; name a file that is not there"
        case .noFile(let path): "\(path) is no file, so nothing was saved; restore a backup"
        case .empty(let path):
            "There is no table in \(path), so nothing was saved; restore a backup, or let the next start make a new database of it"
        case .unreadable(let path, let reason):
            "Nothing can be read of \(path) (\(reason)), since the pages that name its tables are damaged or it is no database; restore a backup"
        case .unknownVersion: "Which version wrote the database cannot be told any more; restore a backup"
        case .failed(let reason): "Nothing was changed: \(reason)"
        }
    }
}
