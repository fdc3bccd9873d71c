public import Foundation
import JSON
import ObjectStore
import Postgres
import Records
import SQL
import SQLite
import Sealing

extension Backup {
    /// Puts a backup where nothing is: into a data directory that has no database, or beside an empty one of a server. Cut off, it
    /// begins anew with the next call; until then no daemon starts on the directory.
    /// - Returns: what the backup says of itself.
    /// - Throws: `BackupError`, `OpeningError`; then nothing of it is there, and one that was cut off before still is.
    public func restore(from folder: URL) async throws -> BackupManifest {
        do { return try await putBack(folder) } catch {
            throw BackupError.reason(error).map { BackupError.notRestored(reason: $0) } ?? error
        }
    }

    private func putBack(_ folder: URL) async throws -> BackupManifest {
        let manifest = try BackupManifest(of: folder)
        try check(manifest, of: folder)
        let isThere = FileManager.default.fileExists(atPath: directory.path)
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OpeningError.unusableDirectory(path: directory.path, reason: error.localizedDescription)
        }
        let lock = try DirectoryLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        do {
            let site = try RestoreSite(directory)
            try await put(manifest, of: folder, into: site)
            try site.finish()
            return manifest
        } catch {
            lock.takeBack()
            if !isThere { rmdir(directory.path) }
            throw error
        }
    }

    /// All but the last step.
    func put(_ manifest: BackupManifest, of folder: URL, into site: RestoreSite) async throws {
        switch choice {
        case .sqlite:
            do {
                try site.begin()
                try site.fill(from: folder, manifest)
            } catch {
                site.clear()
                throw error
            }
        case .postgres(let url, let password):
            let steps = PostgresCopy.Steps { database in
                try site.begin(PostgresCopy.Content(database: database, rows: manifest.rows))
                try site.fill(from: folder, manifest)
            } check: { connection in
                try manifest.check(DatabaseSnapshot(connection))
            } undo: {
                site.clear()
            }
            try await PostgresCopy(url: url, password: password).restore(
                from: folder.appending(path: Self.databaseNames[kind]!), over: site.left, steps)
        }
    }

    /// Everything that can be known before anything is done.
    private func check(_ manifest: BackupManifest, of folder: URL) throws {
        guard Set(manifest.schema).isSubset(of: Schema.names) else {
            throw BackupError.newer(path: folder.path, version: manifest.version)
        }
        guard manifest.kind == kind else { throw BackupError.otherKind(found: manifest.kind, wanted: kind) }
        try checkNames(manifest, in: folder)
        if let wanted = manifest.key {
            let known: [SealingKey]
            do { known = try keys.keys() } catch { throw OpeningError.unusableKey(reason: error.description) }
            guard known.contains(where: { $0.name == wanted }) else {
                throw BackupError.wrongKey(
                    wanted: wanted, file: manifest.keyFile, found: keys.description(of: known))
            }
        }
        for file in manifest.files {
            let path = folder.appending(path: file.name).path
            if let oddity = oddity(of: path) { throw BackupError.damaged(path: file.name, reason: oddity) }
            guard FileManager.default.fileExists(atPath: path) else {
                throw BackupError.damaged(path: file.name, reason: "is missing")
            }
            guard try BackupManifest.File(named: file.name, in: folder) == file else {
                throw BackupError.damaged(path: file.name, reason: BackupError.otherBytes)
            }
        }
    }
    /// The manifest names each file of such a backup, once, and no other.
    private func checkNames(_ manifest: BackupManifest, in folder: URL) throws(BackupError) {
        func damaged(_ reason: String) -> BackupError { .damaged(path: BackupManifest.name, reason: reason) }
        let wanted = [Self.databaseNames[kind]!, Self.objectListName], names = manifest.files.map(\.name)
        let waiting = Self.spoolNames.filter { FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
        for name in wanted + waiting where !names.contains(name) { throw damaged("does not name the file \(name)") }
        for (index, name) in names.enumerated() {
            guard (wanted + Self.spoolNames).contains(name), !names[..<index].contains(name) else {
                throw damaged("names the file '\(name)', which no such backup has, or has once")
            }
        }
    }
}

extension BackupManifest {
    /// - Throws: `BackupError` when a database is another than this says.
    fileprivate func check(_ found: DatabaseSnapshot) throws(BackupError) {
        func differing(_ what: String) -> BackupError {
            .damaged(path: Self.name, reason: "says otherwise than the database \(what)")
        }
        guard found.schema.sorted() == schema.sorted() else {
            throw differing("which steps of the schema it has taken")
        }
        guard found.key == key else { throw differing("which key its secrets are sealed under") }
        for table in Set(rows.keys).union(found.rows.keys).sorted() where rows[table] != found.rows[table] {
            throw differing("how many rows '\(table)' has")
        }
    }
}

/// A data directory into which a backup is being put. All of it lies in the folder `restoring` first, the database goes last to its
/// place, and the folder is gone when nothing is left to be done.
struct RestoreSite: Sendable {
    static let folderName = "restoring"
    private static let contentName = "server.json"
    private let directory: URL
    private var staging: URL { directory.appending(path: Self.folderName) }
    private static let names = [Store.objectsName] + Backup.spoolNames + [Store.fileName]
    private let isCutOff: Bool
    /// What one that was cut off has put into the database of a server, or would have.
    let left: PostgresCopy.Content?

