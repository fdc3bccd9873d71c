import HTTPEdge
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records
import Store

/// `/6/credentials_verifier`, `/6/login`.
struct CredentialRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add("/6/credentials_verifier", .post(body: .json(), verify))
        table.add("/6/login", .post(.tokenOnly, setCookie), .delete(clearCookie))
    }

    @Sendable private func verify(_ call: OpenCall) async throws -> Response {
        switch try CredentialsBody(await call.body()) {
        case .account(let id):
            guard let account = try await store.account(id: id) else {
                throw APIError.accountNotFound(id, status: .unauthorized)
            }
            return .json(["account_type": .string(account.kind.rawValue)])
        case .password(let login, let password):
            return .json(try await account(login, password, from: call.context.clientAddress).identity)
        case .token(let jwt):
            switch try await services.identity.lookUp(jwt: jwt) {
            case .valid(let token, let account):
                return .json(
                    .object(
                        (account.identity.object ?? [:]).merging(
                            ["permissions": token.specification.permissions.wire]) { $1 }))
            case .expired: throw APIError.tokenHasExpired
            case .unknown, .corrupted: throw APIError.tokenDoesNotExist
            }
        }
    }
    private func account(_ login: String, _ password: String, from address: String) async throws -> Account {
        do {
            if let account = try await services.identity.authenticate(login: login, password: password, from: address) {
                return account
            }
        } catch IdentityError.tooManyLogins(let wait) {
            var error = APIError.credentialsDoNotMatch
            error.headers[.retryAfter] = APIError.tooManyLogins(retryAfter: wait).headers[.retryAfter]
            throw error
        }
        throw APIError.credentialsDoNotMatch
    }

    @Sendable private func setCookie(_ call: Call) async throws -> Response {
        guard case .token(let token) = call.caller.proof else { throw APIError.onlyToken }
        return answer(call.cookie(.token, token.jwt))
    }
    @Sendable private func clearCookie(_ call: OpenCall) async throws -> Response {
        answer(call.cookie(.token, "", seconds: 0))
    }
    private func answer(_ cookie: String) -> Response {
        Response(status: .noContent, headers: [.setCookie: cookie, .contentType: "application/octet-stream"])
    }
}

/// The body of the verifier: exactly one kind of credentials.
private enum CredentialsBody {
    case account(UUID)
    case password(login: String, password: String)
    case token(String)

    init(_ body: JSONReader) throws(JSONViolation) {
        let members = try body.fields(["account_id", "login", "password", "token"])
        switch members.keys.sorted() {
        case ["account_id"]: self = .account(try body.field("account_id").uuid())
        case ["login", "password"]:
            self = .password(
                login: try body.field("login").text(in: 3...128), password: try body.field("password").text(in: 3...128)
            )
        case ["token"]: self = .token(try body.field("token").text(in: 1...8192))
        case ["login"]: throw JSONViolation(path: "password", message: "field required")
        case ["password"]: throw JSONViolation(path: "login", message: "field required")
        default: throw body.violation("either account_id, or login and password, or token must be specified")
        }
    }
}

extension Account {
    fileprivate var identity: JSONValue {
        ["account_id": .string(id.wire), "account_type": .string(kind.rawValue)]
    }
}
