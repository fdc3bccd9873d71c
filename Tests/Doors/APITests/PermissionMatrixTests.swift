import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import JSON
import ObjectStore
import Records
import Store
import Testing

@testable import API

/// Every operation there is, with every kind of credentials, for every type of account, on everybody's objects. The
/// operations come from the table of resources, so that a new one is in here without being named; what is expected is
/// reckoned here, apart from the code that decides.
struct PermissionMatrixTests {
    /// What anybody may call. (`POST /6/accounts` asks for credentials by itself when registration is closed.)
    static let open: Set<String> = [
        "GET /version", "GET /metrics", "GET /healthcheck", "GET /6/healthcheck", "GET /6/features", "GET /6/plugins",
        "GET /6/docs/spec", "GET /6/docs/dev", "GET /6/docs/dev/index.html", "POST /6/accounts",
        "POST /6/credentials_verifier", "DELETE /6/login", "POST /6/session",
    ]
    /// Which ask for rights by what they are sent, or by the verifier that they use.
    private static let judgedByThemselves: Set = [
        "/6/matcher/faces", "/6/matcher/bodies", "/6/verifiers/{verifier_id}/raw",
        "/6/verifiers/{verifier_id}/verifications",
    ]
    static let rights = Right.Object.allCases.flatMap { object in
        Right.Action.allCases.filter {
            TokenPermissions.standardActions[object.rawValue]?.contains($0.rawValue) ?? false
        }.map { Right(object, $0) }
    }

    @Test func everyOperationSaysWhoGetsToIt() async throws {
        try await withServer { server in
            #expect(server.entries.count > 20)
            for operation in server.entries {
                switch operation.requirement {
                case nil: #expect(Self.open.contains(operation.name), "\(operation.name) is open")
                case .noToken, .ownAccountWithoutToken, .tokenOnly, .signedIn, .admin: break
                case .rightsOfBody: #expect(Self.judgedByThemselves.contains(operation.path))
                case .right(let right):
                    let expected: [Right.Action] =
                        switch operation.method {
                        case .post where operation.path.hasSuffix("/statistic"): [.view]  // a long question
                        case .post where ["/6/sdk", "/6/videosdk"].contains(operation.path): [.sdk]
                        case .post where operation.path == "/6/iso": [.iso]
                        case .post where operation.path == "/6/liveness": [.liveness]
                        case .post where operation.path == "/6/lambdas/{lambda_id}/proxy": [.view]
                        case .get, .head: [.view]
                        case .post: [.creation, .modification]  // some change what is there already
                        case .delete: [.deletion]
                        default: [.modification]
                        }
                    #expect(expected.contains(right.action), "\(operation.name)")
                    #expect(Self.rights.contains(right), "\(operation.name) asks for what no token can have")
                }
            }
        }
    }

    // MARK: Who asks

    enum Expected { case allowed, refused(Int, Int64, String) }
    static let (onlyToken, corrupted) = (
        Expected.refused(401, 11065, "Only token is allowed for this action"),
        Expected.refused(401, 11065, "Specified token corrupted")
    )
    static let (nothing, foreign) = (
        Expected.refused(403, 12010, "This resource needs 'Authorization' authorization headers"),
        Expected.refused(403, 12010, APIError.sessionDoesNotCount.detail)
    )

