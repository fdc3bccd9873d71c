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
import Synchronization
import TestSupport
import Testing

@testable import JobDoors

/// Says of every picture the same: eight classes, of which `castle` is the likeliest.
final class EightThings: ClassifierShelf, Classifier {
    static let names = ["lakeside", "castle", "valley", "barn", "crane", "crane", "pug", "tench"]
    let looks = Mutex(0)
    /// Whether each look lasts until it is cancelled.
    let lasts: Bool
    init(lasts: Bool = false) { self.lasts = lasts }

    func classifier() async throws -> LoadedClassifier {
        LoadedClassifier(classifier: self, taxonomy: Taxonomy(names: Self.names))
    }
    func classify(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Float] {
        looks.withLock { $0 += 1 }
        if lasts { try await Task.sleep(for: .seconds(3600)) }
        return [0.125, 0.5, 0.0625, 0.0625, 0.125, 0.0625, 0.03125, 0.03125]
    }
}

/// Pictures are their names: `broken` is none, `pair` shows two people, `dark` nobody, all others one.
func stillsByName() -> (opener: StillOpener, finder: ScriptedFinder) {
    let latest = Mutex("")
    let opener = StillOpener { bytes, _ in
        let name = String(decoding: bytes, as: UTF8.self)
        guard !name.hasSuffix("broken") else { throw MediaError.notPicture }
        latest.withLock { $0 = name }
        let size = PixelSize(width: 200, height: 100)
        return StillPicture(picture: BlankPicture(size: size), size: size, exif: nil)
    }
    let finder = ScriptedFinder { _ in
        let name = latest.withLock { $0 }
        let people = name.hasSuffix("pair") ? 2 : name.hasSuffix("dark") ? 0 : 1
        return (0..<people).map {
            let x = Float(20 + 60 * $0)
            return Detection(box: BoundingBox(minX: x, minY: 10, maxX: x + 20, maxY: 60), confidence: 0.75)
        }
    }
    return (opener, finder)
}

struct TaggingTests {
    private struct Server: Sendable {
        let listener: RunningListener
        let store: TemporaryStore
        let things: EightThings
        let door: Door
        func process(_ body: JSONValue) async throws -> Reply {
            try await listener.send("POST", "/process", body: Data(body.text.utf8))
        }
    }
    private func withServer(
        account: String? = nil, hasClassifier: Bool = true, output: JobDoorConfiguration.TaggingOutput = .classes,
        failing: (any SourceFailure)? = nil, lasts: Bool = false, _ body: (Server) async throws -> Void
    ) async throws {
        try await inTurn {
            let store = try await TemporaryStore(.sqlite), things = EightThings(lasts: lasts)
            let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
            defer { try? FileManager.default.removeItem(at: folder) }
            let (stills, finder) = stillsByName()
            let looker = PictureLooker(
                models: Models(finder), findsFaces: false, classifiers: hasClassifier ? things : nil)
            let videos = SyntheticOpener { rates in
                SyntheticSource(frameRate: 10, count: failing == nil ? 900 : 0, rates: rates, failure: failing)
            }
            let engine = JobEngine(
                store: store.store, configuration: JobConfiguration(), logger: Logger(label: "test"))
            var configuration = JobDoorConfiguration()
            (configuration.taggingAccount, configuration.taggingOutput) = (account, output)
            let door = buildTaggingDoor(
                configuration, store: store.store, engine: engine,
                tagger: Tagger(looker: looker, stills: stills, videos: videos, folder: folder),
                documents: try JobDocuments(folder: documentFolder))
            let working = Task { try? await engine.run() }
            defer { working.cancel() }
            try await withListener([door]) {
                try await body(Server(listener: $0, store: store, things: things, door: door))
            }
            #expect((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] == [])
        }
    }
    private func document(_ id: String, _ content: String, type: String = "jpeg") -> JSONValue {
        [
            "id": .string(id), "index": "i",
            "source": [
                "content": .string(Data(content.utf8).base64EncodedString()), "file_type": .string(type),
                "file_name": "images.jpeg", "fs": ["uri": "file:///a"], "embedded_depth": 0,
            ],
        ]
    }

