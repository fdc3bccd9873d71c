public import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore

/// What the doors to jobs say of themselves: an OpenAPI document each, as JSON, which is served at `openapi.json` behind its prefix.
public struct JobDocuments: Sendable {
    private var documents: [JobDoorConfiguration.Name: ByteBuffer] = [:]

    /// None.
    public init() {}
    /// - Parameter folder: holds `jobs-camera-trap.json` and so on.
    public init(folder: URL) throws {
        for name in JobDoorConfiguration.Name.allCases {
            let file = folder.appending(path: "jobs-\(name.rawValue.replacing("_", with: "-")).json")
            documents[name] = ByteBuffer(bytes: try Data(contentsOf: file))
        }
    }

    /// Adds the document of a door to its table.
    func add(_ name: JobDoorConfiguration.Name, to table: OpenTable, behind prefix: String) {
        guard let document = documents[name] else { return }
        table.add(
            "\(prefix)/openapi.json",
            .get { _ in
                Answer(status: .ok, headers: [.contentType: "application/json"], body: document).response
            })
    }
}
