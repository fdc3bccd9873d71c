import Analytics
import DoorSupport
import Foundation
import JSON
import Logging
import Pipeline
import Records
import Scene
import Store
import Streams
import Testing

@testable import API

/// A stream that hides people: nothing of them is answered, sent or written, whoever asks for what.
///
/// Each person of the footage carries a pattern of fine saturated squares that nothing else has, and whatever hides it leaves grey or black:
/// so a picture with a saturated pixel is one that shows somebody.
struct PrivacyTests {
    struct Hiding: Sendable, CustomTestStringConvertible {
        let privacy: Privacy?
        /// Of one analytic alone.
        var own: Privacy?
        /// Whether people are found in a region of the frame only, where all analytics look.
        var isInRegion = false
        var testDescription: String {
            "\(privacy.map { "\($0.mode) by \($0.methodInForce)" } ?? "nothing") \(own == nil ? "" : "and more")"
                + (isInRegion ? "in a region" : "")
        }
    }
    static let hidings = [
        Hiding(privacy: nil), Hiding(privacy: Privacy(.faces)), Hiding(privacy: Privacy(.faces, by: .mosaic)),
        Hiding(privacy: Privacy(.faces, by: .mask)), Hiding(privacy: Privacy(.people)),
        Hiding(privacy: Privacy(.people, by: .mosaic)), Hiding(privacy: Privacy(.people, by: .mask)),
        Hiding(privacy: Privacy(.countsOnly)), Hiding(privacy: Privacy(.faces), own: Privacy(.countsOnly)),
        Hiding(privacy: Privacy(.faces), isInRegion: true), Hiding(privacy: Privacy(.people), isInRegion: true),
    ]

    @Test(.timeLimit(.minutes(30)), arguments: hidings)
    func nobodyIsShownByWhateverIsAnsweredOrWritten(hiding: Hiding) async throws {
        let catalogue = try Self.catalogue()
        try await withServer(analytics: catalogue, keepsEvents: true) { server in
            let showsHeads = hiding.privacy?.mode == .faces
            let clip = try Patterned(size: showsHeads ? (20, 24) : (40, 120))
            let created = try await server.send("POST", "/6/streams", Self.body(clip.name, hiding))
            let id = try #require(try created.json["stream_id"]?.string)
            let stream = try #require(UUID(wire: id))
            try await Self.process(
                stream, on: server,
                Workshop(
                    opener: clip.opener, models: PatternShelf(showsHeads: showsHeads, isInParts: hiding.isInRegion),
                    catalogue: catalogue))

            let found = try await Self.answers(of: server, stream)
            let written = try Self.files(below: server.directory)
            let pictures = found.flatMap(\.pictures) + written.flatMap(\.pictures)
            let answering = Set(found.filter { !$0.pictures.isEmpty }.map(\.name))
            switch hiding.privacy?.mode {
            case .countsOnly: #expect(pictures.isEmpty, "\(answering)")
            case nil, .faces, .people:
                // The walk finds what there is to be found.
                #expect(Self.picturesOfStreams.subtracting(answering) == [])
                #expect(written.contains { !$0.pictures.isEmpty })
            }
            var judged: [Data: Bool] = [:]
            for answer in found + written {
                for picture in answer.pictures {
                    let shows = try judged[picture] ?? Self.showsPattern(picture)
                    judged[picture] = shows
                    if hiding.privacy == nil, shows { return }  // what is looked for can be found
                    #expect(!shows, "\(answer.name) shows somebody")
                }
            }
            #expect(hiding.privacy != nil, "no picture shows the pattern, so nothing was proved")
            let events = try await server.send("GET", "/6/general/events").json["events"]?.array ?? []
            #expect(!events.isEmpty)
        }
    }

    /// Operations that answer with pictures of streams.
    private static let picturesOfStreams: Set = [
        "GET /6/images/{image_id}", "GET /6/samples/bodies/{sample_id}", "GET /6/samples/faces/{sample_id}",
    ]
    /// Operations that answer with pictures or bytes by the document, which the walk above asks but for the one that answers with what
    /// its caller sends, and those of streams that run (`ViewPrivacyTests`); a new one is to be thought of.
    private static let operationsWithBytes: Set = [
        "GET /6/images/{image_id}", "GET /6/objects/{object_id}", "GET /6/samples/bodies/{sample_id}",
        "GET /6/samples/faces/{sample_id}", "GET /6/samples/{sample_id}", "GET /5/samples/{sample_id}",
        "POST /6/sdk", "POST /6/iso", "POST /6/videosdk", "GET /6/streams/{stream_id}/preview.jpg",
        // What a job made of what its caller sent.
        "GET /6/jobs/{job_id}/result",
        // Descriptors that clients brought, or that were taken from samples, in MessagePack.
        "GET /6/attributes", "GET /6/attributes/{attribute_id}", "GET /6/faces/{face_id}/attributes",
        "POST /6/matcher/faces", "POST /6/matcher/bodies", "POST /6/matcher/raw",
        "POST /6/verifiers/{verifier_id}/raw",
    ]

