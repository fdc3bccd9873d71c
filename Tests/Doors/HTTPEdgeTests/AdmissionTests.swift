import DoorSupport
import Foundation
import HTTPTypes
import JSON
import LogSupport
import Synchronization
import Testing

@testable import HTTPEdge

/// More connections than may be served.
struct AdmissionTests {
    /// So many, and nobody goes for any other reason, however busy the machine is.
    private static func places(_ count: Int) -> (inout ListenerConfiguration) -> Void {
        { listener in
            listener.connectionLimit = count
            (listener.headTimeout, listener.idleTimeout) = (.seconds(600), .seconds(600))
            listener.endTimeout = .seconds(600)
        }
    }
    private static let request = "GET /open HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func idleConnectionsGiveWayToThoseWhoAsk() async throws {
        try await withDoors(Self.places(20)) { listener in
            try await RawConnection.open(30, port: listener.port) { idle in
                for _ in 0..<5 { #expect(try await listener.send("GET", "/open").status == 200) }
                // The first ones have waited longest.
                let reply = try Reply(await idle[0].readToEnd())
                #expect(try reply.json == ["refusal": "tooManyConnections(limit: 20)"])
                #expect(reply.headers["connection"] == "close" && reply.headers["luna-request-id"] != nil)
                // The last one has its place.
                try await idle[29].write(Self.request)
                #expect(try Reply(await idle[29].read(through: "\r\n\r\n")).status == 200)
            }
            #expect(listener.metrics.limits[.connectionsGivenUp] >= 11)
            #expect(listener.metrics.limits[.connections] == 0)
            let warnings = listener.log.lines.filter { $0.contains("some are turned away") }
            // A line a minute at most, of which a slow machine takes several.
            #expect(!warnings.isEmpty && warnings.count <= 5, "not a line for each of them")
        }
    }

    @Test func aConnectionBetweenTwoRequestsGivesWayWithoutAWord() async throws {
        try await withDoors(Self.places(8)) { listener in
            try await RawConnection.open(8, port: listener.port) { connections in
                for connection in connections {
                    try await connection.write(Self.request)
                    let length = try Reply(await connection.read(through: "\r\n\r\n")).headers["content-length"]
                    _ = try await connection.read(count: try #require(length.flatMap { Int($0) }))
                }
                #expect(try await listener.send("GET", "/open").status == 200)
                #expect(try await connections[0].readToEnd().isEmpty)
            }
        }
    }

    @Test func whoeverComesWhileAllAreAtWorkIsToldSo() async throws {
        let work = Work()
        try await withDoors(Self.places(8), objects: work.add) { listener in
            try await RawConnection.open(8, port: listener.port) { busy in
                for connection in busy { try await connection.write("GET /work HTTP/1.1\r\nHost: a\r\n\r\n") }
                await work.begun(8)
                for count in 1...3 {
                    let reply = try await listener.send("GET", "/open")
                    #expect(try reply.json == ["refusal": "tooManyConnections(limit: 8)"])
                    #expect(listener.metrics.limits[.connections] == count)
                }
                work.end()
                for connection in busy {
                    #expect(try Reply(await connection.read(through: "\r\n\r\n")).status == 200)
                }
                #expect(try await listener.send("GET", "/open").status == 200)
            }
            #expect(listener.metrics.limits[.connectionsGivenUp] == 1)
            #expect(
                listener.metrics.all.map { "\($0.key.route) \($0.value.count)" } == [
                    "*:* 3", "GET:/open 1", "GET:/work 8",
                ])
        }
    }

    @Test func thoseWhoWaitToBeToldAreFewAndTheRestIsClosed() async throws {
        let work = Work()
        try await withDoors(Self.places(8), objects: work.add) {
            listener in
            try await RawConnection.open(8, port: listener.port) { busy in
                for connection in busy { try await connection.write("GET /work HTTP/1.1\r\nHost: a\r\n\r\n") }
                await work.begun(8)
                try await RawConnection.open(40, port: listener.port) { refused in
                    // They do not close their side, so each that was told keeps its place for a while. Which ones are told is open.
                    var told = 0
                    for connection in refused {
                        let bytes = try await connection.readToEnd()
                        if bytes.isEmpty { continue }
                        #expect(try Reply(bytes).json == ["refusal": "tooManyConnections(limit: 8)"])
                        told += 1
                    }
                    #expect(told == 32)
                }
                work.end()
            }
            #expect(listener.metrics.limits[.connections] == 32)
            #expect(listener.metrics.limits[.connectionsUnanswered] == 8)
        }
    }

    @Test func theAddressThatHoldsMostGivesWayFirst() async throws {
        try await withDoors(Self.places(20)) { listener in
            try await RawConnection.open(port: listener.port, from: "127.0.0.2") { modest in
                try await modest.write("GET /open HTTP/1.1\r\n")  // waits longer than all of the others
                try await RawConnection.open(40, port: listener.port, from: "127.0.0.3") { _ in
                    try await modest.write("Host: a\r\n\r\n")
                    #expect(try Reply(await modest.read(through: "\r\n\r\n")).status == 200)
                }
            }
        }
    }

    @Test func noConnectionIsServedWithADescriptorThatIsForOthers() async throws {
        try await withDoors({ $0.descriptorCeiling = 3 }) { listener in
            let bytes = try await RawConnection.open(port: listener.port) { try await $0.readToEnd() }
            #expect(bytes.isEmpty)
            #expect(listener.metrics.limits[.connectionsUnanswered] == 1)
        }
    }
}

/// An operation at `/work` that takes until it is ended.
private final class Work: Sendable {
    private struct State {
        var count = 0
        var isOver = false
    }
    private let state = Mutex(State())

    @Sendable func add(to table: ResourceTable<KeyGate>) {
        table.add(
            "/work",
            .get { [self] _ in
                state.withLock { $0.count += 1 }
                while !state.withLock({ $0.isOver }) { try await Task.sleep(for: .milliseconds(2)) }
                return .text("done")
            })
    }
    func begun(_ count: Int) async {
        while state.withLock({ $0.count }) < count { try? await Task.sleep(for: .milliseconds(2)) }
    }
    func end() { state.withLock { $0.isOver = true } }
}
