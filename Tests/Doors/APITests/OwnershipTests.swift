import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

/// Who may do what with an object of somebody else: every operation on one object × every kind of caller.
struct OwnershipTests {
    /// An operation on one stream or group; `{id}` in the path or the body is the object's.
    private struct Operation: Sendable {
        let method, path: String
        var body: JSONValue?
        let isReading: Bool
        let success: Int
    }
    private static let streamOperations = [
        Operation(method: "GET", path: "/6/streams/{id}", isReading: true, success: 200),
        Operation(method: "HEAD", path: "/6/streams/{id}", isReading: true, success: 200),
        // It is not running: seen, the answer is 422.
        Operation(method: "GET", path: "/6/streams/{id}/ws", isReading: true, success: 422),
        // Seen, it is to be asked for by an upgrade.
        Operation(method: "GET", path: "/6/streams/{id}/live", isReading: true, success: 426),
        Operation(
            method: "PUT", path: "/6/streams/{id}", body: StreamTests.minimal, isReading: false, success: 200),
        Operation(method: "PATCH", path: "/6/streams/{id}?action=stop", isReading: false, success: 204),
        Operation(method: "DELETE", path: "/6/streams/{id}", isReading: false, success: 204),
    ]
    private static let groupOperations = [
        Operation(method: "GET", path: "/6/groups/{id}", isReading: true, success: 200),
        Operation(
            method: "PATCH", path: "/6/groups/{id}", body: ["description": "mine"], isReading: false, success: 204),
        Operation(method: "DELETE", path: "/6/groups/{id}", isReading: false, success: 204),
    ]

    /// Everybody who may ask, and whether he sees all accounts.
    private static func callers(_ server: TestServer) async throws -> [(
        headers: [String: String], account: Account, seesAll: Bool
    )] {
        return [server.user, server.stranger, server.advanced, server.admin].flatMap { account in
            [
                (TestServer.basic(account), account, account.kind != .user),
                (["Luna-Account-Id": account.id.uuidString.lowercased()], account, false),
            ]
        }
    }

    @Test func othersReadAtMostAndAForeignIdAnswersAsAnAbsentOne() async throws {
        try await withServer { server in
            for caller in try await Self.callers(server) {
                for (index, operation) in (Self.streamOperations + Self.groupOperations).enumerated() {
                    let isStream = index < Self.streamOperations.count
                    let id =
                        isStream
                        ? try await server.createStream().id
                        : try await server.store.createGroup(name: UUID().uuidString, account: server.user.id).id
                    func ask(_ id: UUID) async throws -> (status: Int, body: String) {
                        let text = id.uuidString.lowercased()
                        // The owner's id as a filter opens nothing.
                        let filter =
                            (operation.path.contains("?") ? "&" : "?")
                            + "account_id=\(server.user.id.uuidString.lowercased())"
                        let reply = try await server.send(
                            operation.method, operation.path.replacing("{id}", with: text) + filter, operation.body,
                            headers: caller.headers)
                        return (reply.status, String(decoding: reply.body, as: UTF8.self).replacing(text, with: "{id}"))
                    }
                    let isAllowed = caller.account == server.user || (caller.seesAll && operation.isReading)
                    let found = try await ask(id)
                    let absent = try await ask(UUID())
                    let comment = "\(operation.method) \(operation.path) by \(caller.headers)"
                    #expect(absent.status == 404, "\(comment)")
                    if isAllowed {
                        #expect(found.status == operation.success, "\(comment)")
                    } else {
                        #expect(found == absent, "\(comment)")
                        let isThere =
                            isStream
                            ? try await server.store.stream(id: id, account: nil)?.status == .pending
                            : try await server.store.group(id: id, account: nil)?.description == ""
                        #expect(isThere, "\(comment)")
                    }
                }
            }
        }
    }

    @Test func listsShowWhatTheCallerSees() async throws {
        try await withServer { server in
            let callers = try await Self.callers(server)
            _ = try await server.createStream()
            _ = try await server.createStream(server.stranger)
            _ = try await server.store.createGroup(name: "hd", account: server.user.id)
            _ = try await server.store.createGroup(name: "hd", account: server.stranger.id)
            for caller in callers {
                let isOwner = [server.user, server.stranger].contains(caller.account)
                let filter = "account_id=\(server.user.id.uuidString.lowercased())"
                for (path, key) in [("/6/streams", "streams"), ("/6/streams/logs", "logs"), ("/6/groups", "groups")] {
                    func count(_ query: String) async throws -> Int? {
                        try await server.send("GET", "\(path)?\(query)", headers: caller.headers).json[key]?.array?
                            .count
                    }
                    #expect(try await count("") == (caller.seesAll ? 2 : isOwner ? 1 : 0))
                    #expect(try await count(filter) == (caller.seesAll || isOwner ? 1 : 0))
                }
                for (path, key) in [("/6/streams/count", "streams_count"), ("/6/groups/count", "groups_count")] {
                    func count(_ query: String) async throws -> JSONValue? {
                        try await server.send("GET", "\(path)?\(query)", headers: caller.headers).json[key]
                    }
                    #expect(try await count("") == (caller.seesAll ? 2 : isOwner ? 1 : 0))
                    #expect(try await count(filter) == (caller.seesAll || isOwner ? 1 : 0))
                }
            }
        }
    }
}
