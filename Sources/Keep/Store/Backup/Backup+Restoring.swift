public import Foundation
import ObjectStore
import Postgres
import Records
import SQL
import Sealing

extension Backup {
    /// Puts a backup where nothing is: into a data directory that has no database, or beside an empty one of a server. Cut off, it
    /// begins anew with the next call; until then no daemon starts on the directory.
    /// - Returns: what the backup says of itself.
    /// - Throws: `BackupError`, `OpeningError`, `SQLError`; then all is as it was.
    public func restore(from folder: URL) async throws -> BackupManifest {
        let manifest = try BackupManifest(of: folder)
        try check(manifest, of: folder)
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OpeningError.unusableDirectory(path: directory.path, reason: error.localizedDescription)
        }
        let lock = try DirectoryLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        let site = try RestoreSite(directory)
        do {
            switch choice {
            case .sqlite: try site.fill(from: folder, manifest)
            case .postgres(let url, let password):
                try await PostgresCopy(url: url, password: password).restore(
                    from: folder.appending(path: Self.databaseNames[kind]!)
                ) { try site.fill(from: folder, manifest) }
            }
            try site.finish()
        } catch let error as ObjectFileError {
            site.clear()
            throw BackupError.failed(reason: error.description)
        } catch {
            site.clear()
            throw error
        }
        return manifest
    }

    /// Everything that can be known before anything is done.
    private func check(_ manifest: BackupManifest, of folder: URL) throws {
        guard Set(manifest.schema).isSubset(of: Schema.names) else {
            throw BackupError.newer(path: folder.path, version: manifest.version)
        }
        guard manifest.kind == kind else { throw BackupError.otherKind(found: manifest.kind, wanted: kind) }
        if let wanted = manifest.key {
            let known: [SealingKey]
            do { known = try keys.keys() } catch { throw OpeningError.unusableKey(reason: error.description) }
            guard known.contains(where: { $0.name == wanted }) else {
                throw BackupError.wrongKey(
                    wanted: wanted, file: manifest.keyFile, found: keys.description(of: known))
            }
        }
        for file in manifest.files {
            guard FileManager.default.fileExists(atPath: folder.appending(path: file.name).path) else {
                throw BackupError.damaged(path: file.name, reason: "is missing")
            }
            guard try BackupManifest.File(named: file.name, in: folder) == file else {
                throw BackupError.damaged(path: file.name, reason: BackupError.otherBytes)
            }
        }
    }
}

/// A data directory into which a backup is being put. All of it lies in the folder `restoring` first, the database goes last to its
/// place, and the folder is gone when nothing is left to be done.
struct RestoreSite: Sendable {
    static let folderName = "restoring"
    private let directory: URL
    private var staging: URL { directory.appending(path: Self.folderName) }
    private static let names = [Store.objectsName] + Backup.spoolNames + [Store.fileName]

    /// Whether one was cut off in a data directory.
    static func isCutOff(in directory: URL) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: folderName).path)
    }

    /// Removes what one before that was cut off has left.
    /// - Throws: `BackupError.notEmpty` when something would be lost.
    init(_ directory: URL) throws {
        self.directory = directory
        if Self.isCutOff(in: directory) { clear() }
        for name in Self.names {
            let file = directory.appending(path: name)
            guard Self.isEmpty(file) else { throw BackupError.notEmpty(path: file.path) }
        }
        guard mkdir(staging.path, 0o700) == 0 else {
            throw BackupError.failed(reason: "\(staging.path): \(String(cString: strerror(errno)))")
        }
        try synchronize(directory)
    }
    /// Whether there is nothing in a file or folder, or none of it.
    private static func isEmpty(_ file: URL) -> Bool {
        var found = stat()
        guard stat(file.path, &found) == 0 else { return true }
        guard found.st_mode & S_IFMT == S_IFDIR else { return found.st_size == 0 }
        return (try? FileManager.default.contentsOfDirectory(atPath: file.path).isEmpty) ?? false
    }

    /// Copies the files of a backup and gives them their places.
    func fill(from folder: URL, _ manifest: BackupManifest) throws {
        try copyObjects(from: folder)
        let copied = manifest.files.map(\.name).filter(Self.names.contains)
        for name in copied {
            try copyFile(folder.appending(path: name).path, staging.appending(path: name).path)
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

    private func copyObjects(from folder: URL) throws {
        let source = folder.appending(path: Store.objectsName)
        var copy = try TreeCopy(from: source, to: staging.appending(path: Store.objectsName))
        let list = try String(contentsOf: folder.appending(path: Backup.objectListName), encoding: .utf8)
        for line in list.split(whereSeparator: \.isNewline) {
            guard let object = BackedUpObject(line) else {
                throw BackupError.damaged(path: Backup.objectListName, reason: "has the line '\(line)'")
            }
            func damaged(_ reason: String) -> BackupError {
                .damaged(path: "the object \(object.id.wire)", reason: reason)
            }
            guard try copy.add(object.id) else { throw damaged("is missing") }
            let (found, wanted) = (try FileHash(of: copy.path(of: object.id)), object.file)
            guard found.size == wanted.size else {
                throw damaged("has \(found.size) bytes and had \(wanted.size) when the backup was made")
            }
            guard found == wanted else { throw damaged(BackupError.otherBytes) }
        }
        let mark = FileManager.default.contents(atPath: source.appending(path: "mark").path)
        try copy.finish(mark: mark.map { String(decoding: $0, as: UTF8.self) })
    }

    /// From here on the directory is one like any other.
    func finish() throws {
        try FileManager.default.removeItem(at: staging)
        try synchronize(directory)
    }
    /// Takes back what was done. The folder goes last, so that whoever is cut off here can go on.
    func clear() {
        for name in Self.names { try? FileManager.default.removeItem(at: directory.appending(path: name)) }
        try? FileManager.default.removeItem(at: staging)
    }
}
