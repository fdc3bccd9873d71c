import DoorSupport
import Foundation
import Identity
import JSON
import Records
import Scene
import Store
import Testing

@testable import API

/// `/6/ws` and `/6/general/ws`.
struct NoticeFeedTests {
    private static let crowds = "/6/general/ws?event_type=crowd"
    private static func bearer(_ token: Token) -> [String: String] { ["Authorization": "Bearer \(token.jwt)"] }

    @Test func eachFeedTellsEventsOfItsKind() async throws {
        try await withServer { server in
            let mine = server.user.id
            try await server.subscribe("/6/ws") { handlers in
                try await server.subscribe(Self.crowds) { general in
                    try await server.happen(Noticed("queue", of: mine))
                    let crowd = try await server.happen(Noticed(of: mine))
                    let person = try await server.happen(Noticed("human_tracking", [:], of: mine, form: .generated))
                    let raw = try await server.createEvent()
                    let last = try await server.happen(Noticed(of: mine))
                    let crowds = [try await general.nextEvent(), try await general.nextEvent()]
                    let others = [try await handlers.nextEvent(), try await handlers.nextEvent()]
                    #expect(crowds == [crowd, last] && others == [person, raw])
                }
            }
        }
    }

    @Test func anEnabledNotificationOfTheAnalyticDecides() async throws {
        try await withServer { server in
            try await server.subscribe(Self.crowds) { socket in
                let silent: [[(type: String, isEnabled: Bool)]] = [
                    [], [("luna-ws-notification", false)], [("luna-event", true)],
                ]
                for callbacks in silent {
                    try await server.happen(Noticed(of: server.user.id, callbacks: callbacks))
                }
                let id = try await server.happen(
                    Noticed(of: server.user.id, callbacks: [("luna-event", true), ("luna-ws-notification", true)]))
                let told = try await socket.nextEvent()
                #expect(told == id)
                // All of them are stored.
                let list = try await server.send(
                    "GET", "/6/general/events?create_time__gte=2024-05-11T00:00:00Z")
                #expect(try list.json["events"]?.array?.count == 4)
            }
        }
    }

    @Test func whatThePolicySendsIsTold() async throws {
        try await withServer { server in
            try await server.subscribe(Self.crowds) { socket in
                let (atStart, atEnd) = (try Noticed(of: server.user.id), try Noticed(of: server.user.id))
                try await server.record(atEnd, .opened, isReported: false)
                try await server.record(atStart, .opened, isReported: true)
                let first = try await socket.nextEvent()
                #expect(first == atStart.event.id)
                try await server.record(atStart, .closed, isReported: false)
                try await server.record(atEnd, .closed, isReported: true)
                let second = try await socket.nextEvent()
                #expect(second == atEnd.event.id)
            }
        }
    }

    @Test func everybodyIsToldWhatHeMaySee() async throws {
        try await withServer { server in
            let (own, wide) = (TestServer.basic(server.user), TestServer.basic(server.advanced))
            let narrow = ["Luna-Account-Id": server.advanced.id.wire]
            func token(_ visibility: Token.Visibility) async throws -> [String: String] {
                var specification = TokenSpecification(permissions: TokenPermissions(["event": ["view"]]))
                specification.visibility = visibility
                return Self.bearer(try await server.identity.createToken(specification, account: server.advanced.id))
            }
            let (all, account) = (try await token(.all), try await token(.account))
            let restricted = "\(Self.crowds)&account_id=\(server.stranger.id.wire)"
            let ids = [server.user.id, server.stranger.id, server.advanced.id]
            for (name, path, headers, seen) in [
                ("own", Self.crowds, own, [0]), ("own, asking for another", restricted, own, [0]),
                ("all", Self.crowds, wide, [0, 1, 2]), ("one of all", restricted, wide, [1]),
                ("by id", Self.crowds, narrow, [2]), ("wide token", Self.crowds, all, [0, 1, 2]),
                ("narrow token", Self.crowds, account, [2]),
            ] {
                try await server.subscribe(path, as: headers) { socket in
                    var happened: [UUID] = []
                    for id in ids { happened.append(try await server.happen(Noticed(of: id))) }
                    for index in seen {
                        let told = try await socket.nextEvent()
                        #expect(told == happened[index], "\(name)")
                    }
                }
            }
        }
    }

