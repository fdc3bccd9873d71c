import DoorSupport
import Foundation
import JSON
import Synchronization
import Testing

@testable import HTTPEdge

/// WebSockets in a door's table.
struct SocketTests {
    private static let golden = ["Key": "golden"]
    private static let path = "/jobs/7/feed"

    /// A feed of one job that greets, and then waits for its end; job 0 does not exist.
    private static func feed(_ table: ResourceTable<KeyGate>) {
        table.socket("/jobs/{job}/feed", "golden") { call in
            guard let job = call.parameter("job"), job != "0" else { throw Refusal.badQuery("job") }
            return WebSocketSession { socket in
                try? await socket.send("job \(job) of \(call.caller)")
                if job == "short" { return .normal }
                try? await Task.sleep(for: .seconds(3600))
                return .goingAway
            }
        }
    }
    private static func upgrade(
        _ listener: RunningListener, _ path: String, _ headers: [String: String], _ body: String = ""
    ) async throws -> Reply {
        try await RawConnection.open(port: listener.port) { connection in
            var head = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            try await connection.write("\(head)\r\n\(body)")
            return try Reply(await connection.readToEnd())
        }
    }

    @Test func whoHasTheKeyIsServed() async throws {
        try await withDoors(words: Self.feed) { listener in
            let id = "1536751345,8b8b5937-2e9c-4e8b-a7a7-5caf86621b5a"
            let headers = ["Luna-Request-Id": id].merging(Self.golden) { $1 }
            try await RawWebSocket.open(port: listener.port, "/jobs/short/feed?a=b", headers: headers) { socket in
                #expect(socket.reply.status == 101 && socket.reply.headers["luna-request-id"] == id)
                #expect(socket.reply.headers["access-control-allow-origin"] == "*")
                let (message, end) = (try await socket.next(), try await socket.next())
                #expect(message == .text("job short of golden") && end == .close(1000))
            }
            let counts = listener.metrics.all.map { "\($0.key.route) \($0.key.status) \($0.value.count)" }
            #expect(counts == ["GET:/jobs/{job}/feed 101 1"])
        }
    }

    @Test func whoHasNotIsAnsweredByTheDoor() async throws {
        try await withDoors(words: Self.feed) { listener in
            let handshake = RawWebSocket.handshake
            for (path, headers, status, text) in [
                (Self.path, handshake, 401, "no key"),
                (Self.path, handshake.merging(["Key": "silver"]) { $1 }, 401, "no key"),
                ("/jobs/0/feed", handshake.merging(Self.golden) { $1 }, 409, #"no: badQuery("job")"#),
                // Not an upgrade, or not of this resource.
                (Self.path, Self.golden, 409, "no: notAnUpgrade"),
                (Self.path, ["Connection": "close"].merging(Self.golden) { $1 }, 409, "no: notAnUpgrade"),
                ("\(Self.path)/", handshake.merging(Self.golden) { $1 }, 409, "no: badHandshake"),
                ("/jobs//7/feed", handshake.merging(Self.golden) { $1 }, 409, "no: badHandshake"),
                ("/jobs/7", handshake.merging(Self.golden) { $1 }, 200, "job 7"),
                ("/jobs/7/other", handshake.merging(Self.golden) { $1 }, 409, "no: pageNotFound"),
            ] {
                let closing = headers["Connection"] == nil ? headers.merging(["Connection": "close"]) { $1 } : headers
                let reply = try await Self.upgrade(listener, path, closing)
                #expect(reply.status == status && reply.text == text, "\(path)")
                let isWanted = text == "no: notAnUpgrade"
                #expect(reply.headers["connection"] == (isWanted ? "close, upgrade" : "close"))
                #expect(reply.headers["upgrade"] == (isWanted ? "websocket" : nil))
            }
        }
    }

    /// RFC 6455 §4.4; what is wrong with the resource is said before.
    @Test func whoAsksInAnotherVersionIsToldWhichThereIs() async throws {
        try await withDoors(words: Self.feed) { listener in
            for version in ["12", "8", "14", "13, 8", "", nil] {
                var headers = RawWebSocket.handshake.merging(Self.golden) { $1 }
                headers["Sec-WebSocket-Version"] = version
                let reply = try await Self.upgrade(listener, Self.path, headers)
                #expect(reply.text == "no: notAnUpgrade", "\(version ?? "none")")
                #expect(reply.headers["sec-websocket-version"] == "13" && reply.headers["upgrade"] == "websocket")
                #expect(try await Self.upgrade(listener, "/jobs/0/feed", headers).text == #"no: badQuery("job")"#)
                headers["Key"] = nil
                #expect(try await Self.upgrade(listener, Self.path, headers).status == 401)
            }
        }
    }
    /// Without the end of the connection whoever does as he is told would come too late on it.
    @Test func anUpgradeIsTheFirstRequestOfItsConnection() async throws {
        try await withDoors(words: Self.feed) { listener in
            try await RawConnection.open(port: listener.port) { connection in
                func ask(_ path: String, _ headers: [String: String]) async throws {
                    let lines = headers.merging(Self.golden) { $1 }.map { "\($0): \($1)\r\n" }
                    try await connection.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines.joined())\r\n")
                }
                try await ask("/jobs/7", [:])
                let first = try await connection.read(through: "job 7")
                #expect(try Reply(first).status == 200)
                try await ask(Self.path, RawWebSocket.handshake)
                let late = try Reply(await connection.readToEnd())
                #expect(late.text == "no: badHandshake" && late.headers["connection"] == "close")
            }
        }
    }

