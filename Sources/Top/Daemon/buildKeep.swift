import Identity
import Logging
import Setup
import Store
import Streams

/// What survives a restart.
struct KeepShelf: Sendable {
    let store: Store
    let identity: Identity
}

/// Opens the database, or makes it. From here on the data directory is this process's alone.
/// - Parameter logger: is told where events are while the database is gone.
func buildKeep(_ settings: Settings, logger: Logger? = nil) throws -> KeepShelf {
    let store = try Store(
        directory: settings.daemon.dataFolder, database: try settings.database.choice()
    ) { report in
        switch report {
        case .began(let reason):
            logger?.warning(
                "Database gone, events wait in the data directory", metadata: [LogKey.error: "\(reason)"])
        case .ended: logger?.notice("Database back, all events that waited are in it")
        case .putAside(let count):
            logger?.error(
                "The database refuses events for good, they were put aside",
                metadata: ["events.count": "\(count)", "file": "\(Store.refusedName)"])
        }
    }
    return KeepShelf(store: store, identity: Identity(store: store))
}
