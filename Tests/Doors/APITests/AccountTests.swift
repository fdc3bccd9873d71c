import DoorSupport
import Foundation
import HTTPTypes
import Identity
import JSON
import Records
import Store
import Testing

@testable import API

struct AccountTests {
    static let body: JSONValue = ["login": "new@example.org", "password": "secret", "account_type": "user"]

    @Test func anybodyMayRegisterWhereThatIsOpen() async throws {
        try await withServer({ $0.isRegistrationOpen = true }) { server in
            let reply = try await server.send("POST", "/6/accounts", Self.body, headers: [:])
            #expect(reply.status == 201)
            #expect(reply.headers["location"] == "/6/account")
            let json = try reply.json
            #expect(json["url"] == "/6/account" && json["external_url"] == "http://localhost/6/account")
            #expect(json.object?.count == 3)
            let own = try await server.send("GET", "/6/account", headers: TestServer.basic("new@example.org:secret"))
            let account = try own.json
            #expect(account["account_id"] == json["account_id"] && account["account_type"] == "user")
            #expect(account["login"] == "new@example.org" && account["description"] == "")
            #expect(account["create_time"] == account["last_update_time"] && account.object?.count == 6)
        }
    }

    enum Asker: String, CaseIterable { case nobody, header, wrong, user, advanced, admin, token, cookie }

    @Test(arguments: [true, false], Asker.allCases)
    func whoMayCreateAnAccountDependsOnTheSetting(isOpen: Bool, asker: Asker) async throws {
        try await withServer({ $0.isRegistrationOpen = isOpen }) { server in
            let jwt = try await server.identity.createToken(
                TokenSpecification(permissions: .all()), account: server.admin.id
            ).jwt
            let headers: [String: String] =
                switch asker {
                case .nobody: [:]
                case .header: ["Luna-Account-Id": UUID().uuidString.lowercased()]
                case .wrong: TestServer.basic("admin@example.org:wrong")
                case .user: TestServer.basic(server.user)
                case .advanced: TestServer.basic(server.advanced)
                case .admin: TestServer.basic(server.admin)
                case .token: ["Authorization": "Bearer \(jwt)"]
                case .cookie: ["Cookie": "sightline_token=\(jwt)"]
                }
            let reply = try await server.send("POST", "/6/accounts", Self.body, headers: headers)
            switch asker {
            case .wrong:
                try reply.expectError(
                    401, 11065, "Authorization failed", "Account login or password are incorrect")
            case .token, .cookie:
                try reply.expectError(
                    403, 11064, "Forbidden", "Access to the resource is denied using authorization by token")
            case .nobody where !isOpen, .header where !isOpen:
                try reply.expectError(
                    403, 12010, "Bad/incomplete input data",
                    "This resource needs 'Authorization' authorization headers")
            case .user where !isOpen, .advanced where !isOpen:
                try reply.expectError(403, 12049, "Forbidden", "Resource is disabled.")
            default: #expect(reply.status == 201)
            }
            let isThere = try await server.store.accountWithHash(login: "new@example.org") != nil
            #expect(isThere == (reply.status == 201))
        }
    }

