public import Foundation
import ObjectStore
import Postgres
import Records
import SQL
import SQLite
public import Sealing

/// Copies of a data directory and its database, as both were at one moment, each in a folder of its own.
///
/// The folder holds the database, `objects/` with the bytes of its objects, events that waited for the database, and `manifest.json`. It
/// has its name once it is whole and on the disk. The key is not in it, only its name.
///
/// **The moment** is that of the database's copy. A file of an object is there before its row, and goes after it, so whoever keeps all
/// files from going while he reads the rows, and until he has given each file a second name, has what the rows say.
public struct Backup: Sendable {
    static let objectListName = "objects.list"
    /// Of the copy of an embedded database, which is the file itself, and of a server's.
    static let databaseNames = ["sqlite": Store.fileName, "postgres": "database.dump"]
    /// Files that hold events which are not in the database.
    static let spoolNames = [Store.spoolName, Store.refusedName]

    let directory: URL
    let choice: DatabaseChoice
    let keys: KeySource

    /// - Parameters:
    ///   - directory: the data directory, which a daemon may be using meanwhile.
    ///   - keys: `nil`: a file beside the directory.
    public init(of directory: URL, database choice: DatabaseChoice = .sqlite, keys: KeySource? = nil) {
        (self.directory, self.choice, self.keys) = (directory, choice, keys ?? .beside(directory))
    }

    var kind: String {
        switch choice {
        case .sqlite: "sqlite"
        case .postgres: "postgres"
        }
    }
    var objects: URL { directory.appending(path: Store.objectsName) }

    /// Makes one, beside whatever goes on.
    /// - Parameters:
    ///   - folder: not there yet; what holds it is.
    ///   - meanwhile: called when the database has been copied, and the files of its objects have not.
    /// - Returns: what the backup says of itself.
    /// - Throws: `BackupError`, `OpeningError`; then there is no such folder.
    public func make(
        at folder: URL, now: Date = .now, meanwhile: () async throws -> Void = {}
    ) async throws -> BackupManifest {
        guard !isInData(folder) else { throw BackupError.inData(path: folder.path, directory: directory.path) }
        let draft = try BackupDraft(of: folder)
        do {
            let manifest = try await fill(draft.folder, now: now, meanwhile)
            try draft.publish(manifest)
            return manifest
        } catch {
            draft.discard()
            throw BackupError.reason(error).map { BackupError.failed(reason: $0) } ?? error
        }
    }

    /// Whether a folder that is not there yet would lie in the data directory.
    private func isInData(_ folder: URL) -> Bool {
        func place(_ url: URL) -> [Substring]? {
            guard let path = realpath(url.path, nil) else { return nil }
            defer { free(path) }
            return String(cString: path).split(separator: "/")
        }
        guard let data = place(directory), let parent = place(folder.deletingLastPathComponent()) else { return false }
        return parent.starts(with: data)
    }

    private func fill(
        _ folder: URL, now: Date, _ meanwhile: () async throws -> Void
    ) async throws -> BackupManifest {
        var tree =
            FileManager.default.fileExists(atPath: objects.path) ? try StillTree(objects) : nil
        // Before the database, so that an event which is on its way from here into it is in one of them at least.
        var names = try copySpool(to: folder)
        let isSpooling = !names.isEmpty
        let snapshot = try await copyDatabase(to: folder)
        try await meanwhile()
        var copy = try TreeCopy(from: objects, to: folder.appending(path: Store.objectsName))
        // What waits may name files that no row names yet.
        let others = isSpooling ? Set(tree?.ids() ?? []).subtracting(snapshot.objects.map(\.id)) : []
        let named = snapshot.objects + others.map { (id: $0, size: 0) }
        let copied = try withExtendedLifetime(tree) {
            try named.filter { id, size in try copy.add(id, size: size) }.map(\.id)
        }
        tree = nil  // each has its second name, and to read them all takes a while
        var list = "", bytes = 0
        for id in copied {
            let object = BackedUpObject(id, try FileHash(of: copy.path(of: id)))
            list += object.line + "\n"
            bytes += object.file.size
        }
        try copy.finish(mark: snapshot.mark?.wire)
        try Data(list.utf8).write(to: folder.appending(path: Self.objectListName))
        names += [Self.databaseNames[kind]!, Self.objectListName]
        return BackupManifest(
            version: "\(Version.current)", time: now, kind: kind, schema: snapshot.schema, key: snapshot.key,
            keyFile: keyFile, rows: snapshot.rows, objects: copied.count, objectBytes: bytes,
            missingObjects: named.count - copied.count,
            files: try names.map { name in try BackupManifest.File(named: name, in: folder) })
    }
    private var keyFile: String? { if case .file(let file) = keys { file.path } else { nil } }

