import Foundation
import JSON
import KeepSupport
import Records
import Store
import Testing

/// Descriptors come into being only where somebody asks for them.
@Suite(.timeLimit(.minutes(10))) struct DescriptorFileTests {
    private let data = TemporaryDirectory()

    /// Names of files of the data directory that hold one of some texts, as bytes.
    private func files(holding texts: [Data]) throws -> [String] {
        let files = try #require(FileManager.default.enumerator(at: data.url, includingPropertiesForKeys: nil))
        var found: [String] = []
        for case let file as URL in files where !file.hasDirectoryPath {
            let content = try Data(contentsOf: file)
            if texts.contains(where: { content.range(of: $0) != nil }) { found.append(file.lastPathComponent) }
        }
        return found
    }
    /// A descriptor in each of its forms, from the eighth byte on, so that what stands before it does not matter.
    private static func forms(_ descriptor: Descriptor) -> [Data] {
        [
            Data(descriptor.bytes.dropFirst(8)), Data(Data(descriptor.bytes).base64EncodedString().utf8.dropFirst(16)),
            Data(Data(descriptor.sdkForm).base64EncodedString().utf8.dropFirst(16)),
        ]
    }
    /// How many there are in the database; nobody uses it.
    private func count() async throws -> Int {
        let store = try Store(directory: data.url)
        try await store.loadDescriptors()
        let (faces, events, _) = store.descriptorsInMemory
        let attributes = try await store.attributes(Filter(), at: Date(timeIntervalSince1970: 0))
        try await store.close()
        return faces + events + attributes.count
    }

    @Test func aStreamThatNamesNoHandlerLeavesNone() async throws {
        let clip = try await Footage.shared.clip()
        let daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let analytic: JSONValue = [
            "analytic_name": "human_tracking",
            "parameters": [
                "targets": ["overview", "aggregated_face_samples", "aggregated_body_samples", "ags", "landmarks5"],
                "parameters": ["tracking": ["detector_type": "human"]],
            ],
        ]
        let stream: JSONValue = [
            "data": ["type": "videofile", "reference": .string(clip.path)], "analytics": [analytic],
        ]
        let made = try await daemon.request("POST", "/6/streams", stream)
        let id = try #require(made.1["stream_id"]?.string, "\(made.1.text)")
        #expect(try await daemon.wait(for: id, [2, 4]) == 2)
        #expect(try await daemon.request("GET", "/6/events").1["events"]?.array?.isEmpty == false)
        #expect(try await daemon.text("/metrics", accept: "*/*").contains("\nsightline_matching_events 0.0\n"))
        #expect(await daemon.terminate() == 0)
        #expect(try await count() == 0)
        #expect(try files(holding: [Data("SLFD".utf8), Data("U0xGR".utf8)]) == [])
    }

    @Test(arguments: ["on", "off"]) func withRecognitionOffThereIsNone(recognition: String) async throws {
        let one = Descriptor((0..<Descriptor.count).map { _ in Float.random(in: -1...1) })!
        let text: JSONValue = .string(Data(one.sdkForm).base64EncodedString())
        let features: JSONValue = ["face_descriptors": [text]]
        let daemon = try await RunningDaemon(
            data: data.url, media: data.url, environment: ["SIGHTLINE_RECOGNITION": recognition])
        let handler = BuiltInHandler.id(of: daemon.accountID).wire
        let reference: JSONValue = ["type": "sdk_descriptor", "id": "1", "data": text]
        for (path, body) in [
            ("/6/faces", ["attribute": features]), ("/6/attributes", features),
            ("/6/handlers/\(handler)/events/raw", ["face_attributes": ["descriptor": text]]),
            ("/6/matcher/faces", ["references": [reference], "candidates": [["filters": ["origin": "faces"]]]]),
        ] as [(String, JSONValue)] {
            let reply = try await daemon.request("POST", path, body)
            #expect(recognition == "on" ? reply.0 < 300 : reply.1["error_code"] == 11055, "\(path): \(reply)")
        }
        #expect(await daemon.terminate() == 0)
        #expect(try await count() == (recognition == "on" ? 3 : 0))
        let held = try files(holding: Self.forms(one))
        #expect(recognition == "on" ? held.contains(Store.fileName) : held.isEmpty)
    }
}
