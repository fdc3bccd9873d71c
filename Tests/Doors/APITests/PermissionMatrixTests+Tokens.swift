import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import Records
import Store
import Testing

@testable import API

extension PermissionMatrixTests {
    /// JWTs of one account, each good for something else.
    struct Tokens {
        let nothing, everything, custom, expired, deleted, foreign, tampered: String
        var single: [Right: String] = [:]
        var allBut: [Right: String] = [:]

        init(_ server: TestServer, of account: Account) async throws {
            func jwt(_ permissions: TokenPermissions, expires: Date? = nil) async throws -> String {
                try await server.identity.createToken(
                    TokenSpecification(expirationTime: expires, visibility: .all, permissions: permissions),
                    account: account.id
                ).jwt
            }
            nothing = try await jwt(TokenPermissions(["token": []]))
            everything = try await jwt(.all())
            custom = try await jwt(TokenPermissions(["own_plugin": ["view"]]))
            expired = try await jwt(.all(), expires: .now - 1)
            let gone = try await server.identity.createToken(
                TokenSpecification(permissions: .all()), account: account.id)
            #expect(try await server.store.deleteToken(id: gone.id, account: account.id))
            deleted = gone.jwt
            tampered = String(everything.dropLast(4)) + (everything.hasSuffix("AAAA") ? "BBBB" : "AAAA")

            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("sightline-\(UUID())")
            defer { try? FileManager.default.removeItem(at: directory) }
            let other = try Store(directory: directory)
            let strangers = Identity(store: other)
            let twin = try await strangers.createAccount(
                id: account.id, login: account.login, password: "secret", kind: account.kind)
            foreign = try await strangers.createToken(TokenSpecification(permissions: .all()), account: twin.id).jwt
            try await other.close()

            for right in PermissionMatrixTests.rights {
                let (key, action) = (right.object.rawValue, right.action.rawValue)
                var actions = TokenPermissions.standardActions
                actions[key]?.removeAll { $0 == action }
                allBut[right] = try await jwt(TokenPermissions(actions))
                single[right] = try await jwt(TokenPermissions(["token": []].merging([key: [action]]) { $1 }))
            }
        }
    }
}

extension TestServer {
    func account(of kind: Account.Kind) -> Account {
        switch kind {
        case .user: user
        case .advancedUser: advanced
        case .admin: admin
        }
    }
}

extension Door.Entry {
    var requirement: Access? { access as? Access }
    /// `GET /6/streams/{stream_id}`
    var name: String { "\(method.rawValue) \(path)" }
    var parameter: String? {
        path.split(separator: "/").first { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
    func path(id: UUID) -> String {
        path.split(separator: "/").reduce("") { $0 + "/" + ($1.hasPrefix("{") ? id.wire : String($1)) }
    }
}
