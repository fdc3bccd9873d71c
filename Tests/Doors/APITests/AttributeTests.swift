import DoorSupport
import Foundation
import HTTPEdge
import JSON
import Records
import Store
import Testing

@testable import API

struct AttributeTests {
    private let descriptor = Descriptor.random()
    private static let sample = "557d54ec-29ad-4f3c-93b4-c9092ef12515"

    /// The forms in which a descriptor may be sent.
    private var forms: [JSONValue] {
        [.string(descriptor.sdkText), ["sdk_descriptor": .string(descriptor.sdkText)], descriptor.rawWire]
    }

    @Test func aDescriptorComesInAnyFormAndGoesOutInTheOneAskedFor() async throws {
        try await withServer { server in
            for form in forms {
                let id = try await server.makeAttribute(["face_descriptors": [form]])
                let path = "/6/attributes/\(id)"
                let raw = try await server.send("GET", path).json
                #expect(raw["face_descriptor"] == descriptor.rawWire)
                #expect(raw["attribute_id"] == .string(id) && raw["account_id"] == .string(server.user.id.wire))
                #expect(raw["basic_attributes"] == .null && raw["face_descriptor_samples"] == [])
                #expect(Set(raw.object!.keys).count == 7)
                let sdk = try await server.send("GET", path + "?descriptor_format=sdk&targets=face_descriptor").json
                #expect(sdk == ["face_descriptor": ["sdk_descriptor": .string(descriptor.sdkText)]])
                let none = try await server.send("GET", path + "?descriptor_version=59").json
                #expect(none["face_descriptor"] == .null)
            }
        }
    }

