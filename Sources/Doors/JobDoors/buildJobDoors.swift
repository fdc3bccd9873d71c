public import HTTPEdge
public import Identity
public import Jobs
public import Store

/// The doors to jobs that other APIs have: those that are asked for, and the bytes behind their links.
/// - Parameters:
///   - versions: names of the models that find people in pictures.
///   - defaultVersion: the one of those who name none.
public func buildJobDoors(
    _ configuration: JobDoorConfiguration, store: Store, identity: Identity, engine: JobEngine, versions: [String],
    defaultVersion: String
) -> [Door] {
    var doors: [Door] = []
    if configuration.opensCameraTrap {
        doors.append(
            CameraTrapDoor(
                store: store, identity: identity, engine: engine, configuration: configuration, versions: versions,
                defaultVersion: defaultVersion
            ).door)
    }
    return doors.isEmpty ? [] : doors + [StorageDoor(store: store, identity: identity).door]
}
