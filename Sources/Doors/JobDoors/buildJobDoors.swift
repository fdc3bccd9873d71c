public import HTTPEdge
public import Identity
public import Jobs
public import Store

/// The doors to jobs that other APIs have: those that are asked for, and the bytes behind their links.
/// - Parameters:
///   - versions: names of the models that find people in pictures.
///   - defaultVersion: the one of those who name none.
///   - findsFaces: whether there is a model that finds faces.
public func buildJobDoors(
    _ configuration: JobDoorConfiguration, store: Store, identity: Identity, engine: JobEngine, versions: [String],
    defaultVersion: String, findsFaces: Bool = false
) -> [Door] {
    var doors: [Door] = [], storage = StorageDoor(store: store, identity: identity)
    if configuration.opensCameraTrap {
        doors.append(
            CameraTrapDoor(
                store: store, identity: identity, engine: engine, configuration: configuration, versions: versions,
                defaultVersion: defaultVersion
            ).door)
    }
    if configuration.opensAnonymisation {
        let anonymisation = AnonymisationDoor(
            store: store, identity: identity, engine: engine, configuration: configuration, findsFaces: findsFaces)
        storage.uploads[AnonymisationDoor.container] = anonymisation.upload
        doors.append(anonymisation.door)
    }
    return doors.isEmpty ? [] : doors + [storage.door]
}
