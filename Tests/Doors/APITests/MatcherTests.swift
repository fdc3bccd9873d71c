import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

@testable import API

extension Descriptor {
    /// So far from another: 0 the same, 1 something else.
    func mixed(_ part: Float, with other: Descriptor = .random()) -> Descriptor {
        Descriptor(zip(values, other.values).map { (1 - part) * $0 + part * $1 })!
    }
    var reference: JSONValue { ["type": "sdk_descriptor", "id": "one", "data": .string(sdkText)] }
}

extension TestServer {
    func makeFace(
        _ descriptor: Descriptor, _ body: [String: JSONValue] = [:], headers: [String: String]? = nil
    ) async throws -> String {
        let attribute: JSONValue = ["attribute": ["face_descriptors": [.string(descriptor.sdkText)]]]
        return try await makeFace(
            .object(body.merging(attribute.object ?? [:]) { own, _ in own }), headers: headers)
    }
    func match(
        _ references: [JSONValue], _ candidates: [JSONValue], headers: [String: String]? = nil
    ) async throws -> Reply {
        try await send(
            "POST", "/6/matcher/faces", ["references": .array(references), "candidates": .array(candidates)],
            headers: headers)
    }
    /// What is told of the first reference and candidates.
    func result(
        _ reference: JSONValue, _ candidates: JSONValue, headers: [String: String]? = nil
    ) async throws -> [JSONValue] {
        let reply = try await match([reference], [candidates], headers: headers)
        #expect(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
        let matches = try reply.json.array?.first?["matches"]?.array
        return try #require(matches?.first?["result"]?.array)
    }
}

extension [JSONValue] {
    /// Of the faces of a result.
    var faceIDs: [String] { compactMap { $0["face"]?["face_id"]?.string } }
}

struct MatcherTests {
    static let faces: JSONValue = ["filters": ["origin": "faces"]]

