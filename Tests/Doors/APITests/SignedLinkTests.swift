import DoorSupport
import Foundation
import HTTPEdge
import Identity
import JSON
import LogSupport
import ObjectStore
import Records
import Scene
import Store
import Testing

@testable import API

/// Pictures by links that are signed.
struct SignedLinkTests {
    private static func image(of server: TestServer, _ kind: StoredObject.Kind = .image) async throws -> String {
        let upload = server.store.upload()
        try await upload.append([0xff, 0xd8, 0xff, 0xd9])
        let object = try await server.store.keep(
            upload,
            as: ObjectDraft(accountID: server.user.id, kind: kind, contentType: "image/jpeg", lifetime: .forever))
        return kind.path(of: object.id)
    }
    private static func link(_ server: TestServer, _ path: String, of account: Account? = nil) async throws -> String {
        let signer = try await server.identity.linkSigner
        return "\(path)?signature=\(signer.signature(of: (account ?? server.user).id, to: path))"
    }
    private static let wrong = "Account login or password are incorrect"

    @Test(arguments: [StoredObject.Kind.image, .faceSample, .bodySample])
    func whoHasALinkNeedsNoCredentials(kind: StoredObject.Kind) async throws {
        try await withServer { server in
            let path = try await Self.image(of: server, kind), link = try await Self.link(server, path)
            for method in ["GET", "HEAD"] {
                let reply = try await server.send(method, link, headers: [:])
                #expect(reply.status == 200 && reply.headers["content-type"] == "image/jpeg")
                #expect(reply.body.count == (method == "GET" ? 4 : 0))
            }
            // Further parameters change nothing, and neither do credentials that lead nowhere.
            #expect(try await server.send("GET", link + "&with_meta=1", headers: [:]).status == 200)
            #expect(try await server.send("GET", link, headers: TestServer.basic(server.stranger)).status == 200)
            #expect(!server.log.lines.contains { $0.contains("signature=") })
        }
    }

    @Test func aLinkIsForLookingAtThatOnePicture() async throws {
        try await withServer { server in
            let path = try await Self.image(of: server), other = try await Self.image(of: server)
            let link = try await Self.link(server, path), query = link.dropFirst(path.count)
            try await server.send("DELETE", link, headers: [:]).expectError(
                403, 12010, "Bad/incomplete input data", "This resource needs 'Authorization' authorization headers")
            for target in ["\(other)\(query)", "\(path)?signature=", "\(path)?signature=AAAA", "\(link)A"] {
                let reply = try await server.send("GET", target, headers: [:])
                try reply.expectError(401, 11065, "Authorization failed", Self.wrong)
                #expect(reply.headers["www-authenticate"] != nil)
                // A wrong one is not made good by an account that could see the picture.
                #expect(try await server.send("GET", target).status == 401)
            }
            // Elsewhere it is no credential.
            #expect(try await server.send("GET", "/6/streams\(query)", headers: [:]).status == 403)
            let object = try await Self.link(server, "/6/objects/\(UUID().wire)")
            #expect(try await server.send("GET", object, headers: [:]).status == 403)
        }
    }

    @Test func aLinkEndsWithItsPictureAndIsOfTheAccountThatHasIt() async throws {
        try await withServer { server in
            let path = try await Self.image(of: server), link = try await Self.link(server, path)
            let strange = try await Self.link(server, path, of: server.admin)
            #expect(try await server.send("GET", strange, headers: [:]).status == 404)
            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("GET", link, headers: [:]).status == 404)
        }
    }
}
