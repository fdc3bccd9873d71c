import Crypto
import Addresses
import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import JSON
import Jobs
import KeepSupport
import Logging
import Media
import Recognition
import Records
import Scene
import Store
import TestSupport
import Testing

@testable import JobDoors

struct BlobTests {
    private struct Server: Sendable {
        let listener: RunningListener
        let store: TemporaryStore

        func create(_ headers: [String: String] = [:], stage: String = "") async throws -> Reply {
            try await listener.send(
                "POST", "\(stage)/blobs", headers: headers,
                body: Data(#"{"callback_url": "http://receiver.example/x"}"#.utf8))
        }
        /// Id and path with its query of a new blob.
        func blob() async throws -> (id: String, link: String) {
            let reply = try await create().json
            let link = try #require(reply["upload_url"]?.string)
            return (try #require(reply["blob_id"]?.string), try #require(BlobTests.path(of: link)))
        }
        func put(_ link: String, _ name: String) async throws -> Reply {
            try await listener.send("PUT", link, body: BlobTests.jpeg(name))
        }
        func get(_ id: String) async throws -> JSONValue { try await listener.send("GET", "/blobs/\(id)").json }
        /// When it is over.
        func end(of id: String) async throws -> JSONValue {
            while true {
                let blob = try await get(id)
                if blob["status"] != "processing" { return blob }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
    private static func path(of link: String) -> String? {
        link.hasPrefix("http://localhost/") ? String(link.dropFirst("http://localhost".count)) : nil
    }
    /// What begins as a picture does.
    private static func jpeg(_ name: String) -> Data { Data([0xff, 0xd8, 0xff]) + Data(name.utf8) }

    private func withServer(
        isWorking: Bool = true, isOpen: Bool = true, limit: Int = 10_000, _ body: (Server) async throws -> Void
    ) async throws {
        try await inTurn {
            let store = try await TemporaryStore(.sqlite), (stills, finder) = stillsByName()
            let looker = PictureLooker(models: Models(finder), findsFaces: false, classifiers: EightThings())
            let runner = BlobRunner(store: store.store, looker: looker, stills: stills)
            let engine = JobEngine(
                store: store.store, runners: [runner], configuration: JobConfiguration(),
                logger: Logger(label: "test"))
            var configuration = JobDoorConfiguration()
            (configuration.opensBlobs, configuration.isOpenForBlobs) = (true, isOpen)
            configuration.blobsWaitingLimit = limit
            let doors = buildJobDoors(
                configuration, store: store.store, identity: store.identity, engine: engine, versions: [],
                defaultVersion: "", callbackNetwork: .init())
            let root = Door(
                table: ResourceTable(OpenGate()),
                answer: { Answer(json: ["root": .string("\($0)")], status: .notFound) })
            let working = isWorking ? Task { try? await engine.run() } : nil
            defer { working?.cancel() }
            try await withListener([root] + doors) { try await body(Server(listener: $0, store: store)) }
        }
    }

    @Test(.timeLimit(.minutes(30))) func aBlobGoesFromItsLinkToItsLabels() async throws {
        try await withServer { server in
            let reply = try await server.create(stage: "/dev")
            let blob = try reply.json
            #expect(reply.status == 201 && blob["callback_url"] == "http://receiver.example/x")
            let id = try #require(blob["blob_id"]?.string), text = try #require(blob["upload_url"]?.string)
            let link = try #require(Self.path(of: text))
            #expect(UUID(wire: id) != nil)
            #expect(try await server.get(id) == ["blob_id": .string(id), "labels": [], "status": "waiting_for_upload"])
            let put = try await server.put(link, "one")
            #expect(put.status == 200 && put.body.isEmpty && put.headers["x-amz-request-id"] != nil)
            #expect(put.headers["etag"] == "\"\(Insecure.MD5.hash(data: Self.jpeg("one")).hexadecimal)\"")
            let labelled = try await server.end(of: id)
            #expect(labelled["status"] == "done" && labelled["error"] == nil)
            #expect(
                labelled["labels"] == [
                    ["label": "Person", "confidence": 75, "parents": ["Organism", "Living Thing"]]
                ])
            #expect(try await server.listener.send("GET", "/prod/blobs/\(id)").json == labelled)
            // The picture went with the end.
            let jobID = try #require(UUID(wire: id))
            #expect(try await server.store.store.objects(ofJob: jobID).isEmpty)
            let job = try #require(try await server.store.store.job(id: jobID))
            #expect(job.kind == .blob && job.expiry.map { $0.timeIntervalSince(.now) > 29 * 86_400 } == true)
        }
    }

    @Test(.timeLimit(.minutes(30))) func anotherUploadIsLabelledAnew() async throws {
        try await withServer { server in
            let (id, link) = try await server.blob()
            _ = try await server.put(link, "one")
            #expect(try await server.end(of: id)["labels"]?.array?.count == 1)
            _ = try await server.put(link, "dark")
            #expect(try await server.end(of: id) == ["blob_id": .string(id), "labels": [], "status": "done"])
            _ = try await server.put(link, "broken")
            let failed = try await server.end(of: id)
            #expect(failed["status"] == "failed" && failed["labels"] == [])
            #expect(failed["error"]?.string?.isEmpty == false)
            _ = try await server.put(link, "pair")
            #expect(try await server.end(of: id)["labels"]?.array?.count == 1)
            let gif = try await server.listener.send("PUT", link, body: Data("GIF89a".utf8))
            #expect(gif.status == 200)
            #expect(
                try await server.end(of: id)["error"] == "The upload is no JPEG, PNG, WebP, BMP or TIFF picture")
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatChangesIsTold() async throws {
        try await withServer { server in
            let (id, link) = try await server.blob()
            func told(_ name: String) async throws -> Int? {
                _ = try await server.put(link, name)
                _ = try await server.end(of: id)
                return try await server.store.store.deliveries(ofJob: UUID(wire: id)!, account: nil)?.pending.count
            }
            #expect(try await told("one") == 1)
            #expect(try await told("again") == 1)
            #expect(try await told("dark") == 2)
            #expect(try await told("broken") == 3)
            #expect(try await told("dark") == 4)
        }
    }

    @Test(.timeLimit(.minutes(30))) func uploadsAllAtOnceLeaveTheLatest() async throws {
        try await withServer { server in
            let (id, link) = try await server.blob()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["one", "dark", "pair", "broken", "one"] {
                    group.addTask {
                        let status = try await server.put(link, name).status
                        #expect(status == 200)
                    }
                }
                try await group.waitForAll()
            }
            _ = try await server.put(link, "pair")
            var blob = try await server.end(of: id)
            while blob["labels"]?.array?.count != 1 { blob = try await server.end(of: id) }
            let job = UUID(wire: id)!
            let items = try await server.store.store.items(ofJob: job)
            #expect(items.count == 6 && items.last?.state == .done)
            #expect(try await server.store.store.objects(ofJob: job).isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(30))) func callbacksThatCannotBeCalledAreRefused() async throws {
        try await withServer(isWorking: false) { server in
            let bodies = [
                "", "{", "[]", "{}", #"{"callback_url": ""}"#, #"{"callback_url": null}"#, #"{"callback_url": 7}"#,
                #"{"callback_url": "ftp://a.example/"}"#, #"{"callback_url": "http:///x"}"#,
                #"{"callback_url": "http://169.254.169.254/latest"}"#, #"{"callback_url": "http://[::1]:80/"}"#,
            ]
            for body in bodies {
                let reply = try await server.listener.send("POST", "/blobs", body: Data(body.utf8))
                let answer = try reply.json
                #expect(reply.status == 400 && answer == ["error": "Invalid callback url supplied"], "\(body)")
            }
            for (method, path, status, text) in [
                ("GET", "/blobs/\(UUID().wire)", 404, "Blob not found"), ("GET", "/blobs/x", 404, "Blob not found"),
                ("GET", "/blobs/a/b", 404, "Not found"), ("DELETE", "/test/blobs", 405, "Method not allowed"),
            ] {
                let reply = try await server.listener.send(method, path)
                let answer = try reply.json
                #expect(reply.status == status && answer == ["error": .string(text)], "\(path)")
            }
            #expect(try await server.listener.send("POST", "/other/blobs").json["root"] != nil)
        }
    }

    @Test(.timeLimit(.minutes(30))) func linksAreGoodForWhatTheySayAlone() async throws {
        try await withServer(isWorking: false) { server in
            let (id, link) = try await server.blob()
            func check(_ reply: Reply, _ status: Int, _ code: String) -> String {
                let text = String(decoding: reply.body, as: UTF8.self)
                #expect(reply.status == status && text.contains("<Code>\(code)</Code>"), "\(text)")
                #expect(reply.headers["content-type"] == "application/xml")
                return text
            }
            _ = check(try await server.put(link.replacing("sp=w", with: "sp=rw"), "one"), 403, "SignatureDoesNotMatch")
            _ = check(try await server.put(String(link.prefix { $0 != "?" }), "one"), 403, "SignatureDoesNotMatch")
            let other = link.replacing(id, with: UUID().wire)
            _ = check(try await server.put(other, "one"), 403, "SignatureDoesNotMatch")
            _ = check(try await server.listener.send("GET", link), 403, "SignatureDoesNotMatch")
            let long = try await server.listener.send("PUT", link, headers: ["Content-Length": "\((15 << 20) + 1)"])
            _ = check(long, 413, "EntityTooLarge")
            let path = String(link.prefix { $0 != "?" })
            let old = try await StorageLink(path, .write, until: Date.now.addingTimeInterval(-1))
                .signed(by: server.store.identity, for: server.store.account.id)
            let text = check(try await server.put(old, "one"), 403, "AccessDenied")
            #expect(text.contains("<Message>Request has expired</Message><Expires>") && text.contains("</ServerTime>"))
            #expect(try await server.get(id)["status"] == "waiting_for_upload")
            // A job that was cancelled takes nothing more.
            try await server.store.store.move(UUID(wire: id)!, to: .cancelled)
            _ = check(try await server.put(link, "one"), 404, "NoSuchKey")
            #expect(try await server.get(id)["status"] == "failed")
        }
    }

    @Test(.timeLimit(.minutes(30))) func aBlobThatNobodyFillsIsForgotten() async throws {
        try await withServer(isWorking: false) { server in
            let (id, link) = try await server.blob(), store = server.store.store
            let job = try #require(try await store.job(id: UUID(wire: id)!))
            #expect(job.expiry.map { abs($0.timeIntervalSince(job.createTime) - 86_400) < 1 } == true)
            _ = try await server.put(link, "one")
            #expect(try await store.job(id: job.id)?.expiry == nil)
            let other = try await server.blob().id
            #expect(try await store.deleteExpiredJobs(at: Date.now.addingTimeInterval(86_500)) == 1)
            #expect(try await store.job(id: job.id) != nil)
            #expect(try await store.job(id: UUID(wire: other)!) == nil)
        }
    }

    @Test(.timeLimit(.minutes(30))) func noMoreBlobsWaitThanMay() async throws {
        try await withServer(limit: 2) { server in
            let (id, link) = try await server.blob()
            _ = try await server.blob()
            let refused = try await server.create()
            #expect(refused.status == 503)
            #expect(try refused.json == ["error": "Too many blobs are not over, please try again later"])
            _ = try await server.put(link, "one")
            #expect(try await server.end(of: id)["status"] == "done")
            #expect(try await server.create().status == 201)
            #expect(try await server.create().status == 503)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aClosedDoorAsksWhoSomebodyIs() async throws {
        try await withServer(isWorking: false, isOpen: false) { server in
            let refused = try await server.create()
            #expect(refused.status == 401 && refused.headers["www-authenticate"] != nil)
            #expect(try await server.create(["Luna-Account-Id": UUID().wire]).status == 401)
            let account = ["Luna-Account-Id": server.store.account.id.wire]
            let reply = try await server.create(account)
            #expect(reply.status == 201)
            let id = try #require(try reply.json["blob_id"]?.string)
            #expect(try await server.listener.send("GET", "/blobs/\(id)").status == 401)
            #expect(try await server.listener.send("GET", "/blobs/\(id)", headers: account).status == 200)
        }
    }
}