    @Test func badQueriesAreRefusedBeforeTheUpgrade() async throws {
        try await withServer { server in
            let headers = TestServer.basic(server.user).merging(RawWebSocket.handshake) { first, _ in first }
            func upgrade(_ path: String) async throws -> Reply {
                try await server.sendRaw("GET", path, headers: headers)
            }
            try await upgrade("/6/general/ws").expectError(
                400, 11027, "Bad/incomplete input data",
                "Failed to validate input json. Path: 'event_type', message: 'field required'")
            for (query, name) in [
                ("age__gte=old", "age__gte"), ("gender=null", "gender"), ("stream_ids=null", "stream_ids"),
                ("handler_ids=1", "handler_ids"), ("emotions=8", "emotions"), ("after=1", "after"),
                ("after=x", "after"),
                ("object_similarity__gte=2", "object_similarity__gte"), ("geo_position=1,2", "geo_position"),
                ("geo_position=origin_longitude,24.1", "geo_position"),
                ("geo_position=origin_longitude,24.1,origin_latitude,91", "geo_position"),
                ("geo_position=origin_longitude,1,origin_longitude,1,origin_latitude,1", "geo_position"),
            ] {
                try await upgrade("/6/ws?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
            for (query, name) in [
                ("event.people_count__near=1", "event.people_count__near"), ("account_id=1", "account_id"),
                ("event.people_count:integer=x", "event.people_count:integer"),
            ] {
                try await upgrade("\(Self.crowds)&\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
            for path in ["/6/ws", Self.crowds] { try await server.send("GET", path).expectUpgradeWanted() }
        }
    }

    @Test func generalEventsAreFilteredByWhatTheySay() async throws {
        try await withServer { server in
            try await server.subscribe("\(Self.crowds)&event.people_count__gte:integer=3&event.hall__in=a,b") {
                socket in
                for (people, hall) in [(2, "a"), (3, "c"), (4, nil), (5, "b")] as [(Int64, String?)] {
                    var members: [String: JSONValue] = ["people_count": .integer(people)]
                    members["hall"] = hall.map { .string($0) }
                    try await server.happen(Noticed("crowd", members, of: server.user.id))
                }
                let told = try await socket.nextMessage()
                #expect(told?["event"]?["people_count"] == 5)
            }
        }
    }

    // MARK: The end

    @Test func aFeedEndsWithItsRight() async throws {
        try await withServer { server in
            let token = try await server.identity.createToken(
                TokenSpecification(permissions: TokenPermissions(["event": ["view"]])), account: server.user.id)
            try await server.subscribe("/6/ws", as: Self.bearer(token)) { socket in
                let raw = try await server.createEvent()
                let told = try await socket.nextEvent()
                #expect(told == raw)
                let without: JSONValue = ["expiration_time": nil, "permissions": ["video_stream": ["view"]]]
                #expect(try await server.send("PUT", "/6/tokens/\(token.id.wire)", without).status == 201)
                #expect(try await socket.next() == .close(1008))
            }
            let headers = RawWebSocket.handshake.merging(Self.bearer(token)) { $1 }
            let refused = try await server.sendRaw("GET", "/6/ws", headers: headers)
            #expect(refused.status == 403)
            #expect(try refused.json["error_code"] == 11059)
        }
    }

    @Test func aFeedOfAllAccountsEndsWhenTheyAreNoLongerSeen() async throws {
        try await withServer { server in
            let watcher = TestServer.basic(server.advanced)
            try await server.subscribe(Self.crowds, as: watcher) { socket in
                let lowered = try await server.send("PATCH", "/6/account", ["account_type": "user"], headers: watcher)
                #expect(lowered.status == 204)
                #expect(try await socket.next() == .close(1008))
            }
        }
    }

    @Test func aClientThatReadsTooSlowlyIsToldSo() async throws {
        try await withServer {
            $0.feedPace.patience = .zero  // everybody is too slow for whom something waits
        } _: { server in
            try await server.subscribe("/6/ws") { socket in
                var end: RawWebSocket.Frame?
                while end == nil {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<20 { group.addTask { _ = try await server.createEvent() } }
                        try await group.waitForAll()
                    }
                    for _ in 0..<20 {
                        let frame = try await socket.next()
                        if case .text = frame { continue }
                        end = frame
                        break
                    }
                }
                #expect(end == .close(1013))
            }
        }
    }

    @Test func whoeverIsOneTooManyIsRefused() async throws {
        try await withServer {
            $0.subscriberLimit = 1
        } _: { server in
            let headers = TestServer.basic(server.user).merging(RawWebSocket.handshake) { first, _ in first }
            try await server.subscribe("/6/ws") { _ in
                let reply = try await server.sendRaw("GET", Self.crowds, headers: headers)
                #expect(reply.status == 503)
            }
            // A place is free as soon as the server knows that its client has left.
            while try await server.sendRaw("GET", "/6/ws", headers: TestServer.basic(server.user)).status == 503 {}
        }
    }

    private static let violations: [(UInt8, [UInt8], Bool, Bool, UInt16)] = [
        (1, [UInt8](repeating: 97, count: 17 << 10), true, true, 1009),  // a frame that is too long
        (1, [0xff, 0xfe], true, true, 1007), (1, [97], true, false, 1002), (3, [], true, true, 1002),
        (0, [97], true, true, 1002), (9, [97], false, true, 1002),
    ]
    @Test(arguments: violations)
    func whoBreaksTheProtocolIsToldHow(
        opcode: UInt8, payload: [UInt8], isFinal: Bool, isMasked: Bool, code: UInt16
    ) async throws {
        try await withServer { server in
            try await server.subscribe("/6/ws") { socket in
                try await socket.send(opcode: opcode, payload, isFinal: isFinal, isMasked: isMasked)
                #expect(try await socket.next() == .close(code))
            }
        }
    }
    @Test func whatAClientSaysInPiecesIsPassedOver() async throws {
        try await withServer { server in
            try await server.subscribe(Self.crowds) { socket in
                try await socket.send(opcode: 1, Array("hal".utf8), isFinal: false)
                try await socket.send(opcode: 9, [7])
                try await socket.send(opcode: 0, Array("lo".utf8))
                #expect(try await socket.next() == .pong([7]))
                let id = try await server.happen(Noticed(of: server.user.id))
                let told = try await socket.nextEvent()
                #expect(told == id)
            }
        }
    }
}