    @Test func whoAsksTooEarlyIsToldSoEvenIfHeWouldBeServedByNow() async throws {
        let count = Mutex(0)
        let words: (ResourceTable<KeyGate>) -> Void = { table in
            table.socket("/jobs/{job}/feed", "golden") { _ in
                let isFirst = count.withLock { count in
                    defer { count += 1 }
                    return count == 0
                }
                if isFirst { throw Refusal.badQuery("too early") }
                return WebSocketSession { _ in .normal }
            }
        }
        try await withDoors(words: words) { listener in
            let headers = RawWebSocket.handshake.merging(Self.golden) { $1 }
            let reply = try await Self.upgrade(listener, Self.path, headers)
            #expect(reply.status == 409 && reply.text == #"no: badQuery("too early")"#)
        }
    }

    @Test(arguments: [
        ("Content-Length", "5", "hello"), ("Content-Length", "5", ""), ("Transfer-Encoding", "chunked", ""),
    ])
    func whoAnnouncesABodyIsTold(name: String, value: String, body: String) async throws {
        try await withDoors(words: Self.feed) { listener in
            let headers = RawWebSocket.handshake.merging(Self.golden) { $1 }.merging([name: value]) { $1 }
            let reply = try await Self.upgrade(listener, Self.path, headers, body)
            #expect(reply.status == 409 && reply.text == "no: upgradeWithBody")
        }
    }

    // MARK: The protocol

    @Test func whatWasSaidBeforeTheEndReachesAClientThatIsSlow() async throws {
        let last = "last"
        let words: (ResourceTable<KeyGate>) -> Void = { table in
            table.socket("/jobs/{job}/feed", "golden") { _ in
                WebSocketSession { socket in
                    for _ in 0..<24 { try? await socket.send(String(repeating: "a", count: 60_000)) }
                    try? await socket.send(last)
                    return .tryAgainLater
                }
            }
        }
        try await withDoors(words: words) { listener in
            try await RawWebSocket.open(
                port: listener.port, Self.path, headers: Self.golden, ahead: 64 << 10
            ) { socket in
                var texts: [String] = [], code: UInt16?
                while code == nil, let frame = try await socket.next() {
                    switch frame {
                    case .text(let text):
                        texts.append(text)
                        // In all longer than a client has who is not welcome.
                        try await Task.sleep(for: .milliseconds(250))
                        try await socket.send(opcode: 9)
                    case .close(let value): code = value
                    case .ping, .pong, .binary: break
                    }
                }
                #expect(texts.count == 25 && texts.last == last && code == 1013)
            }
        }
    }

