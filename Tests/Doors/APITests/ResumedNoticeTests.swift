import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Testing

@testable import API

/// `/6/ws?after=`, `/6/general/ws?after=` and `/6/general/sse`.
struct ResumedNoticeTests {
    private static let crowds = "/6/general/ws?event_type=crowd"
    private static func position(_ cursor: JSONValue) -> JSONValue {
        ["stream_status": "in_progress", "error": nil, "position": cursor]
    }

    @Test func whatWasMissedIsToldWithItsNumbers() async throws {
        try await withServer { server in
            let first = try await server.happen(Noticed(of: server.user.id))  // 1, 2
            try await server.createEvent()  // 3, 4
            let second = try await server.happen(Noticed(of: server.user.id))  // 5, 6
            try await server.subscribe("\(Self.crowds)&after=0") { socket in
                let begin = try await socket.nextMessage()
                #expect(begin == Self.position(0))
                for (id, previous, sequence) in [(first, 0, 2), (second, 2, 6)] as [(UUID, Int64, Int64)] {
                    let message = try await socket.nextMessage()
                    #expect(message?["event"]?["event_id"] == .string(id.wire) && message?["event_type"] == "crowd")
                    #expect(message?["previous"] == .integer(previous) && message?["sequence"] == .integer(sequence))
                }
                let third = try await server.happen(Noticed(of: server.user.id))
                let message = try await socket.nextMessage()
                #expect(message?["event"]?["event_id"] == .string(third.wire) && message?["sequence"] == 8)
            }
            try await server.subscribe("/6/ws?after=2") { socket in
                let begin = try await socket.nextMessage()
                #expect(begin == Self.position(2))
                let message = try await socket.nextMessage()
                #expect(message?["sequence"] == 4 && message?["previous"] == 2)
            }
        }
    }

    @Test func whoSeesSeveralAccountsGoesOnByACursorOfAll() async throws {
        try await withServer { server in
            let headers = TestServer.basic(server.advanced)
            var happened: [UUID] = []
            for account in [server.user, server.stranger, server.user] {
                happened.append(try await server.happen(Noticed(of: account.id)))
            }
            var cursors: [String] = []
            try await server.subscribe("\(Self.crowds)&after=0", as: headers) { socket in
                let begin = try await socket.nextMessage()
                cursors.append(try #require(begin?["position"]?.string))
                for id in happened {
                    let message = try await socket.nextMessage()
                    #expect(message?["event"]?["event_id"] == .string(id.wire))
                    #expect(message?["previous"]?.string == cursors.last)
                    cursors.append(try #require(message?["sequence"]?.string))
                }
            }
            try await server.subscribe("\(Self.crowds)&after=\(cursors[2])", as: headers) { socket in
                let begin = try await socket.nextMessage()
                #expect(begin == Self.position(.string(cursors[2])))
                let told = try await socket.nextEvent()
                #expect(told == happened[2])
            }
            // A cursor of all says nothing to who sees one, nor does a number to who sees all.
            for (cursor, headers) in [(cursors[2], TestServer.basic(server.user)), ("2", headers)] {
                let handshake = RawWebSocket.handshake.merging(headers) { $1 }
                let reply = try await server.sendRaw("GET", "\(Self.crowds)&after=\(cursor)", headers: handshake)
                #expect(reply.status == 400)
            }
        }
    }

    @Test func serverSentEventsGoOnByTheirIds() async throws {
        try await withServer { server in
            let first = try await server.happen(Noticed(of: server.user.id))
            let path = "/6/general/sse?event_type=crowd&after=0"
            try await server.follow(path) { source in
                let (begin, event) = (try await source.next(), try await source.next())
                #expect(begin?.id == "0" && begin?.data == Self.position(0))
                #expect(event?.id == "2" && event?.data["event"]?["event_id"] == .string(first.wire))
            }
            let second = try await server.happen(Noticed(of: server.user.id))
            // What the client has got goes before what it asks for.
            try await server.follow(path, headers: ["Last-Event-ID": "2"]) { source in
                let (begin, event) = (try await source.next(), try await source.next())
                #expect(begin?.data == Self.position(2) && event?.id == "4")
                #expect(event?.data["event"]?["event_id"] == .string(second.wire))
            }
        }
    }
}
