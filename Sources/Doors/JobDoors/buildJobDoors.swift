public import Addresses
public import Foundation
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
public func buildJobDoors(
    _ configuration: JobDoorConfiguration, store: Store, identity: Identity, engine: JobEngine, versions: [String],
    defaultVersion: String, callbackNetwork: NetworkPolicy, findsFaces: Bool = false
) -> [Door] {
    var doors: [Door] = [], storage = StorageDoor(store: store, identity: identity)
    if configuration.opensCameraTrap {
        doors.append(
            CameraTrapDoor(
                store: store, identity: identity, engine: engine, configuration: configuration, versions: versions,
                defaultVersion: defaultVersion
            ).door)
    }
    if configuration.opensBlobs {
        let blobs = BlobDoor(
            store: store, identity: identity, configuration: configuration, callbackNetwork: callbackNetwork)
        doors += blobs.doors + [BlobUploadDoor(store: store, identity: identity).door]
    }
    if configuration.opensAnonymisation {
        let anonymisation = AnonymisationDoor(
            store: store, identity: identity, engine: engine, configuration: configuration, findsFaces: findsFaces)
        storage.uploads[AnonymisationDoor.container] = anonymisation.upload
        doors.append(anonymisation.door)
    }
    return doors.isEmpty ? [] : doors + [storage.door]
}

/// The door of a listener of its own, where pictures are tagged while their senders wait.
/// - Parameter document: OpenAPI, as JSON.
public func buildTaggingDoor(
    _ configuration: JobDoorConfiguration, store: Store, engine: JobEngine, tagger: Tagger, document: Data
) -> Door {
    TaggingDoor(store: store, engine: engine, tagger: tagger, configuration: configuration, document: document).door
}