    @Test(arguments: Account.Kind.allCases)
    func noOperationLetsInWhoMayNot(kind: Account.Kind) async throws {
        try await withServer { server in
            let tokens = try await Tokens(server, of: server.account(of: kind))
            let replies = Counter()
            for operation in server.entries {
                guard let access = operation.requirement else { continue }
                let account = server.account(of: kind)
                // Of its own, as one of the operations ends it.
                let session = try #require(
                    try await server.identity.signIn(login: account.login, password: "secret"))
                for (name, headers, expected) in Self.credentials(of: account, tokens, access)
                    + Self.sessions(of: account, session.secret, operation, access)
                {
                    // Ids of nothing, no query, no body: whoever gets in changes nothing.
                    // But a cursor that is none, where the answer to whoever gets in would not end.
                    let query = operation.path == "/6/sse" ? "?after=none" : ""
                    let reply = try await server.send(
                        operation.method.rawValue, operation.path(id: UUID()) + query, headers: headers)
                    try Self.check(reply, expected, operation, "\(operation.name) by \(kind) with \(name)")
                    replies.increment()
                }
            }
            #expect(replies.value > 500)
        }
    }

    private static func credentials(
        of account: Account, _ tokens: Tokens, _ access: Access
    ) -> [(name: String, headers: [String: String], expected: Expected)] {
        let isAboutOwn = access == .ownAccountWithoutToken || access == .right(Right(.account, .view))
        let known = Self.known(account, access)
        let nobody = UUID().uuidString.lowercased()
        let wrong = Expected.refused(401, 11065, "Account login or password are incorrect")
        func byHeader(_ expected: Expected) -> Expected { access == .tokenOnly ? onlyToken : expected }
        func byID(_ expected: Expected) -> Expected {
            access == .signedIn || access == .admin ? nothing : byHeader(expected)
        }
        var rows: [(String, [String: String], Expected)] = [
            ("nothing", [:], nothing),
            ("the password", TestServer.basic(account), known),
            (
                "a wrong password", TestServer.basic("\(account.login):wrong"), byHeader(wrong)
            ),
            (
                "an unreadable header", ["Authorization": "Basic ?"],
                byHeader(.refused(401, 11065, "Bad format basic authorization header"))
            ),
            ("the account id", ["Luna-Account-Id": account.id.uuidString.lowercased()], byID(.allowed)),
            (
                "the id of nobody", ["Luna-Account-Id": nobody],
                byID(isAboutOwn ? .refused(404, 28001, "Account with id '\(nobody)' not found") : wrong)
            ),
            (
                "no id", ["Luna-Account-Id": "1"],
                byID(
                    .refused(
                        400, 11037,
                        "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
            ),
        ]
        func add(_ name: String, _ jwt: String, _ expected: Expected) {
            rows.append(("\(name), as Bearer", ["Authorization": "Bearer \(jwt)"], expected))
            rows.append(
                (
                    "\(name), as cookie",
                    ["Cookie": "theme=dark; sightline_token=\(jwt)", "Luna-Account-Id": "ignored"], expected
                ))
        }
        func judge(_ granted: Set<Right>) -> Expected {
            switch access {
            case .tokenOnly, .rightsOfBody: .allowed
            case .noToken, .ownAccountWithoutToken, .signedIn, .admin:
                .refused(403, 11064, "Access to the resource is denied using authorization by token")
            case .right(let right) where granted.contains(right): .allowed
            case .right(let right):
                .refused(
                    403, 11059,
                    "Request denied due to token restrictions, required '\(right.action.rawValue)' permission for "
                        + "'\(right.object.rawValue)'")
            }
        }
        add("a token for nothing", tokens.nothing, judge([]))
        add("a token for everything", tokens.everything, judge(Set(rights)))
        add("a custom token", tokens.custom, judge([]))
        for (right, jwt) in tokens.single { add("a token for \(right) alone", jwt, judge([right])) }
        if case .right(let right) = access, let jwt = tokens.allBut[right] {
            add("a token for everything else", jwt, judge(Set(rights).subtracting([right])))
        }
        let unusable = Expected.refused(403, 11062, "Specified token corrupted")
        add("an expired token", tokens.expired, unusable)
        add("a deleted token", tokens.deleted, unusable)
        add("a token of another house", tokens.foreign, corrupted)
        add("a tampered token", tokens.tampered, corrupted)
        return rows
    }

    private static func check(
        _ reply: Reply, _ expected: Expected, _ operation: Door.Entry, _ message: String
    ) throws {
        switch expected {
        // What there is none of is refused to all who get there.
        case .allowed where operation.path.hasPrefix("/6/lambdas"):
            #expect(reply.status == 403, "\(message)")
            if operation.method != .head { #expect(try reply.json["error_code"] == 11072, "\(message)") }
        case .allowed: #expect(reply.status < 500 && ![401, 403].contains(reply.status), "\(message): \(reply.status)")
        case .refused(let status, let code, let detail):
            #expect(reply.status == status, "\(message)")
            if status == 401 { #expect(reply.headers["www-authenticate"] != nil, "\(message)") }
            guard operation.method != .head else { return #expect(reply.body.isEmpty) }
            let error = try reply.json
            #expect(error["error_code"] == .integer(code), "\(message): \(error)")
            #expect(error["detail"] == .string(detail), "\(message)")
        }
    }

    // MARK: Whose object

    enum Proof: CaseIterable { case password, session, accountID, narrowToken, wideToken }

    @Test(arguments: Account.Kind.allCases)
    func anothersObjectAnswersAsOneThatIsNotThere(kind: Account.Kind) async throws {
        try await withServer { server in
            let account = server.account(of: kind)
            let checked = Counter()
            for operation in server.entries {
                guard let parameter = operation.parameter, !["analytic_id", "lambda_id"].contains(parameter),
                    operation.requirement != nil
                else {
                    continue
                }
                let sample = Self.samples[operation.name] ?? ("", nil)
                for proof in Proof.allCases {
                    let headers = try await Self.headers(proof, account, server)
                    func reply(_ id: UUID) async throws -> Reply {
                        try await server.send(
                            operation.method.rawValue, operation.path(id: id) + sample.query, sample.body,
                            headers: headers)
                    }
                    func normal(_ reply: Reply, _ id: UUID) -> String {
                        String(decoding: reply.body, as: UTF8.self).replacing(id.uuidString.lowercased(), with: "ID")
                    }
                    let message: Comment = "\(operation.name) by \(kind) with \(proof)"
                    let own = try #require(
                        try await Self.makeObject(parameter, account, server, for: operation.path),
                        "how is one made? \(message)")
                    let others = try #require(
                        try await Self.makeObject(parameter, server.stranger, server, for: operation.path))
                    let absent = UUID()
                    let ownReply = try await reply(own)
                    let (otherReply, absentReply) = (try await reply(others), try await reply(absent))
                    // By the contract this one does not say whether there was anything.
                    let isSilent = operation.name == "DELETE /6/attributes/{attribute_id}"
                    let missing = isSilent ? 204 : 404
                    #expect(absentReply.status == missing, message)
                    // A stream that does not run has no picture, which is something else than no stream.
                    let isPreview = operation.path.hasSuffix("/preview.jpg")
                    let hasNoPicture = try isPreview && ownReply.json["error_code"] == 44014
                    let isReached = ![401, 403, 404].contains(ownReply.status) && ownReply.status < 500
                    #expect(isReached != hasNoPicture, message)
                    if operation.method != .head, !isSilent {
                        // The object was looked for; a path that is none would say 12013.
                        #expect(try absentReply.json["error_code"] != 12013, message)
                    }
                    let seesAll = kind != .user && [.password, .session, .wideToken].contains(proof)
                    if seesAll, [.get, .head].contains(operation.method) {
                        #expect(otherReply.status == ownReply.status, message)
                    } else {
                        #expect(otherReply.status == missing, message)
                        #expect(normal(otherReply, others) == normal(absentReply, absent), message)
                        if isSilent { #expect(try await server.store.attribute(id: others, account: nil) != nil) }
                    }
                    checked.increment()
                }
            }
            #expect(checked.value >= 30)
        }
    }

    /// Lists, by where in them the account of an object stands.
    private static let lists = [
        ("/6/streams?page_size=1000", "streams"), ("/6/tokens?page_size=1000", "tokens"),
        ("/6/accounts?page_size=1000", "accounts"), ("/6/events?page_size=1000", "events"),
        ("/6/general/events?page_size=1000", "events"), ("/6/faces?page_size=1000", "faces"),
        ("/6/lists?page_size=1000", "lists"), ("/6/faces/logs?page_size=1000", "logs"),
    ]

    @Test(arguments: Account.Kind.allCases)
    func listsShowWhatTheCallerMaySee(kind: Account.Kind) async throws {
        try await withServer { server in
            let account = server.account(of: kind)
            for owner in [account, server.stranger] {
                for (parameter, path) in [
                    ("stream_id", ""), ("token_id", ""), ("event_id", "/6/events"), ("event_id", "/6/general/events"),
                    ("face_id", ""), ("list_id", ""),
                ] { _ = try await Self.makeObject(parameter, owner, server, for: path) }
            }
            for (path, name) in Self.lists {
                for proof in Proof.allCases where !(name == "accounts" && [.narrowToken, .wideToken].contains(proof)) {
                    let headers = try await Self.headers(proof, account, server)
                    let seesAll = kind != .user && [.password, .session, .wideToken].contains(proof)
                    func owners(_ query: String) async throws -> Set<String> {
                        let reply = try await server.send("GET", path + query, headers: headers)
                        #expect(reply.status == 200)
                        return Set(try reply.json[name]?.array?.compactMap { $0["account_id"]?.string } ?? [])
                    }
                    let (own, other) = (account.id.wire, server.stranger.id.wire)
                    let message: Comment = "\(path) by \(kind) with \(proof)"
                    let shown = try await owners("")
                    #expect(shown.contains(own), message)
                    #expect(shown.contains(other) == seesAll, message)
                    guard name != "accounts" else { continue }
                    #expect(try await owners("&account_id=\(other)") == [seesAll ? other : own], message)
                }
            }
        }
    }
}
