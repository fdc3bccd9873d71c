import Foundation
import Identity
import Logging
import Records
import Setup
import Store
import Streams

/// What survives a restart.
struct KeepShelf: Sendable {
    let store: Store
    let identity: Identity
}

/// Opens the database, or makes it. From here on the data directory is this process's alone.
/// - Parameter logger: is told where events are while the database or the disk takes none.
func buildKeep(_ settings: Settings, logger: Logger? = nil) throws -> KeepShelf {
    let store = try Store(
        directory: settings.daemon.dataFolder, database: try settings.database.choice(),
        keys: try settings.database.keys(), reserve: settings.diskReserve, objects: settings.objects
    ) { report in
        if let logger { tell(report, logger) }
    }
    return KeepShelf(store: store, identity: Identity(store: store))
}

/// For commands that change what is there, and would make an empty database where there is none. A server's database is made by
/// whoever runs that.
func checkDatabaseIsThere(_ settings: Settings) throws {
    guard case .sqlite = try settings.database.choice() else { return }
    let file = settings.daemon.dataFolder.appending(path: Store.fileName).path
    guard FileManager.default.fileExists(atPath: file) else { throw MissingDatabase(file: file) }
}

/// There is no database where the settings say.
struct MissingDatabase: Error, CustomStringConvertible {
    let file: String
    var description: String {
        "There is no database \(file); name the folder that the daemon keeps it in with --data-dir or the setting 'data_dir'"
    }
}

private func tell(_ report: StoreReport, _ logger: Logger) {
    switch report {
    case .began(let reason):
        logger.warning("The database takes no events, they wait", metadata: [LogKey.error: "\(reason)"])
    case .ended: logger.notice("The database takes events again, all that waited are in it")
    case .putAside(let count):
        logger.error(
            "The database refuses events for good, they were put aside",
            metadata: [LogKey.events: "\(count)", "file": "\(Store.refusedName)"])
    case .full(let reason):
        logger.error("Nothing takes events, streams wait", metadata: [LogKey.error: "\(reason)"])
    case .roomAgain: logger.notice("No stream waits for room any longer")
    case .picturesDropped(let count):
        logger.warning("Events are stored without pictures for lack of room", metadata: ["pictures.count": "\(count)"])
    case .lost(let count):
        logger.error("Events are lost, nothing took them in time", metadata: ["writes.count": "\(count)"])
    case .reserveTouched(let room, let reserve):
        logger.error(
            "The reserve of the disk is touched, events are stored without pictures",
            metadata: ["disk.room": "\(room)", "disk.reserve": "\(reserve)"])
    case .reserveFree(let room):
        logger.notice("The reserve of the disk is free again", metadata: ["disk.room": "\(room)"])
    case .streamUnreadable(let id, let reason):
        logger.error(
            "What is stored of a stream cannot be read",
            metadata: ["stream": "\(id.wire)", LogKey.error: "\(reason)"])
    case .objectsMended(let files, let rows):
        logger.notice(
            "Objects without their other side removed",
            metadata: ["objects.files": "\(files)", "objects.rows": "\(rows)"])
    case .objectsOfAnother(let isMarked):
        logger.error(
            isMarked
                ? "The files of objects are another database's and are not looked through"
                : "The files of objects are not marked as this database's and are not looked through",
            metadata: ["folder": "\(Store.objectsName)"])
    case .foundWhole: logger.notice("The database was looked through and is whole")
    case .damaged(let reason):
        logger.error(
            "The database is damaged",
            metadata: [
                LogKey.error: "\(reason)",
                "help": "restore a backup, or save what can be read of an embedded one with 'sightline store recover'",
            ])
    case .eventsDeleted(let count, let reason):
        logger.notice("Old events deleted", metadata: [LogKey.events: "\(count)", "reason": "\(reason.rawValue)"])
    }
}
