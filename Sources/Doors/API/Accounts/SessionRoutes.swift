import HTTPEdge
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Records

/// `/6/session`, `/6/session/codes`: who signs in with a browser, and out.
struct SessionRoutes: Sendable {
    let services: Services
    private var identity: Identity { services.identity }

    func add(to table: ResourceTable) {
        table.add(
            "/6/session", .post(body: .json(), signIn), .get(.signedIn, show), .delete(.signedIn, signOut))
        table.add("/6/session/codes", .post(.signedIn, makeCode))
    }

    @Sendable private func signIn(_ call: OpenCall) async throws -> Response {
        // Another page must not sign somebody in as whom it likes.
        guard call.context.page != .foreign else { throw APIError.sessionDoesNotCount }
        let begun: NewSession
        switch try SignInBody(await call.body()) {
        case .code(let code):
            guard let session = try await identity.signIn(code: code) else { throw APIError.wrongCode }
            begun = session
        case .password(let login, let password):
            begun = try await session(login, password, from: call.context.clientAddress)
        }
        var response = Response.json(begun.account.signedIn(until: begun.session.expiry), status: .created)
        response.headers[.setCookie] = call.cookie(
            .session, begun.secret, seconds: Int(begun.session.kind.lifetime))
        return response
    }
    private func session(_ login: String, _ password: String, from address: String) async throws -> NewSession {
        do {
            if let session = try await identity.signIn(login: login, password: password, from: address) {
                return session
            }
        } catch IdentityError.tooManyLogins(let wait) {
            throw APIError.wrongSignIn(retryAfter: wait)
        }
        throw APIError.wrongSignIn()
    }

    /// Whoever comes with a password is told who he is, too; that does not expire.
    @Sendable private func show(_ call: Call) async throws -> Response {
        .json(call.caller.account.signedIn(until: call.caller.expiry))
    }

    @Sendable private func signOut(_ call: Call) async throws -> Response {
        if case .session(let secret) = Credentials(call.request.headers, in: call.context) {
            try await identity.endSession(secret)
        }
        return Response(
            status: .noContent, headers: [.setCookie: call.cookie(.session, "", seconds: 0)])
    }

    @Sendable private func makeCode(_ call: Call) async throws -> Response {
        guard let code = try await identity.makeCode(for: call.caller.account) else { throw APIError.noCredentials }
        return .json(
            ["code": .string(code.secret), "expires": .string(code.session.expiry.rfc3339)], status: .created)
    }
}

/// Login and password, or a code.
private enum SignInBody {
    case password(login: String, password: String)
    case code(String)

    init(_ body: JSONReader) throws(JSONViolation) {
        if try body.fields(["login", "password", "code"]).keys.contains("code") {
            _ = try body.fields(["code"])
            self = .code(try body.field("code").text(in: 1...128))
        } else {
            self = .password(
                login: try body.field("login").text(in: 3...128), password: try body.field("password").text(in: 3...128)
            )
        }
    }
}

extension Account {
    fileprivate func signedIn(until expiry: Date?) -> JSONValue {
        [
            "account_id": .string(id.wire), "login": .string(login), "account_type": .string(kind.rawValue),
            "expires": expiry.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
