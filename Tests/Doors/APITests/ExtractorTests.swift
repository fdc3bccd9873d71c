import DoorSupport
import Foundation
import Frames
import Inference
import JSON
import Recognition
import Records
import Scene
import Store
import Synchronization
import TestSupport
import Testing

@testable import API

/// `/6/extractor`, over HTTP. What faces look like is a script's.
struct ExtractorTests {
    /// Says these, one after the other, whatever it is shown, and then nothing.
    final class Script: FaceDescriber, DescriberShelf {
        private let rest: Mutex<[Descriptor?]>
        let looks = Mutex<[(size: PixelSize, region: PixelRect)]>([])
        init(_ descriptors: [Descriptor?]) { rest = Mutex(descriptors) }
        func describer() -> LoadedDescriber { LoadedDescriber(describer: self) }
        func describe(_ frame: Frame, region: PixelRect, urgency: Urgency) -> Descriptor? {
            looks.withLock { $0.append((frame.size, region)) }
            return rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }
    private static func looker(_ script: Script?, estimators: ScriptedEstimators? = nil) -> PictureLooker {
        PictureLooker(models: Sights(), findsFaces: true, describers: script, estimators: estimators)
    }
    private static func sample(_ server: TestServer, _ account: Account? = nil, size: String = "250x250") async throws
        -> JSONValue
    {
        var headers = TestServer.basic(account ?? server.user)
        headers["Content-Type"] = "image/png"
        let body = try ImageTests.picture("image/png", size: size)
        let path = size == "250x250" ? "/6/samples/faces" : "/6/samples/bodies"
        let reply = try await server.sendRaw("POST", path, headers: headers, body: body)
        return try #require(try reply.json["sample_id"])
    }

    @Test(arguments: [(APISettings.Recognition.on, true, true), (.on, false, false), (.off, true, false)])
    func theFeaturesSayWhetherDescriptorsAreMade(
        recognition: APISettings.Recognition, hasModel: Bool, expected: Bool
    ) async throws {
        let looker = Self.looker(hasModel ? Script([]) : nil)
        try await withServer({ $0.recognition = recognition }, looker: looker) { server in
            let features = try await server.send("GET", "/6/features").json
            #expect(features["components"]?["faces"] == .bool(recognition == .on))
            #expect(features["components"]?["face_descriptors"] == .bool(expected))
        }
    }

    @Test func eachSampleBecomesAnAttribute() async throws {
        let descriptors = [Descriptor.random(), Descriptor.random()], script = Script(descriptors)
        try await withServer(looker: Self.looker(script)) { server in
            let samples = [try await Self.sample(server), try await Self.sample(server)]
            let reply = try await server.send("POST", "/6/extractor?ttl=60", .array(samples))
            #expect(reply.status == 201)
            let told = try #require(try reply.json.array)
            #expect(told.count == 2)
            for (index, one) in told.enumerated() {
                let id = try #require(one["attribute_id"]?.string), path = "/6/attributes/\(id)"
                #expect(one["samples"] == [samples[index]] && one["url"]?.string == path)
                #expect(one["external_url"]?.string?.hasSuffix(path) == true)
                #expect((0...1).contains(one["score"]?.double ?? -1))
                #expect(one["filter"] == ["is_filtered": false, "filter_reasons": []])
                let attribute = try await server.send("GET", path).json
                #expect(attribute["face_descriptor"] == descriptors[index].rawWire)
                #expect(attribute["face_descriptor_samples"] == [samples[index]])
                #expect(attribute["basic_attributes"] == .null)
                let kept = try await server.store.attribute(id: try #require(UUID(wire: id)), account: nil)
                #expect(kept.map { $0.expiry.timeIntervalSince($0.createTime) } == 60)
            }
            #expect(script.looks.withLock { $0.map(\.region) } == [FaceWarp.templateRegion, FaceWarp.templateRegion])
            #expect(script.looks.withLock { $0[0].size } == PixelSize(width: 250, height: 250))
        }
    }

    @Test func samplesOfOnePersonMayBecomeOne() async throws {
        let descriptors = [Descriptor.random(), Descriptor.random()]
        try await withServer(looker: Self.looker(Script(descriptors))) { server in
            let samples: JSONValue = [try await Self.sample(server), try await Self.sample(server)]
            let told = try #require(
                try await server.send("POST", "/6/extractor?aggregate_attributes=1", samples).json.array)
            #expect(told.count == 1 && told[0]["samples"] == samples)
            let id = try #require(told[0]["attribute_id"]?.string.flatMap { UUID(wire: $0) })
            let features = try #require(try await server.store.attribute(id: id, account: nil)).features
            // Both samples are equally good.
            let mean = try #require(Descriptor.mean(of: descriptors.map { ($0, 1) }))
            #expect(try #require(features.descriptor).cosine(to: mean) > 0.999999)
            #expect(features.descriptorSamples.count == 2)
        }
    }