    @Test func messagePackHasBytesInsteadOfBase64() async throws {
        try await withServer { server in
            // A map of one: the list of one: bytes.
            let form = descriptor.sdkForm
            var body: [UInt8] = [0x81, 0xb0] + Array("face_descriptors".utf8)
            body += [0x91, 0xc5, UInt8(form.count >> 8), UInt8(form.count & 255)] + form
            let made = try await server.sendPacked("POST", "/6/attributes", body)
            let id = try #require(try made.json["attribute_id"]?.string)
            var headers = TestServer.basic(server.user)
            headers["Accept"] = "application/msgpack"
            let reply = try await server.send(
                "GET", "/6/attributes/\(id)?descriptor_format=sdk", headers: headers)
            #expect(reply.headers["content-type"] == "application/msgpack")
            #expect(reply.body.range(of: Data([0xc5, 2, 8] + form)) != nil)
            #expect(
                try MessagePackReader.value(of: reply.body)["face_descriptor"]?["sdk_descriptor"]?.string
                    == descriptor.sdkText)
            try await server.sendPacked("POST", "/6/attributes", [0xc1]).expectError(
                400, 12002, "Bad/incomplete input data", "Request does not contain json")
        }
    }

    @Test func whatItWasTakenFromIsKeptWithIt() async throws {
        try await withServer { server in
            let other = UUID().wire
            let body: JSONValue = [
                "face_descriptors": [.string(descriptor.sdkText)],
                "face_descriptor_samples": [.string(Self.sample)],
                "basic_attributes": ["age": 33, "gender": 0, "ethnicity": 4],
                "basic_attributes_samples": [.string(Self.sample), .string(other)],
            ]
            let reply = try await server.send("POST", "/6/attributes?ttl=86400", body)
            let id = try #require(try reply.json["attribute_id"]?.string), path = "/6/attributes/\(id)"
            #expect(reply.status == 201 && reply.headers["location"] == path)
            #expect(try reply.json["url"]?.string == path)
            #expect(try reply.json["external_url"]?.string?.hasSuffix(path) == true)
            let found = try await server.send("GET", path).json
            for name in ["face_descriptor_samples", "basic_attributes", "basic_attributes_samples"] {
                #expect(found[name] == body[name])
            }
            #expect(
                try await server.send("GET", path + "/samples").json == [
                    "samples": [.string(Self.sample), .string(other)]
                ])
            #expect(try await server.send("HEAD", path).status == 200)
            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("HEAD", path).status == 404)
            try await server.send("GET", path).expectError(
                404, 22011, "Object not found", "Attribute with id '\(id)' not found")
        }
    }

    @Test func thoseThatAreNamedAreToldUnlessTheyHaveExpired() async throws {
        try await withServer { server in
            let features = FaceFeatures(basic: BasicAttributes(age: 1))
            let old = try await server.store.createAttribute(
                features, lifetime: 300, account: server.user.id, at: .now.addingTimeInterval(-301))
            let theirs = try await server.store.createAttribute(features, account: server.stranger.id)
            let first = try await server.makeAttribute(["basic_attributes": ["age": 2]])
            let second = try await server.makeAttribute(["basic_attributes": ["age": 3]])
            let ids = [second, old.id.wire, theirs.id.wire, UUID().wire, first].joined(separator: ",")
            func ages(_ query: String, _ account: Account) async throws -> [JSONValue?] {
                let reply = try await server.send("GET", "/6/attributes?" + query, headers: TestServer.basic(account))
                return try reply.json["attributes"]?.array?.map { $0["basic_attributes"]?["age"] } ?? []
            }
            #expect(try await ages("attribute_ids=\(ids)", server.user) == [2, 3])
            #expect(try await ages("attribute_ids=\(ids)", server.advanced) == [1, 2, 3])
            #expect(try await ages("attribute_ids=\(ids)&account_id=\(server.user.id.wire)", server.admin) == [2, 3])
            #expect(try await server.send("HEAD", "/6/attributes/\(old.id.wire)").status == 404)
            for (query, name) in [
                ("", "attribute_ids"), ("?attribute_ids=1", "attribute_ids"),
                ("?attribute_ids=\(first)&descriptor_format=xpk", "descriptor_format"),
                ("?attribute_ids=\(first)&descriptor_version=0", "descriptor_version"),
            ] {
                try await server.send("GET", "/6/attributes\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
            try await server.send("GET", "/6/attributes?attribute_ids=\(first)&targets=age").expectError(
                400, 22016, "Bad/incomplete input data",
                "'age' is not valid target; permitted: create_time, attribute_id, account_id, face_descriptor, "
                    + "face_descriptor_samples, basic_attributes, basic_attributes_samples")
        }
    }

    @Test(arguments: ["0", "86401", "1.5", "day"])
    func aLifetimeHasItsBounds(ttl: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/attributes?ttl=\(ttl)", ["basic_attributes": ["age": 2]]).expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'ttl'")
        }
    }

    // MARK: What is no attribute

    @Test func whatIsWrongWithADescriptorIsTold() async throws {
        try await withServer { server in
            let form = descriptor.sdkForm
            func sdk(_ form: [UInt8]) -> JSONValue { .string(Data(form).base64EncodedString()) }
            func raw(_ bytes: [UInt8], _ version: JSONValue = 1001) -> JSONValue {
                ["descriptor": .string(Data(bytes).base64EncodedString()), "version": version]
            }
            let (bytes, unknown) = (descriptor.bytes, "is not supported, permitted: 1001")
            let notValid = (12038, "SDK descriptor is not valid") as (Int64, String)
            for (sent, (code, detail)) in [
                ("no base64!", notValid), (sdk([]), notValid), (sdk(Array(form.dropLast())), notValid),
                (sdk([0] + form.dropFirst()), notValid),
                (sdk(form.prefix(4) + [59, 0, 0, 0] + form.dropFirst(8)), (12036, "Descriptor version 59 \(unknown)")),
                (raw(bytes, 52), (12036, "Descriptor version 52 \(unknown)")),
                (raw(bytes + [0]), (12034, "Descriptor length 513 is not valid, 512 bytes are wanted")),
                (["descriptor": "?", "version": 1001], (18001, "Failed to decode data from base64")),
            ] as [(JSONValue, (Int64, String))] {
                for (path, method, body) in [
                    ("/6/attributes", "POST", ["face_descriptors": [sent]]),
                    ("/6/faces", "POST", ["attribute": ["face_descriptors": [sent]]]),
                ] as [(String, String, JSONValue)] {
                    try await server.send(method, path, body).expectError(
                        400, code, "Bad/incomplete input data", detail)
                }
            }
            #expect(try await server.store.faceCount(Filter()) == 0)
        }
    }

    @Test(
        arguments: [
            ([:], "", "at least 1 of 'face_descriptors' and 'basic_attributes' must be specified"),
            (["face_descriptors": []], "", "at least 1 of 'face_descriptors' and 'basic_attributes' must be specified"),
            (["face_descriptors": [1]], "face_descriptors.0", "Input should be a valid dictionary"),
            (["face_descriptors": [[:]]], "face_descriptors.0.version", "Field required"),
            (["face_descriptors": [["version": 1001]]], "face_descriptors.0.descriptor", "Field required"),
            (
                ["face_descriptors": [["sdk_descriptor": "", "version": 1001]]], "face_descriptors.0.version",
                "Extra inputs are not permitted"
            ),
            (["basic_attributes": [:]], "basic_attributes", "at least 1 field must be specified"),
            (["basic_attributes": ["age": 101]], "basic_attributes.age", "Input should be less than or equal to 100"),
            (["basic_attributes": ["gender": 2]], "basic_attributes.gender", "Input should be less than or equal to 1"),
            (
                ["basic_attributes": ["ethnicity": 0]], "basic_attributes.ethnicity",
                "Input should be greater than or equal to 1"
            ),
            (
                ["basic_attributes": ["age": 1], "face_descriptor_samples": ["1"]], "face_descriptor_samples.0",
                "Input should be a valid UUID"
            ),
            (["attribute_id": "1"], "attribute_id", "Extra inputs are not permitted"),
        ] as [(JSONValue, String, String)])
    func aBadBodyNamesItsPath(body: JSONValue, path: String, message: String) async throws {
        try await withServer { server in
            try await server.send("POST", "/6/attributes", body).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func descriptorsOfOneNetworkAreOne() async throws {
        try await withServer { server in
            try await server.send(
                "POST", "/6/attributes", ["face_descriptors": [descriptor.rawWire, descriptor.rawWire]]
            ).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'face_descriptors', message: "
                    + "'List should have at most 1 items after validation, not 2'")
        }
    }

    @Test func nobodyReadsXPK() async throws {
        try await withServer { server in
            var headers = TestServer.basic(server.user)
            headers["Content-Type"] = "multipart/form-data; boundary=b"
            let body = "--b\r\nContent-Disposition: form-data; name=\"xpk_file\"\r\n\r\n1\r\n--b--\r\n"
            try await server.sendRaw("POST", "/6/attributes", headers: headers, body: Data(body.utf8)).expectError(
                400, 12035, "Bad/incomplete input data", "Failed to parse xpk file")
        }
    }

    // MARK: Who was told

    @Test func whoIsToldWhatAFaceLooksLikeIsRemembered() async throws {
        try await withServer { server in
            let attribute = try await server.makeAttribute(["basic_attributes": ["age": 2]])
            let face = try await server.makeFace(["attribute": ["attribute_id": .string(attribute)]])
            let bare = try await server.makeFace()
            func lines(_ query: String = "", _ account: Account? = nil) async throws -> [JSONValue] {
                let headers = account.map { TestServer.basic($0) }
                return try await server.send("GET", "/6/faces/logs" + query, headers: headers).json["logs"]?.array ?? []
            }
            // Of these nobody learns what anybody looks like.
            for path in [
                "/6/faces", "/6/faces/\(face)", "/6/faces/\(face)/attributes?targets=create_time",
                "/6/faces/\(face)/attributes/samples", "/6/faces/\(bare)/attributes",
                "/6/attributes/\(attribute)/samples",
                "/6/attributes/\(attribute)?targets=create_time,face_descriptor",
            ] { #expect(try await server.send("GET", path).status == 200) }
            #expect(try await server.send("HEAD", "/6/attributes/\(attribute)").status == 200)
            #expect(try await lines() == [])

            let reading = try await server.token(["face": ["view"]])
            let own = try await server.send("GET", "/6/faces/\(face)/attributes", headers: reading)
            let theirs = TestServer.basic(server.advanced)
            #expect(try await server.send("GET", "/6/attributes/\(attribute)", headers: theirs).status == 200)
            #expect(
                try await server.send("GET", "/6/attributes?attribute_ids=\(attribute)", headers: theirs).status == 200)
            let all = try await lines()
            #expect(all.map { $0["subject_id"]?.string } == [attribute, attribute, face])
            #expect(all.map { $0["subject_type"] } == ["attribute", "attribute", "face"])
            #expect(
                all.map { $0["reader_account_id"]?.string }
                    == [server.advanced.id.wire, server.advanced.id.wire, server.user.id.wire])
            #expect(all.allSatisfy { $0["account_id"]?.string == server.user.id.wire && $0["action"] == "read" })
            #expect(all[2]["request_id"]?.string == own.headers["luna-request-id"])
            #expect(all[2]["reader_token_id"]?.string != nil && all[0]["reader_token_id"] == .null)
            #expect(try await lines("?subject_ids=\(face)") == [all[2]])
            #expect(try await lines("?reader_ids=\(server.advanced.id.wire)&page_size=1") == [all[0]])
            #expect(try await lines("", server.stranger) == [])
            #expect(try await lines("", server.admin) == all)
        }
    }
}
