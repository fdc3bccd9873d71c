import Foundation
import SQL

/// Keeps a data directory to one process, for as long as the lock lives; the kernel lets go of it when the process dies.
final class DirectoryLock: Sendable {
    private let path: String
    private let descriptor: Int32
    /// Whether its file was not there before.
    private let isNew: Bool

    /// - Parameter isOnlyRead: whether a disk that cannot be written will do, on which nobody else can work either.
    /// - Throws: `OpeningError.directoryInUse` when another process, or another store of this one, holds the directory.
    init(directory: URL, isOnlyRead: Bool = false) throws(OpeningError) {
        path = directory.appendingPathComponent("sightline.lock").path
        while true {
            let isNew = access(path, F_OK) != 0
            var descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            if descriptor < 0, errno == EROFS, isOnlyRead { descriptor = open(directory.path, O_RDONLY | O_CLOEXEC) }
            guard descriptor >= 0 else {
                throw .unusableDirectory(path: directory.path, reason: String(cString: strerror(errno)))
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let error = errno
                close(descriptor)
                throw error == EWOULDBLOCK
                    ? .directoryInUse(path: directory.path)
                    : .unusableDirectory(path: directory.path, reason: String(cString: strerror(error)))
            }
            var locked = stat()
            if fstat(descriptor, &locked) == 0, locked.st_nlink > 0 {
                (self.descriptor, self.isNew) = (descriptor, isNew)
                return
            }
            close(descriptor)  // whoever had it has taken it back in between
        }
    }
    /// Removes the file, if this lock has made it. Nobody else may hold the directory before the lock is gone.
    func takeBack() { if isNew { unlink(path) } }
    deinit {
        // A child that is being started holds a copy of the descriptor until it runs its program, and closing alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
