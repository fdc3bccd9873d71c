/// Why a database cannot be used at all, as the operator reads it. No case carries a password.
public enum OpeningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The data directory cannot be made, or nothing can be written in it.
    case unusableDirectory(path: String, reason: String)
    /// Another process has the data directory open.
    case directoryInUse(path: String)
    /// The database was written by a newer Sightline.
    case newer(place: String)
    /// The file is no database, or a damaged one.
    case damaged(path: String, reason: String)
    /// The server is not there, or lets nobody in; the reason is the server's own.
    case unreachable(place: String, reason: String)
    /// The server lets us in, and the database is not one that we can work on.
    case unusable(place: String, reason: String)
    /// Another daemon works on the database.
    case databaseInUse(place: String)
    /// The server's version is one that the statements do not fit.
    case tooOld(place: String, found: String, wanted: String)
    /// Events wait in the data directory for a database that this one is not.
    case eventsOfAnother(path: String)
    /// A backup was being restored into the data directory, and that was cut off.
    case halfRestored(path: String)
    /// What was saved of a damaged database was being put in its place, and that was cut off.
    case halfRecovered(path: String)
    /// The key that secrets are sealed under is not at hand, or cannot be read.
    case unusableKey(reason: String)
    /// What names the database is no address of one.
    case badAddress(reason: String)

    public var description: String {
        switch self {
        case .unusableDirectory(let path, let reason): "The data directory \(path) cannot be used: \(reason)"
        case .directoryInUse(let path):
            "The data directory \(path) is in use by another Sightline process; stop that one or name another directory"
        case .newer(let place):
            "The database \(place) was written by a newer version of Sightline; run that version or name another directory"
        case .damaged(let path, let reason):
            "The database \(path) is damaged or is not a Sightline database (\(reason)); "
                + "restore a backup, or save what can be read of it with 'sightline store recover'"
        case .unreachable(let place, let reason): "The database \(place) cannot be reached: \(reason)"
        case .unusable(let place, let reason): "The database \(place) cannot be used: \(reason)"
        case .databaseInUse(let place):
            "The database \(place) is in use by another Sightline process; stop that one or name another database"
        case .tooOld(let place, let found, let wanted):
            "The database \(place) is served by PostgreSQL \(found), but \(wanted) or newer is wanted"
        case .eventsOfAnother(let path):
            "Events in \(path) wait for another database than the setting 'database' names; name that one, or move the file away"
        case .halfRestored(let path):
            "A backup was being restored into the data directory \(path), and that was cut off; give 'sightline store restore' again"
        case .halfRecovered(let path):
            "What was saved of the database in \(path) was being put in its place, and that was cut off; give 'sightline store recover' again"
        case .unusableKey(let reason): reason
        case .badAddress(let reason): "The setting 'database' names no database: \(reason)"
        }
    }
}
