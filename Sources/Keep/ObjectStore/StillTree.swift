public import Foundation

/// A tree from which nothing is removed for as long as this lives, whichever process wants to: what is removed meanwhile goes later,
/// as something in doubt. Files may come.
public final class StillTree: Sendable {
    private let places: ObjectFolder
    private let lock: RemovalLock
    /// Those who remove files do so for some milliseconds.
    private static let patience = Duration.seconds(5)

    /// Waits for those who are removing files. Blocks for some seconds at most.
    /// - Throws: `ObjectFileError`; another backup that is being made is one, too.
    public init(_ folder: URL) throws(ObjectFileError) {
        places = ObjectFolder(path: folder.path)
        let deadline = ContinuousClock.now + Self.patience
        var lock = try RemovalLock(of: folder.path, .backup)
        while !lock.isTaken {
            guard ContinuousClock.now < deadline else {
                throw .failed(reason: "another backup of \(folder.path) is being made")
            }
            usleep(5000)
            lock = try RemovalLock(of: folder.path, .backup)
        }
        self.lock = lock
    }

    /// Ids of all files.
    public func ids() -> [UUID] {
        var ids: [UUID] = [], position: ObjectTree.Position?
        repeat {
            let portion = places.files(after: position, limit: 10_000)
            ids += portion.ids
            position = portion.next
        } while position != nil
        return ids
    }
}
