import Addresses
import Archives
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
import Recognition
import Records
import Scene
import Store
import TestSupport
import Testing
import Tracking

@testable import JobDoors

/// A listener with the door of anonymisation, and an engine behind it that finds one face in each picture.
struct CoverServer: Sendable {
    let listener: RunningListener
    let store: TemporaryStore
    /// The file of keys.
    let keys: URL
    /// What does the work, for the door's own engine or another.
    let runner: CoverRunner

    static let key = "0f8fad5b-d9cb-469f-a165-70867728950e", otherKey = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    /// Of the face.
    static let face = BoundingBox(minX: 16, minY: 16, maxX: 32, maxY: 32)

    /// Has an engine of its own work as long as `body` runs, and ends it as a daemon that stops does.
    func work(_ body: () async throws -> Void) async throws {
        let engine = JobEngine(
            store: store.store, runners: [runner], configuration: JobConfiguration(), logger: Logger(label: "test"))
        let working = Task { try? await engine.run() }
        do { try await body() } catch {
            working.cancel()
            throw error
        }
        working.cancel()
        _ = await working.value
    }

    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String = Self.key,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await listener.send(
            method, "/v1/\(path)", headers: headers.merging(["access_token": key]) { $1 },
            body: Data(body.map { Array($0.text.utf8) } ?? []))
    }
    /// Path and query of an address.
    static func path(_ url: String) -> String { String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) }

    func begin(_ members: [String: JSONValue] = [:]) async throws -> (id: String, link: String) {
        let standard: [String: JSONValue] = [
            "file_name": "test_image", "file_size": 10, "content_type": "octet-stream", "model": "blur",
        ]
        let reply = try await send("POST", "create_upload_session", .object(standard.merging(members) { $1 }))
        #expect(reply.status == 200)
        let answer = try reply.json
        return (answer["job_id"]?.string ?? "", Self.path(answer["session_uri"]?.string ?? ""))
    }
    func put(_ target: String, _ body: [UInt8], headers: [String: String] = [:]) async throws -> Reply {
        try await listener.send(
            "PUT", target, headers: body.isEmpty ? headers.merging(["Content-Length": "0"]) { $1 } : headers,
            body: Data(body))
    }
    /// Sends `bytes` in blocks as the published client does.
    func upload(_ bytes: [UInt8], to link: String, block: Int = 1000) async throws {
        var list = "<BlockList>"
        for (index, start) in stride(from: 0, to: bytes.count, by: block).enumerated() {
            let id = Data([0, 0, UInt8(index >> 8), UInt8(index & 255)]).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_")
            let part = Array(bytes[start..<min(start + block, bytes.count)])
            #expect(try await put("\(link)&comp=block&blockid=\(id)", part).status == 201)
            list += "<Latest>\(id)</Latest>"
        }
        let reply = try await put("\(link)&comp=blocklist", Array((list + "</BlockList>").utf8))
        #expect(reply.status == 201 && reply.headers["etag"] != nil)
    }
    /// Approves as the published client does, and returns the codes but 302.
    func approve(_ id: String) async throws -> Int {
        while true {
            let reply = try await send("POST", "approve_job/\(id)")
            guard reply.status == 302 else { return reply.status }
            #expect(reply.headers["location"] == nil)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
    func end(of id: String) async throws -> JSONValue {
        while true {
            let reply = try await send("GET", "job_result/\(id)")
            #expect(reply.status == 200)
            let report = try reply.json
            if let status = report["job_status"]?.integer, status >= 100 { return report }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
    func error(_ reply: Reply) -> [String?] { ["\(reply.status)", reply.headers["x-ms-error-code"]] }
}

func withCoverServer(
    isWorking: Bool = true, findsFaces: Bool = true, finder: (any ObjectFinder)? = nil,
    _ body: (CoverServer) async throws -> Void
) async throws {
    try await inTurn {
        let store = try await TemporaryStore(.sqlite)
        let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
        let keys = folder.appending(path: "keys.json")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"\#(CoverServer.key)": "\#(store.account.login)"}"#.utf8).write(to: keys)
        let face = Detection(box: CoverServer.face, confidence: 0.9)
        var media = MediaConfiguration()
        media.allowsAnyPath = true
        let models = Models(finder ?? ScriptedFinder { _ in [face] })
        var workplace = CoverRunner.Workplace(
            folder: folder,
            open: { [media] path in
                try await MediaOpener(media).open(
                    SourceSpecification(kind: .file, reference: path), rates: [.frames(1)])
            }, openArchive: { try LocalArchive(path: $0, $1) },
            openSound: { path in
                guard let file = FileHandle(forReadingAtPath: path) else { return nil }
                return try SoundReader(file, name: "video", configuration: MediaConfiguration())
            },
            tracker: { _ in TrackerConfiguration() })
        workplace.segment = 2
        let runner = CoverRunner(
            store: store.store, looker: PictureLooker(models: models, findsFaces: true),
            stills: StillOpener { bytes, wishes in try StillWork.open(bytes, wishes) },
            workplace: workplace, places: 2
        ) { [links = ResultLinks(identity: store.identity, base: "http://told.example")] output, job, expiry in
            try await links.link(to: output, of: job, until: expiry)
        }
        let logger = Logger(label: "test")
        let engine = JobEngine(
            store: store.store, runners: [runner], configuration: JobConfiguration(), logger: logger)
        var configuration = JobDoorConfiguration()
        (configuration.opensAnonymisation, configuration.anonymisationKeys) = (true, keys)
        configuration.anonymisationRate = 1000
        let doors = buildJobDoors(
            configuration, store: store.store, identity: store.identity, engine: engine, versions: [],
            defaultVersion: "", callbackNetwork: .init(), findsFaces: findsFaces)
        let root = Door(
            table: ResourceTable(OpenGate()), answer: { Answer(json: ["root": .string("\($0)")], status: .notFound) })
        let working = isWorking ? Task { try? await engine.run() } : nil
        defer { working?.cancel() }
        try await withListener([root] + doors) { listener in
            try await body(CoverServer(listener: listener, store: store, keys: keys, runner: runner))
        }
    }
}

/// 64 × 48 pixels, one light and one dark in turns.
func bitmap() -> [UInt8] {
    var bytes: [UInt8] = Array("BM".utf8) + [UInt8](repeating: 0, count: 52)
    func put(_ value: Int, at place: Int) {
        for index in 0..<4 { bytes[place + index] = UInt8(value >> (8 * index) & 255) }
    }
    put(54 + 64 * 48 * 3, at: 2)
    put(54, at: 10)
    put(40, at: 14)
    put(64, at: 18)
    put(48, at: 22)
    put(1 | 24 << 16, at: 26)
    for y in 0..<48 { for x in 0..<64 { bytes += [UInt8](repeating: (x + y) % 2 == 0 ? 250 : 10, count: 3) } }
    return bytes
}

struct AnonymisationTests {
    @Test(.timeLimit(.minutes(30))) func anImageGoesFromItsBlocksToItsResult() async throws {
        try await withCoverServer { server in
            let image = bitmap()
            let (id, link) = try await server.begin([
                "file_name": "C:\\pictures\\Tür 1.bmp", "file_size": .integer(Int64(image.count)),
            ])
            #expect(try await server.send("POST", "approve_job/\(id)").status == 302)
            #expect(try await server.send("GET", "job_result/\(id)").json["job_status"] == -1)
            try await server.upload(image, to: link)
            #expect(try await server.approve(id) == 200)
            let report = try await server.end(of: id)
            #expect(report["job_status"] == 100 && report["job_total_credit_cost"] == 1)
            let task = try #require(report["tasks"]?.array?.first)
            #expect(task["output_file"] == "Tür 1_anonymized.bmp" && task["input_file"] == "Tür 1.bmp")
            let download = try await server.listener.send(
                "GET", CoverServer.path(task["download_link"]?.string ?? ""))
            #expect(download.status == 200 && download.headers["content-type"] == "image/bmp")
            let still = try StillWork.open(Array(download.body), StillWishes(maximumPixels: 10_000))
            #expect(still.size == PixelSize(width: 64, height: 48))
            var pixels = [UInt8](repeating: 0, count: 64 * 48 * 3)
            try pixels.withUnsafeMutableBufferPointer {
                try still.picture.draw(
                    PixelRect(still.size),
                    to: PixelTarget(base: $0.baseAddress!, bytesPerRow: 192, size: still.size, order: .rgb))
            }
            func gray(_ x: Int, _ y: Int) -> Int { Int(pixels[(y * 64 + x) * 3]) }
            // Stripes are left outside and none inside, its corners included.
            #expect(abs(gray(2, 2) - gray(3, 2)) > 200 && abs(gray(60, 40) - gray(61, 40)) > 200)
            for (x, y) in [(24, 24), (17, 17), (30, 30)] { #expect(abs(gray(x, y) - gray(x + 1, y)) < 20) }
            #expect(try await server.approve(id) == 202)
            // What was sent is gone, and cannot be sent again.
            #expect(try await server.store.store.objects(ofJob: UUID(uuidString: id)!).count == 1)
            let late = try await server.put("\(link)&comp=block&blockid=AAAA", [1])
            #expect(server.error(late) == ["409", "InvalidOperation"])
            #expect(try await server.send("DELETE", "job/\(id)").status == 200)
            #expect(try await server.send("GET", "job_result/\(id)").json == ["detail": "Job not found"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatCannotBeDoneIsToldInTheReport() async throws {
        try await withCoverServer { server in
            func result(of bytes: [UInt8], _ members: [String: JSONValue] = [:]) async throws -> (Int, JSONValue?) {
                let size = JSONValue.integer(Int64(bytes.count))
                let (id, link) = try await server.begin(["file_size": size].merging(members) { $1 })
                try await server.upload(bytes, to: link)
                let code = try await server.approve(id), report = try await server.end(of: id)
                #expect(report["job_status"] == 200)
                return (code, report["job_status_description"])
            }
            #expect(try await result(of: []) == (200, "File is empty"))
            #expect(
                try await result(of: [1, 2, 3], ["file_size": 4]) == (202, "The file has 3 bytes, but file_size is 4"))
            let noise = try await result(of: Array("nothing of the kind".utf8))
            #expect(noise.0 == 202)
            #expect(noise.1?.string?.hasPrefix("The file is neither an image nor a video") == true)
            let cut = try await result(of: Array(bitmap().prefix(2000)))
            #expect(cut.0 == 200)
            let rar = try await result(of: Array("Rar!\u{1a}\u{07}\u{01}\u{00}".utf8))
            #expect(rar.0 == 202 && rar.1 == "The archive holds no files")
        }
    }

    @Test(.timeLimit(.minutes(30))) func aDirectUploadNeedsNoApproval() async throws {
        try await withCoverServer { server in
            let head = ["x-ms-blob-type": "BlockBlob", "Content-Length": "5"]
            let reply = try await server.send(
                "PUT", "direct_upload/a%20b.bmp?model=blur&slicing=True&blur_threshold=0.4", headers: head)
            #expect(reply.status == 307)
            let id = reply.headers["job_id"] ?? "", link = reply.headers["location"] ?? ""
            #expect(try reply.json == ["url": .string(link), "status_code": 307, "headers": ["job_id": .string(id)]])
            let sent = try await server.put(
                CoverServer.path(link), bitmap(), headers: ["x-ms-blob-type": "BlockBlob"])
            #expect(sent.status == 201 && sent.headers["content-md5"] != nil)
            let report = try await server.end(of: id)
            #expect(report["job_status"] == 100 && report["input_file"] == "a b.bmp")
            #expect(report["model_config"] == ["slicing": true, "blur_threshold": 0.4])
            let other = try await server.send("PUT", "direct_upload/a.bmp?model=blur", headers: head)
            #expect(try await server.send("POST", "approve_job/\(other.headers["job_id"] ?? "")").status == 201)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsAskedForIsChecked() async throws {
        try await withCoverServer(isWorking: false) { server in
            let good: [String: JSONValue] = [
                "file_name": "a.mp4", "file_size": 1, "content_type": "octet-stream", "model": "blur",
            ]
            func reply(_ members: [String: JSONValue?]) async throws -> Reply {
                let body = good.merging(members.compactMapValues { $0 }) { $1 }.filter { members[$0.key] != .some(nil) }
                return try await server.send("POST", "start_upload", .object(body))
            }
            for key in ["", "short", CoverServer.otherKey] {
                let refused = try await server.send("POST", "create_upload_session", .object(good), key: key)
                #expect(refused.status == 401)
                #expect(try refused.json == ["detail": "Invalid API key"])
            }
            for name in ["file_name", "file_size", "content_type", "model"] {
                let missing = try await reply([name: .some(nil)])
                #expect(missing.status == 422)
                #expect(try missing.json["detail"]?.array?.first?["loc"] == ["body", .string(name)])
            }
            let plates = try await reply(["model_config": ["enable_lp": true]])
            #expect(plates.status == 400)
            #expect(
                try plates.json
                    == ["detail": "enable_lp is not available: no licence plate model is installed"])
            #expect(try await reply(["model_config": ["lp_track": true, "lp_threshold": 0.1]]).status == 200)
            for wrong: JSONValue in [
                ["blur_threshold": 1.1], ["blur_threshold": "0.5"], ["blur_face": 1], ["unknown": true], [1],
            ] {
                #expect(try await reply(["model_config": wrong]).status == 422)
            }
            #expect(try await reply(["model": "syn"]).status == 400)
            #expect(try await reply(["model": "other"]).status == 422)
            #expect(try await reply(["file_size": 4_294_967_297]).status == 400)
            #expect(try await reply(["file_size": 4_294_967_296]).status == 200)
            #expect(try await reply(["file_size": 1.5]).status == 422)
            #expect(try await reply(["file_name": "a.exe"]).status == 400)
            #expect(try await reply(["file_name": "a\u{07}.mp4"]).status == 400)
            #expect(try await reply(["file_name": "/"]).status == 400)
            #expect(try await server.send("GET", "nothing").json == ["detail": "Not Found"])
            #expect(try await server.send("GET", "create_upload_session").status == 405)
        }
        try await withCoverServer(isWorking: false, findsFaces: false) { server in
            let reply = try await server.send(
                "PUT", "direct_upload/a.bmp?model=blur", headers: ["Content-Length": "0"])
            #expect(reply.status == 400)
            let bodies = try await server.send(
                "PUT", "direct_upload/a.bmp?model=blur&blur_face=false&blur_body=true",
                headers: ["Content-Length": "0"])
            #expect(bodies.status == 307)
        }
    }

    /// With a mark that combines with it a separator is one character of another look.
    @Test(arguments: ["../\u{301}a.mp4", "..\\\u{301}a.mp4", "C:\\/\u{301}a.mp4"])
    func aFileIsCalledByTheLastPartOfItsPath(path: String) throws {
        let request = try UploadBody.request(name: path, query: [("model", "blur")], findsFaces: true)
        #expect(request.fileName == "\u{301}a.mp4")
    }

    @Test(.timeLimit(.minutes(30))) func theDataPlaneSpeaksTheWordsOfBlockBlobs() async throws {
        try await withCoverServer(isWorking: false) { server in
            let (id, link) = try await server.begin(["file_size": 8])
            func block(_ name: String, _ bytes: [UInt8], headers: [String: String] = [:]) async throws -> [String?] {
                let reply = try await server.put("\(link)&comp=block&blockid=\(name)", bytes, headers: headers)
                return server.error(reply)
            }
            // Of both alphabets, with and without percent signs, the same id is the same block.
            #expect(try await block("-_8BAA==", [1, 1]) == ["201", nil])
            #expect(try await block("%2B%2F8BAA%3D%3D", [2, 2]) == ["201", nil])
            #expect(
                try await block("AAAAAQ==", [3, 3], headers: ["Content-MD5": "rCv+5ouRghWNHFurR+/9ZQ=="]) == [
                    "201", nil,
                ])
            #expect(try await block("AAAA", [3]) == ["400", "InvalidBlobOrBlock"])
            #expect(try await block("?", [3]) == ["400", "InvalidQueryParameterValue"])
            #expect(try await block("AA=A", [3]) == ["400", "InvalidQueryParameterValue"])
            let long = Data(repeating: 0, count: 65).base64EncodedString()
            #expect(try await block(long, [3]) == ["400", "OutOfRangeInput"])
            #expect(try await block("AAAAAg==", [1, 2, 3, 4, 5]) == ["413", "RequestBodyTooLarge"])
            #expect(try await block("AAAAAg==", [9], headers: ["Content-MD5": "AAAA"]) == ["400", "Md5Mismatch"])
            let chunked = try await server.listener.send(
                "PUT", "\(link)&comp=block&blockid=AAAAAg==", headers: ["Transfer-Encoding": "chunked"])
            #expect(chunked.status == 411)
            let listed = try await server.listener.send("GET", "\(link)&comp=blocklist&blocklisttype=all")
            #expect(
                String(decoding: listed.body, as: UTF8.self).hasSuffix(
                    "<UncommittedBlocks><Block><Name>AAAAAQ==</Name><Size>2</Size></Block><Block><Name>+/8BAA==</Name><Size>2</Size></Block></UncommittedBlocks></BlockList>"
                ))
            func commit(_ xml: String) async throws -> [String?] {
                server.error(try await server.put("\(link)&comp=blocklist", Array(xml.utf8)))
            }
            #expect(
                try await commit("<BlockList><Latest>AAAAAA==</Latest></BlockList>") == ["400", "InvalidBlockList"])
            #expect(try await commit("<BlockList><Latest>") == ["400", "InvalidXmlDocument"])
            #expect(try await server.send("POST", "approve_job/\(id)").status == 302)
            #expect(
                try await commit(
                    "<?xml version=\"1.0\"?>\n<BlockList>\n<Latest>AAAAAQ==</Latest> <Uncommitted>-_8BAA==</Uncommitted></BlockList>"
                ) == ["201", nil])
            let objects = try await server.store.store.objects(ofJob: UUID(uuidString: id)!)
            #expect(objects.map { $0.meta["Name"] } == ["upload"])
            #expect(try await server.store.store.bytes(0..<4, of: objects[0]) == [3, 3, 2, 2])

            let (_, whole) = try await server.begin(["file_size": 8])
            #expect(server.error(try await server.put(whole, [1])) == ["400", "MissingRequiredHeader"])
            let page = try await server.put(whole, [1], headers: ["x-ms-blob-type": "PageBlob"])
            #expect(server.error(page) == ["400", "InvalidHeaderValue"])
            let large = try await server.put(
                whole, [UInt8](repeating: 1, count: 9), headers: ["x-ms-blob-type": "BlockBlob"])
            #expect(server.error(large) == ["413", "RequestBodyTooLarge"])
            let (_, empty) = try await server.begin(["file_size": 1000])
            let sent = try await server.put(
                empty, [UInt8](repeating: 7, count: 1000), headers: ["x-ms-blob-type": "BlockBlob"])
            #expect(sent.headers["content-md5"] == "60/BsgsCAiW+v9SGhtklFw==")
            let altered = try await server.put(whole.replacing("sp=w", with: "sp=rw"), [1])
            #expect(server.error(altered) == ["403", "AuthenticationFailed"])
            let read = try await server.listener.send("GET", whole)
            #expect(server.error(read) == ["403", "AuthorizationPermissionMismatch"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func aCancelledJobIsOverAndNothingOfItIsLeft() async throws {
        try await withCoverServer(isWorking: false) { server in
            let (id, link) = try await server.begin()
            #expect(try await server.put("\(link)&comp=block&blockid=AAAA", [1]).status == 201)
            #expect(try await server.send("DELETE", "job/\(id)").status == 409)
            #expect(try await server.send("POST", "cancel_job/\(id)").json == ["message": "Job cancelled"])
            let report = try await server.end(of: id)
            #expect(report["job_status"] == 200 && report["job_status_description"] == "Job cancelled")
            #expect(try await server.store.store.objects(ofJob: UUID(uuidString: id)!).isEmpty)
            #expect(try await server.send("POST", "cancel_job/\(id)").status == 409)
            #expect(try await server.send("POST", "cancel_task/\(id)-0").status == 404)
            #expect(try await server.approve(id) == 202)
        }
    }

    @Test func aKeyHasSoManyCallsInASecond() {
        let rate = CallRate(limit: 2), now = ContinuousClock.now
        #expect(rate.admits("a", at: now) && rate.admits("a", at: now) && rate.admits("b", at: now))
        #expect(!rate.admits("a", at: now))
        #expect(rate.admits("a", at: now + .seconds(1)))
    }
}