    @Test(.timeLimit(.minutes(30))) func eachDocumentIsTreatedOrListedWithItsReason() async throws {
        try await withServer { server in
            let reply = try await server.process([
                "documents": [
                    document("good", "one", type: "JPG"), document("paper", "x", type: "pdf"),
                    document("cut", "broken", type: "png"),
                    ["id": "empty", "source": ["content": .null, "file_type": "gif"]], 7,
                ], "num_labels": 8,
            ])
            let answer = try reply.json
            #expect(reply.status == 200 && answer["status"] == ["code": 200, "message": "Success"])
            #expect(answer["error"] == "" && answer["number_documents_treated"] == 1)
            #expect(answer["number_documents_non_treated"] == 4)
            let unsuitable = JSONValue.string("No Image/Video suitable for tagging analysis ")
            #expect(
                answer["list_id_not_treated"] == [
                    ["paper": "File type not valid"], ["cut": unsuitable], ["empty": unsuitable],
                    ["": "File type not valid"],
                ])
            let data = try #require(answer["data"]?.array), tagged = try #require(data.first?.object)
            #expect(data.count == 1 && Set(tagged.keys) == ["id", "index", "source"])
            #expect(tagged["source"]?["fs"] == ["uri": "file:///a"] && tagged["source"]?["file_type"] == "JPG")
            let tags = try #require(tagged["source"]?["content"]?.array)
            #expect(tags.first == ["label": "castle", "probability": 0.5] && tags.count == 8)
            let falling = tags.compactMap { $0["probability"]?.double }
            #expect(falling == falling.sorted(by: >))
            for key in ["memory_used", "ram_used"] {
                #expect(answer[key]?.string?.wholeMatch(of: /\d+\.\d{1,2}/) != nil)
            }
        }
    }

    @Test(.timeLimit(.minutes(30))) func soManyClassesAreToldAsAreAskedFor() async throws {
        try await withServer { server in
            func count(_ members: [String: JSONValue]) async throws -> Int? {
                let body = JSONValue.object(members.merging(["documents": [document("a", "one")]]) { $1 })
                return try await server.process(body).json["data"]?.array?.first?["source"]?["content"]?.array?.count
            }
            #expect(try await count([:]) == 5)
            #expect(try await count(["num_labels": "3"]) == 3)
            #expect(try await count(["num_labels": ""]) == 5)
            #expect(try await count(["num_labels": "", "num_classes": 2]) == 2)
            #expect(try await count(["num_labels": -4]) == 1)
            #expect(try await count(["num_labels": "99999999999999999999"]) == 8)
            let reply = try await server.process(["documents": [], "num_labels": "many"])
            #expect(reply.status == 500)
            #expect(try reply.json["error"] == "ValueError\nnum_labels is no number")
        }
    }

    @Test(.timeLimit(.minutes(30))) func peopleAreCountedWhereCountsAreAskedFor() async throws {
        func contents(_ answer: JSONValue) -> [JSONValue]? {
            answer["data"]?.array?.compactMap { $0["source"]?["content"] }
        }
        let documents: JSONValue = [document("a", "pair"), document("b", "dark")]
        try await withServer { server in
            let answer = try await server.process(["documents": documents, "prompt": "OD", "num_labels": 1]).json
            #expect(contents(answer) == [[["person": 2]], []])
        }
        try await withServer(hasClassifier: false, output: .counts) { server in
            let answer = try await server.process(["documents": documents]).json
            #expect(contents(answer) == [[["person": 2]], []])
        }
    }

    @Test(.timeLimit(.minutes(30))) func videosAreLookedAtOnceASecondForAMinute() async throws {
        try await withServer { server in
            let answer = try await server.process(["documents": [document("film", "whatever", type: "MOV")]]).json
            let tags = answer["data"]?.array?.first?["source"]?["content"]?.array
            #expect(tags?.first == ["label": "castle", "probability": 0.5])
            #expect(server.things.looks.withLock { $0 } == 60)
        }
        try await withServer(failing: MediaError.notPicture) { server in
            let answer = try await server.process(["documents": [document("film", "whatever", type: "mkv")]]).json
            #expect(
                answer["list_id_not_treated"] == [["film": "No Image/Video suitable for tagging analysis "]])
        }
    }

    @Test(.timeLimit(.minutes(30))) func failuresHaveTheShapeOfAnswers() async throws {
        try await withServer { server in
            func check(_ reply: Reply, _ status: Int, _ error: String) throws {
                let answer = try reply.json
                #expect(reply.status == status)
                #expect(answer["status"] == ["code": .integer(Int64(status)), "message": "Error"])
                #expect(answer["error"]?.string?.hasPrefix(error) == true, "\(answer)")
                #expect(answer["data"] == .some(.null) && answer["list_id_not_treated"] == [])
                #expect(answer["memory_used"] == "" && answer["number_documents_treated"] == 0)
            }
            try check(try await server.process([:]), 500, "TypeError\nExpected a list of Documents")
            try check(try await server.process(["documents": [:]]), 500, "TypeError\nExpected a list of Documents")
            let cut = try await server.listener.send("POST", "/process", body: Data("{".utf8))
            try check(cut, 500, "JSONDecodeError\n")
            let many = JSONValue.array(Array(repeating: [:], count: 1001))
            try check(try await server.process(["documents": many]), 413, "ValueError\n")
            let wide = JSONValue.array(Array(repeating: 0, count: 1_000_000))
            try check(
                try await server.process(["documents": [], "wide": wide]), 413, "ValueError\nMore than 1000000 values")
            let long = try await server.listener.send(
                "POST", "/process", headers: ["Content-Length": "\(257 << 20)"])
            try check(long, 413, "HTTPException\n")
            try check(try await server.listener.send("GET", "/process"), 405, "HTTPException\n")
            try check(try await server.listener.send("GET", "/6/streams"), 404, "HTTPException\n")
        }
        try await withServer(account: "nobody@a.b") { server in
            let status = try await server.process(["documents": []]).status
            #expect(status == 500)
        }
        try await withServer(hasClassifier: false) { server in
            let reply = try await server.process(["documents": [document("a", "one")]])
            #expect(reply.status == 500)
            #expect(try reply.json["error"]?.string?.contains("no model") == true)
        }
    }

    @Test(.timeLimit(.minutes(30))) func workEndsWithItsClient() async throws {
        try await withServer(lasts: true) { server in
            let body: JSONValue = ["documents": [document("a", "one")]]
            func states() async throws -> [JobState] {
                try await server.store.store.jobs(Filter<Job>()).map(\.state)
            }
            try await RawConnection.open(port: server.listener.port) { connection in
                try await connection.write(
                    "POST /process HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.text.utf8.count)\r\n\r\n"
                        + body.text)
                while server.things.looks.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            }
            let start = ContinuousClock.now
            while try await states() == [.running], .now - start < .seconds(5) {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await states() == [.cancelled])
        }
    }

    @Test(.timeLimit(.minutes(30))) func aServerThatStopsWaitsForNoTags() async throws {
        try await withServer(lasts: true) { server in
            async let reply = server.process(["documents": [document("a", "one")]])
            while server.things.looks.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await server.listener.shutDown()
            let told = try await reply
            #expect(told.status == 503)
            #expect(try told.json["error"] == "CancelledError\nService is being stopped")
        }
    }

    /// Whether the client stays was watched, which takes all that it sends.
    @Test(.timeLimit(.minutes(30)), arguments: ["{", #"{"documents": []}"#])
    func theConnectionEndsWithTheAnswer(body: String) async throws {
        try await withServer { server in
            let reply = try await RawConnection.open(port: server.listener.port) { connection in
                try await connection.write(
                    "POST /process HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                return try Reply(await connection.readToEnd())
            }
            #expect([200, 500].contains(reply.status) && reply.headers["connection"] == "close")
        }
    }

    @Test(.timeLimit(.minutes(30))) func theServiceSaysHowItFares() async throws {
        try await withServer { server in
            #expect(try await server.listener.send("GET", "/test").json == ["test endpoint is": "OK"])
            #expect(try await server.listener.send("GET", "/health-check").json == ["message": "OK"])
            #expect(try await server.listener.send("GET", "/openapi.json").json["openapi"] == "3.1.0")
            #expect(try await server.listener.send("GET", "/work/status").json == [:])
            _ = try await server.process(["documents": [document("a", "one")]])
            _ = try await server.process([:])
            let jobs = try #require(try await server.listener.send("GET", "/work/status").json.object)
            #expect(jobs.allSatisfy { $0.value["uid"] == .string($0.key) })
            #expect(jobs.values.allSatisfy { $0["type_job"] == "Image Tagging Model Analysis" })
            let texts = jobs.map { $0.value["status"]?.string?.replacing($0.key, with: "<uid>") ?? "" }
            #expect(texts.sorted() == ["Job <uid> Finished code 200", "Job <uid> Finished code 500"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func theDocumentNamesWhatIsServed() async throws {
        let file = documentFolder.appending(path: "jobs-tagging.json")
        let bytes = try Data(contentsOf: file)
        let paths = try #require(try JSONValue(parsing: bytes)["paths"]?.object)
        let named = paths.flatMap { path, operations in
            (operations.object ?? [:]).keys.map { "\($0.uppercased()) \(path)" }
        }
        try await withServer { server in
            let served = server.door.entries.map { "\($0.method.rawValue) \($0.path)" }
            #expect(Set(named) == Set(served))
            let reply = try await server.listener.send("GET", "/openapi.json")
            #expect(Array(reply.body) == Array(bytes))
        }
    }

    @Test(arguments: [
        ("aGFsbG8=", "hallo"), ("aGFs\r\nbG8", "hallo"), ("data:image/png;base64,aGFsbG8=", "hallo"),
        ("a*G F~sbG8===", "hallo"), ("", ""), ("data:", ""),
    ])
    func base64IsReadAsTheOriginalReadsIt(text: String, expected: String) throws {
        let document = TaggingDocument(value: ["source": ["content": .string(text)]])
        #expect(String(decoding: try #require(document.bytes), as: UTF8.self) == expected)
    }

    @Test func memoryIsOfTheWholeMachine() throws {
        let memory = try #require(MachineMemory("MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable:  6360000 kB\n"))
        #expect(memory.usedPerCent == "20.5" && memory.usedGigabytes == "1.68")
        #expect(MachineMemory("") == nil)
    }
}
