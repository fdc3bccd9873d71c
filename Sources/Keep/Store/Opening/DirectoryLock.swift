import Foundation
import SQL

/// Keeps a data directory to one process, for as long as the lock lives; the kernel lets go of it when the process dies.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `OpeningError.directoryInUse` when another process, or another store of this one, holds the directory.
    init(directory: URL) throws(OpeningError) {
        let path = directory.appendingPathComponent("sightline.lock").path
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
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
        self.descriptor = descriptor
    }
    deinit {
        // A child that is being started holds a copy of the descriptor until it runs its program, and closing alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
