import Foundation

/// Whether files may be removed from a tree: those who remove them share the lock, and a backup has it alone, in whichever process.
/// It goes with the value, and with its process.
final class RemovalLock: Sendable {
    enum Holder { case remover, backup }
    private let descriptor: Int32
    /// Whether it was to be had: otherwise a backup has it, or for a backup somebody else.
    let isTaken: Bool

    /// - Throws: when the folder is not there, or its file system knows no locks.
    init(of folder: String, _ holder: Holder) throws(ObjectFileError) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectFileError(errno: errno, folder) }
        isTaken = flock(descriptor, (holder == .backup ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0
        guard isTaken || errno == EWOULDBLOCK else {
            let error = ObjectFileError(errno: errno, "flock")
            close(descriptor)
            throw error
        }
    }
    deinit { close(descriptor) }
}
