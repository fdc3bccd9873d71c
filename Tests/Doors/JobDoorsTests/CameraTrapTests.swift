import Addresses
import Dispatch
import DoorSupport
import Foundation
import Frames
import HTTPEdge
import HTTPTypes
import Inference
import JSON
import Jobs
import KeepSupport
import Logging
import Media
import Notifications
import Recognition
import Records
import Scene
import Store
import TestSupport
import Testing

@testable import JobDoors

/// A listener with the doors to jobs, an engine behind them, and pictures of which each shows one person unless it holds `broken`.
struct JobServer: Sendable {
    let listener: RunningListener
    let store: TemporaryStore
    /// Below which containers may lie.
    let media: URL
    let callers: URL

    static let prefix = "/v4/camera-trap/detection-batch"

    func post(_ path: String, _ body: JSONValue, type: String = "application/json") async throws -> Reply {
        try await listener.send(
            "POST", "\(Self.prefix)/\(path)", headers: ["Content-Type": type], body: Data(body.text.utf8))
    }
    func get(_ path: String) async throws -> Reply { try await listener.send("GET", "\(Self.prefix)/\(path)") }
    /// Writes files below the media root.
    func write(_ files: [String: String]) throws {
        for (name, text) in files {
            let file = media.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }
    /// The status of a batch that is over.
    func end(of id: String) async throws -> JSONValue {
        while true {
            let task = try await get("task/\(id)").json
            if task["Status"]?["request_status"] != "running" { return task }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

func withJobServer(isWorking: Bool = true, limit: Int = 300, _ body: (JobServer) async throws -> Void) async throws {
    try await inTurn {
        let store = try await TemporaryStore(.sqlite)
        let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
        let media = folder.appending(path: "media"), callers = folder.appending(path: "callers.json")
        try FileManager.default.createDirectory(at: media, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(
            #"{"trapper": "\#(store.account.login)", "other": "\#(store.account.login)", "ghost": "nobody@a.b"}"#.utf8
        )
        .write(to: callers)
        let person = Detection(box: BoundingBox(minX: 20, minY: 10, maxX: 40, maxY: 60), confidence: 0.75)
        // Of a picture that nobody comes to an end with.
        let end = DispatchSemaphore(value: 0)
        defer { end.signal() }
        let looker = PictureLooker(models: Models(ScriptedFinder { _ in [person] }), findsFaces: false)
        let stills = StillOpener { bytes, _ in
            let text = String(decoding: bytes, as: UTF8.self)
            if text == "stuck" { end.wait() }
            guard text != "broken" else { throw MediaError.notPicture }
            let size = PixelSize(width: 200, height: 100)
            return StillPicture(picture: BlankPicture(size: size), size: size, exif: nil)
        }
        let batches = BatchRunner(
            store: store.store, looker: looker, stills: stills,
            downloader: Downloader(network: .init(), networksKey: "media.allowed_networks", verifiesCertificates: true),
            mediaRoots: [media], detector: "person.onnx", places: 4)
        let logger = Logger(label: "test")
        let engine = JobEngine(
            store: store.store, runners: [batches], configuration: JobConfiguration(), logger: logger)
        var configuration = JobDoorConfiguration()
        (configuration.opensCameraTrap, configuration.callers) = (true, callers)
        (configuration.contact, configuration.batchLimit) = ("ops@a.b", limit)
        let doors = buildJobDoors(
            configuration, store: store.store, identity: store.identity, engine: engine,
            versions: ["fast", "accurate"], defaultVersion: "accurate", callbackNetwork: .init())
        let root = Door(
            table: ResourceTable(OpenGate()), answer: { Answer(json: ["root": .string("\($0)")], status: .notFound) })
        let working = isWorking ? Task { try? await engine.run() } : nil
        defer { working?.cancel() }
        try await withListener([root] + doors) { listener in
            try await body(JobServer(listener: listener, store: store, media: media, callers: callers))
        }
    }
}

struct CameraTrapTests {
    private func request(_ server: JobServer, _ members: [String: JSONValue] = [:]) -> JSONValue {
        let standard: [String: JSONValue] = [
            "caller": "trapper", "input_container_sas": .string(server.media.absoluteString),
            "request_name": "base_chunk000",
        ]
        return .object(standard.merging(members) { $1 })
    }

    @Test(.timeLimit(.minutes(30))) func aBatchGoesFromItsRequestToItsResults() async throws {
        try await withJobServer { server in
            try server.write(["Säson 1/a b#1.jpg": "a", "b.PNG": "b", "broken.jpeg": "broken", "notes.txt": "no"])
            let reply = try await server.post("request_detections", request(server))
            #expect(reply.status == 200)
            let id = try #require(try reply.json["request_id"]?.string)
            #expect(id.count == 32 && !id.contains("-"))
            let task = try await server.end(of: id)
            #expect(task["TaskId"] == .string(id) && task["Status"]?["request_status"] == "completed")
            #expect(task["Status"]?["num_images"] == 3 && task["Status"]?["message"]?["num_failed_shards"] == 0)
            let time = try #require(task["Timestamp"]?.string)
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
            let link = try #require(task["Status"]?["message"]?["output_file_urls"]?["detections"]?.string)
            #expect(link.contains("\(id)_detections_base_chunk000_") && !link.contains("%2F"))
            let path = String(link.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
            let file = try await server.listener.send("GET", path)
            #expect(file.status == 200 && file.headers["content-type"] == "application/json")
            let result = try file.json
            #expect(result["info"]?["format_version"] == "1.6" && result["info"]?["detector"] == "person.onnx")
            #expect(result["detection_categories"] == ["2": "person"])
            let images = try #require(result["images"]?.array)
            #expect(images.map { $0["file"] } == ["Säson 1/a b#1.jpg", "b.PNG", "broken.jpeg"])
            #expect(
                images[0]["detections"] == [["category": "2", "conf": 0.75, "bbox": [0.1, 0.1, 0.1, 0.5]]])
            #expect(images[0]["max_detection_conf"] == 0.75)
            #expect(images[2]["failure"] == "Failure image access" && images[2]["detections"] == .some(.null))
            #expect(images[2]["failure_reason"]?.string?.isEmpty == false)
            // Hyphens in the id change nothing, and the link wants its signature.
            let hyphened = UUID(bare: id)!.wire
            #expect(try await server.get("task/\(hyphened)").json["TaskId"] == .string(id))
            let altered = try await server.listener.send("GET", path.replacing("sp=r", with: "sp=w"))
            #expect(altered.status == 403 && altered.headers["x-ms-error-code"] == "AuthenticationFailed")
            let bare = try await server.listener.send("GET", String(path.prefix { $0 != "?" }))
            #expect(bare.status == 403)
            let part = try await server.listener.send("GET", path, headers: ["Range": "bytes=0-7"])
            #expect(part.status == 206 && String(decoding: part.body, as: UTF8.self) == #"{"info":"#)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsWrongIsSaidInTheWordsOfTheContract() async throws {
        try await withJobServer(isWorking: false) { server in
            func refusal(_ members: [String: JSONValue], _ status: Int, _ text: String) async throws {
                let reply = try await server.post("request_detections", request(server, members))
                let answer = try reply.json
                #expect(reply.status == status && answer == ["error": .string(text)])
            }
            let unknown =
                "Parameter caller is not supplied or is not on our allowlist. Please email ops@a.b to request access."
            for caller: JSONValue in [nil, "", "stranger", "ghost", 7] {
                try await refusal(["caller": caller], 401, unknown)
            }
            let azure = "https://a.example/c?"
            try await refusal(
                ["input_container_sas": nil], 400,
                "input_container_sas with read and list access is a required field when not using image URLs.")
            try await refusal(
                ["input_container_sas": .string(azure + "sr=b&sp=rl")], 400,
                "input_container_sas provided is not for a container.")
            try await refusal(
                ["input_container_sas": .string(azure + "sr=c&sp=r")], 400,
                "input_container_sas provided does not have both read and list permissions.")
            try await refusal(
                ["images_requested_json_sas": "ftp://a"], 400, "images_requested_json_sas needs to be an URL.")
            for truth: JSONValue in [true, "true", "yes", "1"] {
                try await refusal(
                    ["use_url": truth, "input_container_sas": nil], 400,
                    "images_requested_json_sas is required since use_url is true.")
            }
            try await refusal(["model_version": 9], 400, "model_version 9 is not supported.")
            try await refusal(
                ["request_name": .string(String(repeating: "a", count: 93))], 400,
                "request_name is longer than 92 characters.")
            try await refusal(
                ["request_name": "a b"], 400,
                "request_name contains invalid characters (only letters, digits, - and _ are allowed).")
            let noJSON = try await server.post("request_detections", request(server), type: "text/plain")
            #expect(noJSON.status == 415)
            #expect(
                try noJSON.json == ["error": "Body needs to have a JSON mimetype (e.g., application/json)."])
            let cut = try await server.listener.send(
                "POST", "\(JobServer.prefix)/request_detections", headers: ["Content-Type": "application/json"],
                body: Data("{".utf8))
            #expect(cut.status == 415)
            #expect(try cut.json["error"]?.string?.hasPrefix("Error occurred reading POST request body: ") == true)
            #expect(try await server.get("task/\(UUID().bare)").json == ["error": "Task is not found."])
            #expect(try await server.get("task/x").status == 404)
            #expect(try await server.get("nothing").status == 404)
            #expect(try await server.get("request_detections").status == 405)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsKnownOfABatchIsThereBeforeItsEnd() async throws {
        try await withJobServer { server in
            try server.write(["a.jpg": "a", "stuck.jpg": "stuck"])
            let id = try #require(
                try await server.post("request_detections", request(server)).json["request_id"]?.string)
            var task = try await server.get("task/\(id)").json
            while task["Status"]?["images_done"] != 1 {
                try await Task.sleep(for: .milliseconds(5))
                task = try await server.get("task/\(id)").json
            }
            func partial(_ task: JSONValue) async throws -> Reply? {
                guard let link = task["Status"]?["partial_results_url"]?.string else { return nil }
                return try await server.listener.send("GET", CoverServer.path(link))
            }
            let reply = try #require(try await partial(task))
            #expect(reply.status == 200 && reply.headers["content-type"] == "application/json")
            #expect(try reply.json["images"]?.array?.map { $0["file"] } == ["a.jpg"])
            #expect(try reply.json["info"]?["is_partial"] == true)
            let link = CoverServer.path(task["Status"]?["partial_results_url"]?.string ?? "")
            let altered = try await server.listener.send("GET", link.replacing("sp=r", with: "sp=w"))
            #expect(altered.status == 403)
            // What there is stays where a batch is cancelled.
            _ = try await server.post("cancel_request", ["caller": "trapper", "request_id": .string(id)])
            task = try await server.end(of: id)
            #expect(task["Status"]?["request_status"] == "canceled")
            #expect(try await partial(task)?.json["images"]?.array?.count == 1)

            // Another takes over what is done, and does the rest.
            try server.write(["stuck.jpg": "c", "a.jpg": "broken"])
            let again = request(server, ["previous_request_id": .string(id)])
            let second = try #require(
                try await server.post("request_detections", again).json["request_id"]?.string)
            let end = try await server.end(of: second)
            #expect(end["Status"]?["partial_results_url"] == nil)
            let results = CoverServer.path(
                end["Status"]?["message"]?["output_file_urls"]?["detections"]?.string ?? "")
            let images = try await server.listener.send("GET", results).json["images"]?.array
            #expect(images?.map { $0["detections"]?.array?.count } == [1, 1])
            for (caller, previous) in [("other", id), ("trapper", "x"), ("trapper", UUID().bare)] {
                let refused = try await server.post(
                    "request_detections",
                    request(server, ["caller": .string(caller), "previous_request_id": .string(previous)]))
                #expect(refused.status == 400)
                #expect(try refused.json == ["error": "previous_request_id is no request of this caller."])
            }
            let other = request(server, ["model_version": "fast", "previous_request_id": .string(id)])
            #expect(try await server.post("request_detections", other).status == 400)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsThereIsTold() async throws {
        try await withJobServer(isWorking: false) { server in
            let greeting = try await server.get("")
            #expect(greeting.headers["content-type"] == "text/html; charset=utf-8")
            #expect(
                String(decoding: greeting.body, as: UTF8.self)
                    == "Camera traps batch processing API. Instance: sightline")
            #expect(String(decoding: try await server.get("default_model_version").body, as: UTF8.self) == "accurate")
            #expect(try await server.get("supported_model_versions").json == ["accurate", "fast"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func onlyItsCallerCancelsABatchAndOnce() async throws {
        try await withJobServer(isWorking: false) { server in
            let id = try await server.post("request_detections", request(server)).json["request_id"] ?? .null
            func cancel(_ caller: JSONValue, _ id: JSONValue) async throws -> Reply {
                try await server.post("cancel_request", ["caller": caller, "request_id": id])
            }
            #expect(try await cancel("trapper", nil).json == ["error": "request_id is a required field."])
            #expect(
                try await cancel("stranger", id).json
                    == ["error": "Parameter caller is not supplied or is not on our allowlist."])
            #expect(try await cancel("other", id).json == ["error": "Task is not found."])
            let reply = try await cancel("trapper", id)
            #expect(
                reply.status == 200
                    && String(decoding: reply.body, as: UTF8.self)
                        == "Canceling signal has been sent. You can verify the status at the /task endpoint"
            )
            let task = try await server.end(of: id.string!)
            #expect(task["Status"]?["request_status"] == "canceled")
            #expect(task["Status"]?["message"] == "Request has been canceled by the user.")
            let again = try await cancel("trapper", id)
            #expect(again.status == 400)
            #expect(try again.json == ["error": "Task has canceled and cannot be canceled"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func aCallerHasSoManyBatchesAtOnce() async throws {
        try await withJobServer(isWorking: false, limit: 1) { server in
            #expect(try await server.post("request_detections", request(server)).status == 200)
            let reply = try await server.post("request_detections", request(server))
            #expect(reply.status == 503 && reply.headers["retry-after"] != nil)
            #expect(try reply.json == ["error": "Too many active jobs, please try again later"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func callersComeAndGoWhileTheDaemonRuns() async throws {
        try await withJobServer(isWorking: false) { server in
            let body = request(server, ["caller": "late"])
            #expect(try await server.post("request_detections", body).status == 401)
            try Data(#"{"late": "\#(server.store.account.login)"}"#.utf8).write(to: server.callers)
            #expect(try await server.post("request_detections", body).status == 200)
            #expect(try await server.post("request_detections", request(server)).status == 401)
        }
    }

    @Test(.timeLimit(.minutes(30))) func nothingToLookAtIsDone() async throws {
        try await withJobServer { server in
            try server.write(["a.txt": "a"])
            let id = try await server.post("request_detections", request(server)).json["request_id"]?.string
            let task = try await server.end(of: id ?? "")
            #expect(task["Status"]?["request_status"] == "completed")
            #expect(
                task["Status"]?["message"]
                    == "Zero images found in container or in provided list of images after filtering with the provided parameters."
            )
            let outside = request(server, ["input_container_sas": "file:///etc"])
            let failed = try await server.post("request_detections", outside).json["request_id"]?.string
            let status = try await server.end(of: failed ?? "")["Status"]
            #expect(status?["request_status"] == "failed")
            #expect(
                status?["message"]
                    == "Error occurred while preparing the Batch job: The folder is not below a media root (the setting 'media_roots')"
            )
        }
    }
}