    @Test func theMostAlikeComeFirst() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            var ids: [String] = []
            for part in [0.8, 0, 0.2, 0.1, 0.5] as [Float] { ids.append(try await server.makeFace(one.mixed(part))) }
            let result = try await server.result(one.reference, Self.faces)
            #expect(result.faceIDs == [ids[1], ids[3], ids[2]])
            #expect(result.first?["similarity"]?.double ?? 0 > 0.999999 && result.first?["face"]?.object?.count == 8)
            let all = try await server.result(one.reference, ["filters": ["origin": "faces"], "limit": 100])
            #expect(all.faceIDs == [ids[1], ids[3], ids[2], ids[4], ids[0]])
            let named = try await server.result(
                one.reference,
                [
                    "filters": ["origin": "faces"], "order": "create_time_desc", "limit": 2, "threshold": 0.9,
                    "targets": ["face_id"],
                ])
            #expect(named.faceIDs == [ids[4], ids[3]] && named.first?["face"]?.object?.count == 1)
        }
    }

    @Test func severalReferencesAreComparedWithSeveralCandidates() async throws {
        try await withServer { server in
            let (one, two) = (Descriptor.random(), Descriptor.random())
            let list = try await server.makeList()
            let first = try await server.makeFace(one, ["external_id": "17", "lists": [.string(list)]])
            let second = try await server.makeFace(two, ["external_id": "17"])
            let attribute = try await server.makeAttribute(["face_descriptors": [two.rawWire]])
            let onList: JSONValue = ["filters": ["origin": "faces", "list_id": .string(list)]]
            let sets: [JSONValue] = [
                onList, ["filters": ["origin": "attributes", "attribute_ids": [.string(attribute)]]],
                ["filters": ["origin": "events"]],
            ]
            let reply = try await server.match(
                [
                    ["type": "face", "id": .string(second)], ["type": "attribute", "id": .string(attribute)],
                    ["type": "face_external_id", "id": "17"],
                    ["type": "raw_descriptor", "id": "raw", "data": one.rawWire],
                ], sets)
            let answer = try #require(try reply.json.array)
            // The external id is that of two faces.
            let kinds = answer.compactMap { $0["reference"]?["type"]?.string }
            #expect(kinds == ["face", "attribute", "face_external_id", "face_external_id", "raw_descriptor"])
            #expect(answer[0]["reference"]?["face_id"]?.string == second && answer[1]["reference"]?["face_id"] == nil)
            #expect(Set(answer[2...3].compactMap { $0["reference"]?["face_id"]?.string }) == [first, second])
            for entry in answer {
                let matches = try #require(entry["matches"]?.array)
                #expect(matches.map { $0["filters"] } == sets.map { $0["filters"] })
                #expect(matches[0]["result"]?.array?.faceIDs == [first] && matches[2]["result"] == [])
                let alike = try #require(matches[1]["result"]?.array?.first)
                #expect(alike["attribute"]?["attribute_id"]?.string == attribute)
                #expect(alike["attribute"]?.object?.count == 3)
            }
            #expect(answer[4]["matches"]?.array?[0]["result"]?.array?[0]["similarity"]?.double ?? 0 > 0.999999)
            #expect(try await server.match([["type": "face", "id": .string(first)]], []).json.array?.count == 1)
        }
    }

    @Test func whoIsNotThereHasAnErrorInPlaceOfMatches() async throws {
        try await withServer { server in
            let missing = UUID().wire
            let rows: [(JSONValue, Int64)] = [
                (["type": "face", "id": .string(missing)], 22002), (["type": "event", "id": .string(missing)], 23001),
                (["type": "attribute", "id": .string(missing)], 22011),
                (["type": "face_external_id", "id": "17"], 11041), (["type": "event_external_id", "id": "17"], 11057),
                (["type": "event_track_id", "id": "17"], 11058),
            ]
            let reply = try await server.match(
                rows.map(\.0) + [Descriptor.random().reference], [Self.faces, ["filters": ["origin": "events"]]])
            let answer = try #require(try reply.json.array)
            for (entry, row) in zip(answer, rows) {
                let matches = try #require(entry["matches"]?.array)
                #expect(matches.count == 2)
                for match in matches { #expect(match["error"]?["error_code"] == .integer(row.1)) }
            }
            #expect(answer.last?["matches"]?.array?.map { $0["result"] } == [[], []])
        }
    }

    @Test func whoHasNoDescriptorIsToldAtOnce() async throws {
        try await withServer { server in
            let face = try await server.makeFace(["external_id": "1"])
            let attribute = try await server.makeAttribute(["basic_attributes": ["age": 33]])
            for (reference, name) in [
                (["type": "face", "id": .string(face)], "Face with id '\(face)'"),
                (["type": "face_external_id", "id": "1"], "Face with id '\(face)'"),
                (["type": "attribute", "id": .string(attribute)], "Attribute with id '\(attribute)'"),
            ] as [(JSONValue, String)] {
                try await server.match([reference], [Self.faces]).expectError(
                    400, 11034, "Bad/incomplete input data", "\(name) has no descriptor")
            }
            let list = UUID().wire
            try await server.match(
                [Descriptor.random().reference], [["filters": ["origin": "faces", "list_id": .string(list)]]]
            ).expectError(400, 22003, "Object not found", "List with id '\(list)' not found")
        }
    }

    @Test func descriptorsThatAreSentAreCompared() async throws {
        try await withServer { server in
            let one = Descriptor.random(), other = Descriptor.random()
            let body: JSONValue = [
                "references": [one.reference],
                "candidates": [
                    ["type": "raw_descriptor", "id": "other", "data": other.rawWire],
                    ["type": "sdk_descriptor", "id": "same", "data": ["sdk_descriptor": .string(one.sdkText)]],
                ],
            ]
            let reply = try await server.send("POST", "/6/matcher/raw", body)
            #expect(reply.status == 201)
            let matches = try #require(try reply.json["matches"]?.array?.first)
            #expect(matches["reference_id"] == "one")
            #expect(matches["matches"]?.array?.compactMap { $0["candidate_id"]?.string } == ["other", "same"])
            #expect(
                matches["matches"]?.array?.compactMap { $0["similarity"]?.double }
                    == [one.similarity(to: other), one.similarity(to: one)])
            let token = try await server.token(["face": ["matching"], "attribute": ["matching"]])
            #expect(try await server.send("POST", "/6/matcher/raw", body, headers: token).status == 403)
        }
    }

    @Test func messagePackIsReadAndAnswered() async throws {
        try await withServer { server in
            let one = Descriptor.random()
            _ = try await server.makeFace(one)
            let body: JSONValue = ["references": [one.reference], "candidates": [Self.faces]]
            var headers = TestServer.basic(server.user)
            (headers["Content-Type"], headers["Accept"]) = ("application/msgpack", "application/msgpack")
            let reply = try await server.sendRaw(
                "POST", "/6/matcher/faces", headers: headers, body: Data(body.messagePack(bytesIn: ["data"])))
            #expect(reply.status == 200 && reply.headers["content-type"] == "application/msgpack")
            #expect(reply.body.contains(Data("similarity".utf8)))
        }
    }

    @Test func ofBodiesNothingIsFound() async throws {
        try await withServer { server in
            let events: JSONValue = [
                "filters": ["origin": "events", "create_time__gte": "now-7d", "tags": ["a"], "gender": nil]
            ]
            let reply = try await server.send(
                "POST", "/6/matcher/bodies",
                ["references": [["type": "event_track_id", "id": "t"]], "candidates": [events]])
            let match = try #require(try reply.json.array?.first?["matches"]?.array?.first)
            #expect(match["error"]?["error_code"] == 11057 && match["filters"] == events["filters"])
            try await server.send(
                "POST", "/6/matcher/bodies",
                [
                    "references": [
                        ["type": "raw_descriptor", "id": "1", "data": ["descriptor": "AA==", "version": 110]]
                    ],
                    "candidates": [events],
                ]
            ).expectError(
                400, 12036, "Bad/incomplete input data",
                "Descriptor version 110 is not supported, there is no network for bodies")
        }
    }

    @Test(
        arguments: [
            (["candidates": []], "references", "Field required"),
            (
                ["references": [], "candidates": []], "references",
                "List should have at least 1 item after validation, not 0"
            ),
            (["references": [["type": "face", "id": "1"]]], "references.0.id", "Input should be a valid UUID"),
            (
                ["references": [["type": "face", "id": "1", "data": "x"]]], "references.0.data",
                "Extra inputs are not permitted"
            ),
            (["references": [["type": "sdk_descriptor", "id": "1"]]], "references.0.data", "Field required"),
            (
                ["references": [["type": "raw_descriptor", "id": "1", "data": ["version": 1001]]]],
                "references.0.data.descriptor", "Field required"
            ),
            (["candidates": [["filters": [:]]]], "candidates.0.filters.origin", "Field required"),
            (
                ["candidates": [["filters": ["origin": "attributes"]]]], "candidates.0.filters.attribute_ids",
                "Field required"
            ),
            (
                ["candidates": [["filters": ["origin": "faces", "event_id": "1"]]]], "candidates.0.filters.event_id",
                "Extra inputs are not permitted"
            ),
            (
                ["candidates": [["filters": ["origin": "faces", "face_ids": []]]]], "candidates.0.filters.face_ids",
                "List should have at least 1 item after validation, not 0"
            ),
            (
                ["candidates": [["filters": ["origin": "events", "meta": ["a__near": 1]]]]],
                "candidates.0.filters.meta.a__near", "Input should be a place with an operator that fits its value"
            ),
            (
                ["candidates": [["filters": ["origin": "faces"], "limit": 101]]], "candidates.0.limit",
                "Input should be less than or equal to 100"
            ),
            (
                ["candidates": [["filters": ["origin": "faces"], "threshold": -0.1]]], "candidates.0.threshold",
                "Input should be greater than or equal to 0"
            ),
        ] as [(JSONValue, String, String)])
    func aBadBodyNamesItsPath(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            var members = body.object ?? [:]
            if members["candidates"] == nil { members["candidates"] = [Self.faces] }
            if members["references"] == nil, path != "references" {
                members["references"] = [Descriptor.random().reference]
            }
            try await server.send("POST", "/6/matcher/faces", .object(members)).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func whatIsNoDescriptorOrTargetSaysSo() async throws {
        try await withServer { server in
            func data(_ type: String, _ data: JSONValue) -> JSONValue {
                ["type": .string(type), "id": "1", "data": data]
            }
            let ages: JSONValue = ["filters": ["origin": "faces"], "targets": ["age"]]
            for (reference, candidates, code) in [
                (data("xpk_file", "AA=="), Self.faces, 12035), (data("sdk_descriptor", "AA=="), Self.faces, 12038),
                (data("raw_descriptor", ["descriptor": "?", "version": 1001]), Self.faces, 18001),
                (data("raw_descriptor", ["descriptor": "AA==", "version": 1001]), Self.faces, 12034),
                (data("raw_descriptor", ["descriptor": "AA==", "version": 59]), Self.faces, 12036),
                (Descriptor.random().reference, ages, 22016),
            ] as [(JSONValue, JSONValue, Int64)] {
                let reply = try await server.match([reference], [candidates])
                #expect(reply.status == 400)
                #expect(try reply.json["error_code"] == .integer(code))
            }
        }
    }
}
