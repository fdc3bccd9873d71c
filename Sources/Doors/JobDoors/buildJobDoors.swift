public import Addresses
public import HTTPEdge
public import Identity
public import Jobs
public import Store

/// The doors to jobs that other APIs have, on the daemon's listener: those that are asked for, and the bytes behind their links.
/// - Parameters:
///   - versions: names of the models that find people in pictures.
///   - defaultVersion: the one of those who name none.
///   - callbackNetwork: where callbacks may go.
///   - findsFaces: whether there is a model that finds faces.
///   - detector: the default model's name, for results of batches.
///   - documents: what the doors say of themselves.
public func buildJobDoors(
    _ configuration: JobDoorConfiguration, store: Store, identity: Identity, engine: JobEngine, versions: [String],
    defaultVersion: String, callbackNetwork: NetworkPolicy, findsFaces: Bool = false, detector: String = "own",
    documents: JobDocuments = .init()
) -> [Door] {
    var doors: [Door] = [], storage = StorageDoor(store: store, identity: identity)
    if configuration.opensCameraTrap {
        doors.append(
            CameraTrapDoor(
                store: store, identity: identity, engine: engine, configuration: configuration, versions: versions,
                defaultVersion: defaultVersion, detector: detector, documents: documents
            ).door)
    }
    if configuration.opensBlobs {
        let blobs = BlobDoor(
            store: store, identity: identity, configuration: configuration, callbackNetwork: callbackNetwork,
            documents: documents)
        doors += blobs.doors + [BlobUploadDoor(store: store, identity: identity).door]
    }
    if configuration.opensAnonymisation {
        let anonymisation = AnonymisationDoor(
            store: store, identity: identity, engine: engine, configuration: configuration,
            callbackNetwork: callbackNetwork, findsFaces: findsFaces, documents: documents)
        storage.uploads[AnonymisationDoor.container] = anonymisation.upload
        doors.append(anonymisation.door)
    }
    return doors.isEmpty ? [] : doors + [storage.door]
}

/// The door of a listener of its own, where pictures are tagged while their senders wait.
public func buildTaggingDoor(
    _ configuration: JobDoorConfiguration, store: Store, engine: JobEngine, tagger: Tagger,
    documents: JobDocuments = .init()
) -> Door {
    TaggingDoor(store: store, engine: engine, tagger: tagger, configuration: configuration, documents: documents).door
}