    private func copyDatabase(to folder: URL) async throws -> DatabaseSnapshot {
        let file = folder.appending(path: Self.databaseNames[kind]!)
        let snapshot =
            switch choice {
            case .sqlite: try copyEmbedded(to: file.path)
            case .postgres(let url, let password):
                try await PostgresCopy(url: url, password: password).dump(to: file, read: DatabaseSnapshot.init)
            }
        guard Set(snapshot.schema).isSubset(of: Schema.names) else {
            throw OpeningError.newer(place: directory.path)
        }
        guard !snapshot.schema.isEmpty else { throw BackupError.failed(reason: "the database has no tables of ours") }
        return snapshot
    }

    private func copyEmbedded(to copy: String) throws -> DatabaseSnapshot {
        let file = directory.appending(path: Store.fileName).path
        guard access(file, R_OK) == 0 else {
            throw BackupError.failed(reason: "\(file): \(String(cString: strerror(errno)))")
        }
        return try SQLiteDatabase.copy(file, to: copy, read: DatabaseSnapshot.init)
    }

    // MARK: Events that wait

    /// - Returns: names of the files that were there with something in them.
    private func copySpool(to folder: URL) throws -> [String] {
        try Self.spoolNames.filter { name in
            let (source, copy) = (directory.appending(path: name), folder.appending(path: name))
            for _ in 0..<10 {
                guard let size = Self.size(of: source), size > 0 else { return false }
                try copyFile(source.path, copy.path, count: size)
                // It only grows, until it is emptied.
                if Self.isBeginning(copy, of: source) { return true }
                try FileManager.default.removeItem(at: copy)
            }
            throw BackupError.failed(reason: "\(source.path) changes faster than it can be copied")
        }
    }
    private static func size(of file: URL) -> Int? {
        var found = stat()
        return stat(file.path, &found) == 0 ? Int(found.st_size) : nil
    }
    private static func isBeginning(_ copy: URL, of source: URL) -> Bool {
        guard let copied = try? Data(contentsOf: copy, options: .mappedIfSafe),
            let file = try? FileHandle(forReadingFrom: source)
        else { return false }
        var offset = copied.startIndex
        while offset < copied.endIndex {
            let end = min(offset + 1 << 20, copied.endIndex)
            guard let bytes = try? file.read(upToCount: end - offset), bytes == copied[offset..<end] else {
                return false
            }
            offset = end
        }
        return true
    }
}

/// What a copy of the database says of itself.
struct DatabaseSnapshot: Sendable {
    let schema: [String]
    /// The name of the key.
    let key: String?
    let rows: [String: Int]
    /// How many bytes each has.
    let objects: [(id: UUID, size: Int)]
    /// Of the folder of the objects' files.
    let mark: UUID?

    init(_ connection: any Connection) throws {
        let tables: [String] = try connection.rows(connection.dialect.tables, []) { $0[0] }
        // The first release had its steps in a table of GRDB's.
        schema =
            if tables.contains("migration") {
                try connection.rows(Migrator.takenStatement + " ORDER BY name", []) { $0[0] }
            } else if tables.contains("grdb_migrations") {
                try connection.rows("SELECT identifier FROM grdb_migrations ORDER BY identifier", []) { $0[0] }
            } else { [] }
        rows = try Dictionary(
            uniqueKeysWithValues: tables.map { ($0, try connection.value("SELECT count(*) FROM \($0)") ?? 0) })
        key =
            try !tables.contains("secret")
            ? nil
            : (connection.value("SELECT value FROM secret WHERE name = ?", [Vault.markName]) as [UInt8]?)
                .flatMap(Vault.keyName)
        objects =
            tables.contains("object")
            ? try connection.rows("SELECT id, size FROM object ORDER BY sequence", []) { ($0[0], $0[1]) } : []
        mark = tables.contains("object_tree") ? try connection.value("SELECT mark FROM object_tree") : nil
    }
}
