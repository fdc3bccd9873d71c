import Addresses
import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Jobs
import KeepSupport
import Logging
import Records
import Store
import Testing

@testable import JobDoors

/// Where the documents of all doors lie.
let documentFolder = URL(fileURLWithPath: #filePath).appending(path: "../../../../api").standardizedFileURL

struct DocumentTests {
    /// Each as the contract has it, and as the document says.
    @Test func aBatchWithoutRoomForItsResultsIsAProblemAndGoesOn() async throws {
        let store = try await TemporaryStore(.sqlite)
        let draft = JobDraft(
            accountID: store.account.id, kind: .cameraTrap, items: [JobItemDraft(name: "a.jpg")])
        let id = try await store.store.insert(draft).id
        try await store.store.move(id, to: .running)
        let job = try #require(try await store.store.job(id: id))
        func status(_ hindrance: String?) -> JSONValue? {
            let progress = JobProgress(tally: job.tally, hindrance: hindrance)
            return BatchStatus(job: job, progress: progress, link: nil).wire(endpoint: "")["Status"]
        }
        #expect(status(nil)?["request_status"] == "running")
        let problem = try #require(status("There is no room on the disk"))
        #expect(problem["request_status"] == "problem")
        let message = try #require(problem["message"]?.string)
        #expect(message.lowercased().contains("please contact us") && message.contains("no room on the disk"))
        let document = try String(contentsOf: documentFolder.appending(path: "jobs-camera-trap.json"), encoding: .utf8)
        #expect(document.contains("\"problem\","))
    }

    /// Each door by the beginning of its paths, and of the addresses that its document leaves out.
    @Test(.timeLimit(.minutes(30))) func documentsNameWhatIsServed() async throws {
        let store = try await TemporaryStore(.sqlite)
        var configuration = JobDoorConfiguration()
        (configuration.opensCameraTrap, configuration.opensBlobs, configuration.opensAnonymisation) = (true, true, true)
        let engine = JobEngine(
            store: store.store, configuration: JobConfiguration(), logger: Logger(label: "test"))
        let doors = buildJobDoors(
            configuration, store: store.store, identity: store.identity, engine: engine, versions: ["fast"],
            defaultVersion: "fast", callbackNetwork: .init(), documents: try JobDocuments(folder: documentFolder))
        for (name, prefix, base) in [
            ("camera-trap", CameraTrapDoor.prefix, CameraTrapDoor.prefix), ("anonymisation", "/v1", "/v1"),
            ("blobs", "/blobs", ""), ("blobs", "/dev/blobs", "/dev"),
        ] {
            let file = documentFolder.appending(path: "jobs-\(name).json")
            let bytes = try Data(contentsOf: file), document = try JSONValue(parsing: bytes)
            let paths = try #require(document["paths"]?.object)
            let named = paths.flatMap { path, operations in
                (operations.object ?? [:]).keys.map { "\($0.uppercased()) \(base)\(path == "/" ? "" : path)" }
            }
            let door = try #require(doors.first { $0.prefix == prefix })
            let served = door.entries.map { "\($0.method.rawValue) \($0.path)" }
            #expect(Set(named) == Set(served))
        }
        let root = Door(table: ResourceTable(OpenGate()), answer: { _ in Answer(json: [:], status: .notFound) })
        try await withListener([root] + doors) { listener in
            for path in ["/v1", "/blobs", "/test/blobs", CameraTrapDoor.prefix] {
                let reply = try await listener.send("GET", "\(path)/openapi.json")
                #expect(reply.status == 200 && reply.headers["content-type"] == "application/json")
                #expect(try reply.json["openapi"] == "3.1.0")
            }
        }
    }
}