    /// Whether one was cut off in a data directory.
    static func isCutOff(in directory: URL) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: folderName).path)
    }

    /// Changes nothing.
    /// - Throws: `BackupError.notEmpty` when something would be lost.
    init(_ directory: URL) throws {
        self.directory = directory
        isCutOff = Self.isCutOff(in: directory)
        left = isCutOff ? Self.readContent(in: directory) : nil
        for name in Self.names where !isCutOff {
            let file = directory.appending(path: name)
            guard Self.isEmpty(file) else { throw BackupError.notEmpty(path: file.path) }
        }
    }
    /// Whether there is nothing in a file or folder, or none of it.
    private static func isEmpty(_ file: URL) -> Bool {
        var found = stat()
        guard stat(file.path, &found) == 0 else { return true }
        guard found.st_mode & S_IFMT == S_IFDIR else { return found.st_size == 0 }
        return (try? FileManager.default.contentsOfDirectory(atPath: file.path).isEmpty) ?? false
    }

    // MARK: What is put into a server

    private static func readContent(in directory: URL) -> PostgresCopy.Content? {
        let file = directory.appending(path: "\(folderName)/\(contentName)")
        guard let data = FileManager.default.contents(atPath: file.path), let value = try? JSONValue(parsing: data)
        else {
            return nil
        }
        let reader = JSONReader(value)
        return try? PostgresCopy.Content(
            database: reader.required("database").string(), rows: reader.required("rows").counts())
    }
    private func write(_ content: PostgresCopy.Content) throws {
        let file = staging.appending(path: Self.contentName)
        let value = JSONValue.object([
            "database": .string(content.database), "rows": .object(content.rows.mapValues { .integer(Int64($0)) }),
        ])
        try Data(value.text.utf8).write(to: file, options: .atomic)
        try synchronize(file)
    }

    // MARK: Steps

    /// From here on no daemon starts on the directory. Removes what one before that was cut off has left.
    /// - Parameter content: what will be put into a server.
    func begin(_ content: PostgresCopy.Content? = nil) throws {
        if !isCutOff, mkdir(staging.path, 0o700) != 0 {
            throw BackupError.failed(reason: "\(staging.path): \(String(cString: strerror(errno)))")
        }
        try synchronize(directory)
        removeFiles()
        for name in try FileManager.default.contentsOfDirectory(atPath: staging.path)
        where content == nil || name != Self.contentName {
            try FileManager.default.removeItem(at: staging.appending(path: name))
        }
        if let content { try write(content) }
        try synchronize(staging)
    }

    /// Copies the files of a backup and gives them their places.
    func fill(from folder: URL, _ manifest: BackupManifest) throws {
        try copyObjects(from: folder, manifest)
        let copied = manifest.files.map(\.name).filter(Self.names.contains)
        for name in copied {
            try copyFile(folder.appending(path: name).path, staging.appending(path: name).path)
        }
        if manifest.kind == "sqlite" {
            try manifest.check(
                SQLiteDatabase.inspect(staging.appending(path: Store.fileName).path, read: DatabaseSnapshot.init))
        }
        try synchronize(staging)
        for name in Self.names where name == Store.objectsName || copied.contains(name) {
            let (source, place) = (staging.appending(path: name), directory.appending(path: name))
            guard rename(source.path, place.path) == 0 else {
                throw BackupError.failed(reason: "\(place.path): \(String(cString: strerror(errno)))")
            }
        }
        try synchronize(directory)
    }

    private func copyObjects(from folder: URL, _ manifest: BackupManifest) throws {
        let source = folder.appending(path: Store.objectsName)
        var copy = try TreeCopy(from: source, to: staging.appending(path: Store.objectsName))
        let list = try String(contentsOf: folder.appending(path: Backup.objectListName), encoding: .utf8)
        var count = 0, bytes = 0
        for line in list.split(whereSeparator: \.isNewline) {
            guard let object = BackedUpObject(line) else {
                throw BackupError.damaged(path: Backup.objectListName, reason: "has the line '\(line)'")
            }
            func damaged(_ reason: String) -> BackupError {
                .damaged(path: "the object \(object.id.wire)", reason: reason)
            }
            if let oddity = copy.oddity(of: object.id) { throw damaged(oddity) }
            guard try copy.add(object.id) else { throw damaged("is missing") }
            let (found, wanted) = (try FileHash(of: copy.path(of: object.id)), object.file)
            guard found.size == wanted.size else {
                throw damaged("has \(found.size) bytes and had \(wanted.size) when the backup was made")
            }
            guard found == wanted else { throw damaged(BackupError.otherBytes) }
            (count, bytes) = (count + 1, bytes + found.size)
        }
        guard count == manifest.objects, bytes == manifest.objectBytes else {
            throw BackupError.damaged(
                path: BackupManifest.name,
                reason: "says otherwise than \(Backup.objectListName) how many objects there are, or bytes of them")
        }
        let markFile = source.appending(path: "mark").path
        if let oddity = oddity(of: markFile) {
            throw BackupError.damaged(path: "\(Store.objectsName)/mark", reason: oddity)
        }
        let mark = FileManager.default.contents(atPath: markFile)
        try copy.finish(mark: mark.map { String(decoding: $0, as: UTF8.self) })
    }

    /// From here on the directory is one like any other.
    func finish() throws {
        try FileManager.default.removeItem(at: staging)
        try synchronize(directory)
    }
    /// Takes back what was done. The folder goes last, so that whoever is cut off here can go on, and stays when it was there before.
    func clear() {
        removeFiles()
        guard !isCutOff else { return }
        try? synchronize(directory)
        try? FileManager.default.removeItem(at: staging)
    }
    private func removeFiles() {
        for name in Self.names { try? FileManager.default.removeItem(at: directory.appending(path: name)) }
    }
}
