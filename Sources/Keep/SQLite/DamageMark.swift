import Foundation
import Synchronization

/// A file beside a database that may be damaged, until a look through all of it has found nothing.
///
/// The log that a killed process leaves says the same, but goes with the next who opens the database and closes it in good order,
/// whether or not he looks. A disk that takes no mark is no reason to do without the database.
final class DamageMark: Sendable {
    private let path: String
    /// Whether damage was come upon since the database was opened.
    private let isMet = Atomic(false)

    /// - Parameter database: the path of one that is not open yet.
    init(of database: String) {
        path = Self.path(of: database)
        // Whoever closes it leaves no log with something in it.
        var log = stat()
        if stat(database + "-wal", &log) == 0, log.st_size > 0 { make() }
    }
    static func path(of database: String) -> String { database + "-doubt" }

    var isThere: Bool { access(path, F_OK) == 0 }
    /// Damage was come upon.
    func meet() { if !isMet.exchange(true, ordering: .relaxed) { make() } }
    /// Nothing was found.
    func clear() { if !isMet.load(ordering: .relaxed) { unlink(path) } }

    private func make() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }
}
