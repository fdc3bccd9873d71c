import Foundation

/// A backup that is being made, under another name than it will have.
final class BackupDraft {
    /// What is in it so far.
    let folder: URL
    /// Lies in a draft from its first moment to after its last, so that nobody else's folder is taken for one, and each draft is.
    private static let mark = "unfinished-backup"
    private let target: URL
    /// Locked, so that whoever finds it can tell whether its maker lives.
    private let descriptor: Int32

    /// Makes the folder; what a killed process has left of one is removed.
    init(of target: URL) throws(BackupError) {
        self.target = target
        guard !FileManager.default.fileExists(atPath: target.path) else { throw .exists(path: target.path) }
        let folder = target.deletingLastPathComponent().appending(path: "\(target.lastPathComponent).partial")
        try Self.removeLeftOver(folder)
        guard mkdir(folder.path, 0o700) == 0 else { throw Self.failure(folder) }
        descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.folder = folder
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.setMark(in: folder) else {
            let failure = Self.failure(folder)
            rmdir(folder.path)
            throw failure
        }
    }
    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func setMark(in folder: URL) -> Bool {
        let file = open(folder.appending(path: mark).path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        return file >= 0 && close(file) == 0
    }
    /// The mark goes last: whoever is cut off here has left a draft.
    private static func remove(_ folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != mark {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        try FileManager.default.removeItem(at: folder)
    }
    private static func removeLeftOver(_ folder: URL) throws(BackupError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [folder.path]
        guard names.isEmpty || names.contains(mark), flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .exists(path: folder.path)
        }
        do { try remove(folder) } catch {
            throw .failed(reason: "\(folder.path): \(error.localizedDescription)")
        }
    }
    private static func failure(_ folder: URL) -> BackupError {
        .failed(reason: "\(folder.path): \(String(cString: strerror(errno)))")
    }

    /// Writes the manifest and gives the folder its name. Returned from, all of it is on the disk.
    func publish(_ manifest: BackupManifest) throws(BackupError) {
        let file = folder.appending(path: BackupManifest.name)
        do { try Data(manifest.text.utf8).write(to: file) } catch {
            throw .failed(reason: "\(file.path): \(error.localizedDescription)")
        }
        for name in manifest.files.map(\.name) + [BackupManifest.name] {
            try synchronize(folder.appending(path: name))
        }
        try synchronize(folder)
        guard !FileManager.default.fileExists(atPath: target.path) else { throw .exists(path: target.path) }
        guard rename(folder.path, target.path) == 0 else { throw Self.failure(target) }
        // Whoever is cut off before this has left a file in a whole backup, and no draft that nobody could tell from somebody's folder.
        unlink(target.appending(path: Self.mark).path)
        try synchronize(target)
        try synchronize(target.deletingLastPathComponent())
    }
    /// Removes what there is.
    func discard() { try? Self.remove(folder) }
}

/// Returns when what a file or folder holds is on the disk.
func synchronize(_ url: URL) throws(BackupError) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw .failed(reason: "\(url.path): \(String(cString: strerror(errno)))")
    }
}