    @Test func ofASampleThatIsNotGoodEnoughNothingIsKept() async throws {
        try await withServer(looker: Self.looker(Script([.random()]))) { server in
            let sample = try await Self.sample(server)
            let one = try #require(
                try await server.send("POST", "/6/extractor?score_threshold=1", [sample]).json.array?.first)
            let score = try #require(one["score"]?.double)
            #expect(score < 1)
            for name in ["attribute_id", "url", "external_url"] { #expect(one[name] == .null) }
            let filter = try #require(one["filter"]), reason = try #require(filter["filter_reasons"]?.array?.first)
            #expect(filter["is_filtered"] == true && filter["filter_reasons"]?.array?.count == 1)
            #expect(reason["filter_name"] == "score_threshold" && reason["threshold_value"] == 1)
            // As all reasons are, to four places.
            #expect(abs(try #require(reason["object_value"]?.double) - score) < 1e-4)
            #expect(try await server.store.attributes(Filter()).isEmpty)
        }
    }

    @Test func ageAndGenderAreExtractedWithOrWithoutADescriptor() async throws {
        let looker = Self.looker(Script([.random()]), estimators: try Sights.estimators())
        try await withServer(looker: looker) { server in
            let samples: JSONValue = [try await Self.sample(server)]
            for (query, hasDescriptor) in [
                ("extract_basic_attributes=1", true), ("extract_basic_attributes=1&extract_descriptor=0", false),
            ] {
                let reply = try await server.send("POST", "/6/extractor?\(query)", samples)
                let one = try #require(try reply.json.array?.first)
                #expect(one["basic_attributes"] == ["age": 40, "gender": 0, "ethnicities": .null])
                #expect((one["score"] != nil) == hasDescriptor)
                let attribute = try await server.send("GET", try #require(one["url"]?.string)).json
                #expect(attribute["basic_attributes"] == ["age": 40, "gender": 0, "ethnicity": .null])
                #expect(attribute["basic_attributes_samples"] == samples)
                #expect((attribute["face_descriptor"] == .null) == !hasDescriptor)
                #expect(attribute["face_descriptor_samples"] == (hasDescriptor ? samples : []))
            }
        }
    }

    @Test func ofAFaceThatShowsTooLittleNoAgeIsExtracted() async throws {
        let nobody = EstimatorCard.Gate(height: 0, sharpness: 1.01, yaw: 180, pitch: 180)
        let looker = Self.looker(nil, estimators: try Sights.estimators(gate: nobody))
        try await withServer(looker: looker) { server in
            let samples: JSONValue = [try await Self.sample(server)]
            let reply = try await server.send(
                "POST", "/6/extractor?extract_basic_attributes=1&extract_descriptor=0", samples)
            let one = try #require(try reply.json.array?.first)
            #expect(one["basic_attributes"] == .null && one["attribute_id"] == .null)
            #expect(try await server.store.attributes(Filter()).isEmpty)
        }
    }

    @Test func oneMissingSampleIsAllOfThem() async throws {
        try await withServer(looker: Self.looker(Script([.random(), .random(), .random()]))) { server in
            let own = try await Self.sample(server), theirs = try await Self.sample(server, server.stranger)
            let body = try await Self.sample(server, size: "100x200")
            for missing in [theirs, body, .string(UUID().wire)] {
                try await server.send("POST", "/6/extractor", [own, missing]).expectError(
                    404, 13003, "Object not found", "Image with id '\(missing.string ?? "")' not found")
            }
            #expect(try await server.store.attributes(Filter()).isEmpty)
        }
    }

    @Test func whatCannotBeExtractedIsRefused() async throws {
        try await withServer(looker: Self.looker(Script([]))) { server in
            for (query, code, detail) in [
                ("extract_basic_attributes=1", 11055, "License problem: Basic attributes feature disabled"),
                ("extract_descriptor=0", 12012, "Bad query parameters 'extract_descriptor'"),
                ("score_threshold=2", 12012, "Bad query parameters 'score_threshold'"),
                ("ttl=0", 12012, "Bad query parameters 'ttl'"),
            ] as [(String, JSONValue, JSONValue)] {
                let error = try await server.send("POST", "/6/extractor?\(query)", [.string(UUID().wire)]).json
                #expect(error["error_code"] == code && error["detail"] == detail)
            }
            for (body, message) in [
                ([], "List should have at least 1 item after validation, not 0"),
                (
                    .array(Array(repeating: .string(UUID().wire), count: 9)),
                    "List should have at most 8 items after validation, not 9"
                ), ([:], "Input should be a valid list"),
            ] as [(JSONValue, String)] {
                try await server.send("POST", "/6/extractor", body).expectError(
                    400, 12022, "Bad/incomplete input data",
                    "Failed to validate input json. Path: '', message: '\(message)'")
            }
        }
        try await withServer(looker: Self.looker(nil)) { server in
            try await server.send("POST", "/6/extractor", [.string(UUID().wire)]).expectError(
                403, 11055, "Forbidden", "License problem: Face descriptor feature disabled")
        }
    }
}
