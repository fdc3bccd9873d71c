public import Foundation

/// What becomes of events while the database or the disk takes none, as an operator is told.
public enum StoreReport: Hashable, Sendable {
    /// What streams have to say of events is kept beside the database from now on.
    case began(reason: String)
    /// All of it is in the database.
    case ended
    /// So many batches can never be written, because the database refuses them or the disk has broken them; they lie in a
    /// file beside the spool.
    case putAside(count: Int)
    /// Neither database nor disk nor memory takes more: streams wait, and lose frames but no events.
    case full(reason: String)
    /// No stream waits any longer.
    case roomAgain
    /// So many events are stored without their pictures, because there is no room for these.
    case picturesDropped(count: Int)
    /// So many batches are lost: the process ends, or their streams were stopped, while nothing took them.
    case lost(count: Int)
    /// Less is free than the reserve wants, both in bytes: events are stored without pictures.
    case reserveTouched(room: Int, reserve: Int)
    /// There is room again.
    case reserveFree(room: Int)
    /// So many files that no object named, and objects that had no file, were removed.
    case objectsMended(files: Int, rows: Int)
    /// The files of objects are not looked through: they have the mark of another database, or none.
    case objectsOfAnother(isMarked: Bool)
    /// The database was looked through after a process that was killed, and no damage was found.
    case foundWhole
    /// The database's file, or the server's, is damaged.
    case damaged(reason: String)
    /// So many events were removed, the oldest first.
    case eventsDeleted(count: Int, reason: DeletionReason)

    /// What is stored of this stream cannot be read: it cannot run, and lists show the others.
    case streamUnreadable(UUID, reason: String)

    public enum DeletionReason: String, Hashable, Sendable {
        /// They were older than the retention lets them become.
        case age
        /// They were more than the retention keeps.
        case count
        /// The reserve of the disk was touched.
        case room
    }
}