    @Test func whatAnswersWithBytesByTheDocumentIsWalkedThrough() throws {
        let text = try String(contentsOf: TestServer.documentFolder.appending(path: "openapi.yaml"), encoding: .utf8)
        var path = "", operation = "", isAnswer = false
        var found: Set<String> = []
        for line in text.split(separator: "\n").prefix(while: { $0 != "components:" }) {
            if let match = line.wholeMatch(of: /\ \ (\/\S*):/) { (path, isAnswer) = (String(match.output.1), false) }
            if let match = line.wholeMatch(of: /\ \ \ \ ([a-z]+):/) {
                (operation, isAnswer) = ("\(match.output.1.uppercased()) \(path)", false)
            }
            if line.hasPrefix("      responses:") { isAnswer = true }
            if isAnswer, line.contains(/image\/|video\/|multipart\/|octet-stream|format: binary|"\*\/\*"/) {
                found.insert(operation)
            }
        }
        #expect(found.filter { !$0.hasPrefix("HEAD ") } == Self.operationsWithBytes)
    }

    @Test func aStreamTellsItsPrivacyAndAnAnalyticMayOnlyHideMore() async throws {
        try await withServer(analytics: try Self.catalogue()) { server in
            func send(_ hiding: Hiding) async throws -> Reply {
                try await server.send("POST", "/6/streams", Self.body("a.mp4", hiding))
            }
            for privacy in [Privacy(.faces), Privacy(.people, by: .mosaic), Privacy(.countsOnly)] {
                let created = try await send(Hiding(privacy: privacy, own: Privacy(.countsOnly)))
                let id = try #require(try created.json["stream_id"]?.string)
                let path = "/6/streams/\(id)"
                #expect(try await server.send("GET", path).json["privacy"] == privacy.wire)
                #expect(try await server.send("PUT", path, Self.body("a.mp4", Hiding(privacy: nil))).status == 200)
                #expect(try await server.send("GET", path).json.object?.keys.contains("privacy") == false)
            }
            try await send(Hiding(privacy: Privacy(.people, by: .mask), own: Privacy(.faces))).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'analytics.2.parameters.parameters.privacy', message: "
                    + "'An analytic may only hide more than its stream, whose privacy is 'people' by 'mask''")
            let milder = Hiding(privacy: Privacy(.people, by: .mask), own: Privacy(.people, by: .blur))
            #expect(try await send(milder).status == 400)
        }
    }

    // MARK: The stream

    static func catalogue() throws -> AnalyticCatalogue {
        let home = TestServer.documentFolder.deletingLastPathComponent()
        return try AnalyticCatalogue(
            directory: home.appending(path: "analytics"), abilities: Abilities(findsFaces: true))
    }

    private static func body(_ reference: String, _ hiding: Hiding) -> JSONValue {
        func parameters(_ type: String, _ size: Int64) -> [String: JSONValue] {
            var own: [String: JSONValue] = [
                "rate": ["unit": "frame", "period": 1], "probe_count": 1,
                "image_retain_policy": ["mimetype": .string(type), "max_size": .integer(size)],
            ]
            if hiding.isInRegion { own["roi"] = ["mode": "percent", "x": 1, "y": 0, "width": 99, "height": 100] }
            return own
        }
        func people(_ detector: String, _ targets: [JSONValue], _ type: String, _ size: Int64) -> JSONValue {
            var own = parameters(type, size)
            own["tracking"] = ["detector_type": .string(detector)]
            let angles: JSONValue = ["head_yaw": 90, "head_pitch": 90, "head_roll": 90]
            own["face_samples"] = ["filters": angles]
            return [
                "analytic_name": "human_tracking",
                "parameters": ["targets": .array(["overview"] + targets), "parameters": .object(own)],
            ]
        }
        let faces: [JSONValue] = ["aggregated_face_samples", "aggregated_face_thumbnail", "ags", "warp_quality"]
        let bodies: [JSONValue] = ["aggregated_body_samples", "aggregated_body_thumbnail"]
        var counting = parameters("JPEG", 0)
        counting["privacy"] = hiding.own?.wire
        var body: [String: JSONValue] = [
            "data": ["type": "videofile", "reference": .string(reference)],
            "analytics": [
                people("human", faces + bodies, "PNG", 0), people("body", bodies, "JPEG", 200),
                [
                    "analytic_name": "people_count",
                    "parameters": [
                        "targets": ["overview"], "parameters": .object(counting),
                        "callbacks": [
                            ["type": "http", "url": "http://example.org/events"], ["type": "luna-ws-notification"],
                        ],
                    ],
                ],
                people("face", faces, "JPEG", 0),
            ],
        ]
        body["privacy"] = hiding.privacy?.wire
        return .object(body)
    }

    /// Supervises the server's streams until that one is done.
    private static func process(_ stream: UUID, on server: TestServer, _ workshop: Workshop) async throws {
        let supervisor = StreamSupervisor(
            ledger: server.store, changes: server.store.changes, workshop: workshop, hub: server.hub,
            configuration: SupervisorConfiguration(), logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            var status = StreamStatus.pending
            while ![.done, .failure].contains(status) {
                try await Task.sleep(for: .milliseconds(20))
                status = try #require(try await server.store.stream(id: stream, account: nil)).status
            }
            let ended = try #require(try await server.store.stream(id: stream, account: nil))
            #expect(ended.status == .done, "\(ended.lastError ?? "")")
            supervisor.shutDown()
            try await group.waitForAll()
        }
    }

    // MARK: What is looked through

    private struct Answer {
        let name: String
        let pictures: [Data]
    }

    /// What each operation answers that reads something, with every id that there is.
    private static func answers(of server: TestServer, _ stream: UUID) async throws -> [Answer] {
        let events = try await server.store.events(account: server.user.id).map { $0.event.id.wire }
        let deliveries = try await server.send("GET", "/6/deliveries").json["deliveries"]?.array ?? []
        let files = try Self.names(below: server.directory.appending(path: "objects"))
        let objects = files.compactMap { UUID(uuidString: $0)?.wire }
        let job = try await server.store.insert(
            JobDraft(accountID: server.user.id, kind: .cameraTrap, items: [JobItemDraft(name: "a.jpg")]))
        let values: [String: [String]] = [
            "stream_id": [stream.wire], "event_id": Array(Set(events)), "image_id": objects, "sample_id": objects,
            "object_id": objects, "handler_id": [BuiltInHandler.id(of: server.user.id).wire],
            "analytic_id": [UUID().wire], "group_id": [UUID().wire], "token_id": [UUID().wire],
            "job_id": [job.id.wire], "delivery_id": deliveries.compactMap { $0["delivery_id"]?.string },
            // No stream makes any.
            "face_id": [UUID().wire], "list_id": [UUID().wire], "attribute_id": [UUID().wire],
            "verifier_id": [UUID().wire],
            // There are none.
            "lambda_id": [UUID().wire],
        ]
        var answers: [Answer] = []
        for operation in server.operations where operation.hasPrefix("GET ") && !isFeed(operation) {
            var paths = [String(operation.dropFirst(4))]
            while let match = paths.first?.firstMatch(of: /\{([^}]*)\}/) {
                guard let values = values[String(match.output.1)] else {
                    Issue.record("\(operation): say above what ids of this kind there are")
                    break
                }
                paths = paths.flatMap { path in values.map { path.replacing(match.output.0, with: $0) } }
            }
            for path in paths {
                let reply = try await server.send("GET", path)
                answers.append(Answer(name: operation, pictures: pictures(in: reply.body)))
            }
        }
        return answers
    }

    /// Those that tell for ever: of events, in the words in which these are listed.
    private static func isFeed(_ operation: String) -> Bool {
        ["/ws", "/sse", "/live"].contains { operation.hasSuffix($0) }
    }
    private static func names(below folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).map { URL(filePath: $0).lastPathComponent }
    }
    private static func files(below folder: URL) throws -> [Answer] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).compactMap { path in
            guard let bytes = try? Data(contentsOf: folder.appending(path: path)) else { return nil }
            return Answer(name: "the file \(path)", pictures: pictures(in: bytes))
        }
    }

    /// Every JPEG and PNG in `bytes`, as it is or as base64.
    static func pictures(in bytes: Data) -> [Data] {
        let marks = [Data([0xff, 0xd8, 0xff]), Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a])]
        var pictures = marks.flatMap { mark in places(of: mark, in: bytes).map { bytes[$0...] } }
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for mark in ["/9j/", "iVBORw0KGgo"] {
            for place in places(of: Data(mark.utf8), in: bytes) {
                let text = bytes[place...].prefix { letters.contains($0) }
                if let picture = Data(base64Encoded: text.prefix(text.count / 4 * 4)) { pictures.append(picture) }
            }
        }
        return pictures.map { Data($0) }
    }
    private static func places(of mark: Data, in bytes: Data) -> [Int] {
        var places: [Int] = [], start = bytes.startIndex
        while let range = bytes.range(of: mark, in: start..<bytes.endIndex) {
            places.append(range.lowerBound)
            start = range.upperBound
        }
        return places
    }

    static func showsPattern(_ picture: Data) throws -> Bool {
        // What only begins like a picture is none.
        guard let pixels = try PatternFolder().pixels(of: picture) else { return false }
        return stride(from: 0, to: pixels.count - 2, by: 3).contains { place in
            let (red, green) = (Int(pixels[place]), Int(pixels[place + 1]))
            return abs(red - green) > 90
        }
    }
}