    @Test func pingsAreAnsweredAndWhatClientsSayIsIgnored() async throws {
        try await withDoors(words: Self.feed) { listener in
            try await RawWebSocket.open(port: listener.port, Self.path, headers: Self.golden) { socket in
                #expect(try await socket.next() == .text("job 7 of golden"))
                try await socket.send(opcode: 1, Array("hello".utf8))
                try await socket.send(opcode: 2, [1, 2, 3], isFinal: false)
                try await socket.send(opcode: 9, [4, 5])  // a control frame between fragments
                try await socket.send(opcode: 0, [6], isFinal: true)
                try await socket.send(opcode: 9)
                #expect(try await socket.next() == .pong([4, 5]))
                #expect(try await socket.next() == .pong([]))
            }
        }
    }

    @Test func theServerAsksForSignsOfLife() async throws {
        // Long enough for a busy machine to say the first words before it.
        try await withDoors({ $0.pingInterval = .milliseconds(200) }, words: Self.feed) { listener in
            try await RawWebSocket.open(port: listener.port, Self.path, headers: Self.golden) { socket in
                let (message, ping) = (try await socket.next(), try await socket.next())
                #expect(message == .text("job 7 of golden") && ping == .ping([]))
                // No pong: given up without a word after three of them.
                while let frame = try await socket.next() { #expect(frame == .ping([])) }
            }
        }
    }

    enum Misbehaviour: CaseIterable {
        case unmasked, longFrame, longMessage, strayContinuation, interruptedMessage, reservedOpcode, badCloseCode

        var code: UInt16 {
            switch self {
            case .longFrame, .longMessage: 1009
            default: 1002
            }
        }
        func perform(on socket: RawWebSocket) async throws {
            switch self {
            case .unmasked: try await socket.send(opcode: 1, [65], isMasked: false)
            case .longFrame: try await socket.send(opcode: 1, [UInt8](repeating: 65, count: 20_000))
            case .longMessage:
                try await socket.send(opcode: 1, [], isFinal: false)
                for _ in 0..<5 {
                    try await socket.send(opcode: 0, [UInt8](repeating: 65, count: 16_000), isFinal: false)
                }
            case .strayContinuation: try await socket.send(opcode: 0, [65])
            case .interruptedMessage:
                try await socket.send(opcode: 1, [65], isFinal: false)
                try await socket.send(opcode: 1, [65])
            case .reservedOpcode: try await socket.send(opcode: 3)
            case .badCloseCode: try await socket.sendClose(1006)
            }
        }
    }
    @Test(arguments: Misbehaviour.allCases)
    func aClientThatBreaksTheProtocolIsClosedWithTheRightCode(misbehaviour: Misbehaviour) async throws {
        try await withDoors(words: Self.feed) { listener in
            try await RawWebSocket.open(port: listener.port, Self.path, headers: Self.golden) { socket in
                #expect(try await socket.next() == .text("job 7 of golden"))
                try await misbehaviour.perform(on: socket)
                #expect(try await socket.next() == .close(misbehaviour.code))
            }
        }
    }

    @Test func aShutdownClosesOpenSocketsAndSilentConnections() async throws {
        try await withDoors(words: Self.feed) { listener in
            try await RawConnection.open(port: listener.port) { silent in
                try await RawWebSocket.open(port: listener.port, Self.path, headers: Self.golden) { socket in
                    #expect(try await socket.next() == .text("job 7 of golden"))
                    await listener.shutDown()
                    #expect(try await socket.next() == .close(1001))
                    try await socket.sendClose(1001)
                    #expect(try await socket.next() == nil)
                    #expect(try await silent.readToEnd().isEmpty)
                }
            }
        }
    }
}
