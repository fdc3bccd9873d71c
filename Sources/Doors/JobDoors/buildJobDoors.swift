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
public func buildJobDoors(
    _ configuration: JobDoorConfiguration, store: Store, identity: Identity, engine: JobEngine, versions: [String],
    defaultVersion: String, callbackNetwork: NetworkPolicy
) -> [Door] {
    var doors: [Door] = []
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
    return doors.isEmpty ? [] : doors + [StorageDoor(store: store, identity: identity).door]
}

/// The door of a listener of its own, where pictures are tagged while their senders wait.
/// - Parameter document: OpenAPI, as JSON.
public func buildTaggingDoor(
    _ configuration: JobDoorConfiguration, store: Store, engine: JobEngine, tagger: Tagger, document: Data
) -> Door {
    TaggingDoor(store: store, engine: engine, tagger: tagger, configuration: configuration, document: document).door
}
