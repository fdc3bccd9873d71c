import ProcessSupport
import Recognition
import KeepSupport
import DoorSupport
import Foundation
import Frames
import Inference
import JSON
import Records
import Scene
import Store
import TestSupport
import Testing

@testable import JobDoors
@testable import Jobs

/// Is never done with a frame of the third segment.
private struct EndlessFinder: ObjectFinder {
    func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        if frame.time.index > 120 { try await Task.sleep(for: .seconds(86_400)) }
        return []
    }
}

/// Videos in which people are made unrecognisable.
struct VideoJobTests {
    /// Eight seconds, 25 frames each, with a tone.
    private static func clip() throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).mp4")
        defer { try? FileManager.default.removeItem(at: file) }
        try ChildProcess.output(
            of: ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=8"]
                + ["-f", "lavfi", "-i", "sine=d=8", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", file.path])
        return Array(try Data(contentsOf: file))
    }
    /// A face that crosses the picture, and is missed for half a second around each full second from the second on.
    private static func finder() -> ScriptedFinder {
        ScriptedFinder { time in
            let place = Float(time.index % 200) / 2
            guard time.index % 25 < 18 else { return [] }
            let box = BoundingBox(minX: 10 + place, minY: 30, maxX: 40 + place, maxY: 70)
            return [Detection(box: box, confidence: 0.9)]
        }
    }
    private static func begin(_ clip: [UInt8], _ name: String, at server: CoverServer) async throws -> String {
        let (id, link) = try await server.begin([
            "file_name": .string(name), "file_size": .integer(Int64(clip.count)),
        ])
        try await server.upload(clip, to: link, block: 1 << 20)
        return id
    }
    private static func result(of id: String, at server: CoverServer) async throws -> (JSONValue, Data) {
        let report = try await server.end(of: id), task = report["tasks"]?.array?.first
        #expect(report["job_status"] == 100, "\(report)")
        let file = try await server.listener.send("GET", CoverServer.path(task?["download_link"]?.string ?? ""))
        return (report, file.body)
    }

    @Test(.timeLimit(.minutes(30)), arguments: ["mp4", "mkv", "ts"])
    func aVideoThatIsCutOffAnywhereComesToTheSameBytes(ending: String) async throws {
        let clip = try Self.clip(), name = "clip.\(ending)"
        try await withCoverServer(isWorking: false, finder: Self.finder()) { server in
            let store = server.store.store
            let whole = try await Self.begin(clip, name, at: server)
            var undisturbed = Data()
            try await server.work {
                #expect(try await server.approve(whole) == 200)
                undisturbed = try await Self.result(of: whole, at: server).1
            }
            let id = try await Self.begin(clip, name, at: server), uuid = UUID(uuidString: id)!
            try await server.work {
                let status = try await server.approve(id)
                #expect(status == 200)
            }
            // Four segments and the end of the first look, and four of the second: cut off behind each but the last.
            for parts in 1...8 {
                try await server.work {
                    while try await store.job(id: uuid)!.state.isFinal == false,
                        try await store.objects(ofJob: uuid).count(where: { $0.meta["Part"] != nil }) < parts
                    { try await Task.sleep(for: .milliseconds(5)) }
                }
            }
            var disturbed = Data()
            try await server.work { disturbed = try await Self.result(of: id, at: server).1 }
            #expect(!undisturbed.isEmpty && disturbed == undisturbed)
            // Nothing is left of the parts.
            for job in [uuid, UUID(uuidString: whole)!] {
                #expect(try await store.objects(ofJob: job).map { $0.meta["Name"] } == ["clip_anonymized.\(ending)"])
            }
        }
    }

    @Test(.timeLimit(.minutes(30))) func aCancelledVideoLeavesNothing() async throws {
        let clip = try Self.clip()
        try await withCoverServer(isWorking: false, finder: EndlessFinder()) { server in
            let store = server.store.store
            let id = try await Self.begin(clip, "clip.mp4", at: server), uuid = UUID(uuidString: id)!
            try await server.work {
                #expect(try await server.approve(id) == 200)
                while try await store.objects(ofJob: uuid).count < 3 { try await Task.sleep(for: .milliseconds(5)) }
                #expect(try await server.send("POST", "cancel_job/\(id)").status == 200)
            }
            #expect(try await store.objects(ofJob: uuid).isEmpty)
        }
    }

    @Test func whatWasFoundIsReadAsItWasWritten() throws {
        var part = FoundPart()
        for index in 0..<3 {
            let found = Detection(
                box: BoundingBox(minX: 0.1, minY: -2, maxX: 1e6, maxY: 4), confidence: 0.3, label: index)
            part.sightings.append(
                .init(
                    time: MediaTime(nanoseconds: -5), size: PixelSize(width: 3, height: 4),
                    found: [[Detection](repeating: found, count: index), []]))
        }
        part.isLast = true
        let bytes = part.bytes
        #expect(FoundPart(bytes) == part && FoundPart(FoundPart().bytes) == FoundPart())
        for count in 1..<bytes.count { #expect(FoundPart(Array(bytes.prefix(count))) != part) }
    }
}