    @Test func theHeaderNamesTheNewAccountAndLoginAndIdAreUnique() async throws {
        try await withServer { server in
            let id = UUID().uuidString.lowercased()
            func create(_ login: String, id: String) async throws -> Reply {
                try await server.send(
                    "POST", "/6/accounts",
                    ["login": .string(login), "password": "secret", "account_type": "advanced_user"],
                    headers: TestServer.basic(server.admin).merging(["Luna-Account-Id": id]) { $1 })
            }
            #expect(try await create("new@example.org", id: id).json["account_id"] == .string(id))
            try await create("new@example.org", id: UUID().uuidString.lowercased()).expectError(
                409, 41001, "Integrity error", "Account with login 'new@example.org' already exists")
            try await create("newer@example.org", id: id).expectError(
                409, 41002, "Integrity error", "Account with account_id '\(id)' already exists")
            try await create("newer@example.org", id: "7").expectError(
                400, 11037, "Bad/incomplete input data",
                "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
        }
    }

    @Test(
        arguments: [
            ("login", nil, "login", "field required"), ("password", nil, "password", "field required"),
            ("account_type", nil, "account_type", "field required"),
            ("account_type", "admin", "account_type", "unexpected value"),
            ("account_type", 1, "account_type", "unexpected value"),
            ("extra_field", 1, "extra_field", "extra fields not permitted"),
            ("login", "A@example.org", "login", #"string does not match regex "^[a-z0-9_\-\.]+@[a-z]+\.[a-z]{2,}$""#),
            ("login", "a@", "login", "ensure this value has at least 3 characters"),
            ("login", 5, "login", "str type expected"),
            ("password", "ab", "password", "ensure this value has at least 3 characters"),
            (
                "password", .string(String(repeating: "p", count: 129)), "password",
                "ensure this value has at most 128 characters"
            ),
            ("password", "two\nlines", "password", #"string does not match regex "^.{3,128}$""#),
            (
                "description", .string(String(repeating: "d", count: 129)), "description",
                "ensure this value has at most 128 characters"
            ), ("description", nil, "", ""),
        ] as [(String, JSONValue?, String, String)])
    func aBadBodyNamesItsField(field: String, value: JSONValue?, path: String, message: String) async throws {
        try await withServer { server in
            var members = Self.body.object ?? [:]
            members[field] = value
            let reply = try await server.send(
                "POST", "/6/accounts", .object(members), headers: TestServer.basic(server.admin))
            guard !path.isEmpty else { return #expect(reply.status == 201) }  // the description may be left out
            try reply.expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '\(path)', message: '\(message)'")
        }
    }

    @Test func accountsAreListedWithFiltersTargetsAndTheirNumber() async throws {
        try await withServer { server in
            func list(_ query: String, as account: Account) async throws -> JSONValue {
                try await server.send("GET", "/6/accounts\(query)", headers: TestServer.basic(account)).json
            }
            let all = try await list("", as: server.admin)
            #expect(all["total_count"] == 4 && all["accounts"]?.array?.count == 4)
            let page = try await list("?page_size=3&page=2", as: server.advanced)
            #expect(page["total_count"] == 4 && page["accounts"]?.array?.count == 1)
            let logins = try await list("?account_type=user&targets=login", as: server.admin)["accounts"]
            #expect(
                Set(logins?.array ?? []) == [["login": "user@example.org"], ["login": "stranger@example.org"]])
            #expect(
                try await list("?login=user@example.org&targets=account_id", as: server.admin)["accounts"] == [
                    ["account_id": .string(server.user.id.wire)]
                ])
            #expect(try await list("?login=user@example.org", as: server.stranger)["accounts"] == [])
            #expect(try await list("", as: server.user)["total_count"] == 1)
            #expect(try await list("?create_time__gte=2100-01-01T00:00:00Z", as: server.admin)["accounts"] == [])
            #expect(
                try await list("?create_time__lt=2100-01-01T00:00:00Z", as: server.admin)["accounts"]?.array?.count
                    == 4)
            for bad in ["page=0", "page_size=1001", "account_type=root", "targets=password", "create_time__lt=now"] {
                let name = String(bad.prefix { $0 != "=" })
                try await server.send("GET", "/6/accounts?\(bad)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    @Test func aChangedLoginOrPasswordCountsAtOnceAndTheOldNoLonger() async throws {
        try await withServer { server in
            func status(_ credentials: String) async throws -> Int {
                try await server.send("GET", "/6/account", headers: TestServer.basic(credentials)).status
            }
            #expect(try await status("user@example.org:secret") == 200)
            #expect(try await status("user@example.org:fresh") == 401)
            #expect(try await server.send("PATCH", "/6/account", ["password": "fresh"]).status == 204)
            #expect(try await status("user@example.org:secret") == 401)
            #expect(try await status("user@example.org:fresh") == 200)
            let renamed = try await server.send(
                "PATCH", "/6/account", ["login": "renamed@example.org", "description": "moved"],
                headers: TestServer.basic("user@example.org:fresh"))
            #expect(renamed.status == 204 && renamed.body.isEmpty)
            #expect(try await status("user@example.org:fresh") == 401)
            #expect(try await status("renamed@example.org:fresh") == 200)
            let account = try #require(try await server.store.account(id: server.user.id))
            #expect(account.description == "moved" && account.lastUpdateTime >= account.createTime)
        }
    }

    @Test func aChangeIsCheckedLikeACreation() async throws {
        try await withServer { server in
            func patch(_ body: JSONValue, as account: Account) async throws -> Reply {
                try await server.send("PATCH", "/6/account", body, headers: TestServer.basic(account))
            }
            try await patch([:], as: server.user).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: '', message: 'at least 1 field must be specified'")
            try await patch(["extra_field": 1], as: server.user).expectError(
                400, 12022, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'extra_field', message: 'extra fields not permitted'")
            try await patch(["login": "stranger@example.org"], as: server.user).expectError(
                409, 41001, "Integrity error", "Account with login 'stranger@example.org' already exists")
            #expect(try await patch(["login": "user@example.org"], as: server.user).status == 204)  // its own
            try await patch(["account_type": "user"], as: server.admin).expectError(
                403, 41004, "Forbidden",
                "Account with account_id '\(server.admin.id.wire)' has admin type and its type can't be changed")
            try await server.send(
                "PATCH", "/6/account", ["description": ""],
                headers: ["Luna-Account-Id": "00000000-0000-4000-8000-000000000000"]
            ).expectError(
                404, 28001, "Object not found", "Account with id '00000000-0000-4000-8000-000000000000' not found")
        }
    }

    @Test func aPasswordWhoseTurnIsFarAwayIsPutOff() throws {
        let error = APIError.tooBusyWithPasswords(retryAfter: .milliseconds(2500))
        #expect(error.status == .serviceUnavailable && error.code == 37001)
        #expect(error.description == "Internal server error" && error.headers[.retryAfter] == "3")
        #expect(error.detail == "Service did not process a request within 3 seconds")
    }

    @Test(arguments: [true, false])
    func aUserRaisesItselfOnlyWhereAnybodyCouldRegisterAsMore(isOpen: Bool) async throws {
        try await withServer({ $0.isRegistrationOpen = isOpen }) { server in
            let raised = try await server.send("PATCH", "/6/account", ["account_type": "advanced_user"])
            #expect(raised.status == (isOpen ? 204 : 403))
            #expect(try await server.store.account(id: server.user.id)?.kind == (isOpen ? .advancedUser : .user))
            // What is remembered of the caller is what it is now.
            let seen = try await server.send("GET", "/6/accounts").json["accounts"]?.array?.count
            #expect(seen == (isOpen ? 4 : 1))
            let lowered = try await server.send(
                "PATCH", "/6/account", ["account_type": "user"], headers: TestServer.basic(server.advanced))
            #expect(lowered.status == 204)
            #expect(
                try await server.send("GET", "/6/accounts", headers: TestServer.basic(server.advanced)).json[
                    "accounts"]?
                    .array?.count == 1)
        }
    }
}
