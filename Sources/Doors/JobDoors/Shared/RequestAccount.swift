import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import Records

/// The account that a request's credentials are of, as the daemon's own API takes them: `Authorization`, or `Luna-Account-Id`.
struct RequestAccount: Sendable {
    let identity: Identity
    /// What a token must allow on tasks.
    let action: String

    /// - Returns: `nil`: there are none, or they are wrong.
    /// - Throws: `IdentityError.tooManyLogins`.
    func account(of call: OpenCall) async throws -> Account? {
        let headers = call.request.headers
        guard let text = headers[.authorization] else {
            guard let id = headers[.doorAccountID].flatMap({ UUID(wire: $0) }) else { return nil }
            return try await identity.account(id: id)
        }
        let parts = text.split(separator: " ", maxSplits: 1)
        let value = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        switch parts.first?.lowercased() {
        case "basic":
            guard let pair = Data(base64Encoded: value).flatMap({ String(data: $0, encoding: .utf8) }),
                let colon = pair.firstIndex(of: ":")
            else { return nil }
            return try await identity.authenticate(
                login: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]),
                from: call.context.clientAddress)
        case "bearer":
            guard case .valid(let token, let account) = try await identity.lookUp(jwt: value),
                token.specification.permissions.allows(action, on: "task")
            else { return nil }
            return account
        default: return nil
        }
    }
}

extension HTTPField.Name {
    static let doorAccountID = Self("Luna-Account-Id")!
}
