import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Testing

@testable import API

extension Descriptor {
    /// One of its own.
    static func random() -> Descriptor {
        Descriptor((0..<Descriptor.count).map { _ in Float.random(in: -1...1) })!
    }
    var sdkText: String { Data(sdkForm).base64EncodedString() }
    var rawText: String { Data(bytes).base64EncodedString() }
    var rawWire: JSONValue { ["descriptor": .string(rawText), "version": 1001] }
}

extension TestServer {
    /// Sends something to be made, and returns its id.
    func make(
        _ path: String, _ body: JSONValue, id: String, headers: [String: String]? = nil
    ) async throws -> String {
        let reply = try await send("POST", path, body, headers: headers)
        #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
        return try #require(try reply.json[id]?.string)
    }
    func makeFace(_ body: JSONValue = [:], headers: [String: String]? = nil) async throws -> String {
        try await make("/6/faces", body, id: "face_id", headers: headers)
    }
    func makeList(_ body: JSONValue = [:], headers: [String: String]? = nil) async throws -> String {
        try await make("/6/lists", body, id: "list_id", headers: headers)
    }
    func makeAttribute(_ body: JSONValue, headers: [String: String]? = nil) async throws -> String {
        try await make("/6/attributes", body, id: "attribute_id", headers: headers)
    }
    func sendPacked(_ method: String, _ path: String, _ body: [UInt8]) async throws -> Reply {
        var headers = Self.basic(user)
        headers["Content-Type"] = "application/msgpack"
        return try await sendRaw(method, path, headers: headers, body: Data(body))
    }
    func token(_ permissions: [String: [String]]) async throws -> [String: String] {
        let token = try await identity.createToken(
            TokenSpecification(permissions: TokenPermissions(permissions)), account: user.id)
        return ["Authorization": "Bearer \(token.jwt)"]
    }
}
