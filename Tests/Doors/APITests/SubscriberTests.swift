import DoorSupport
import Foundation
import HTTPEdge
import JSON
import Records
import Streams
import Testing

@testable import API

/// How many may watch live.
struct SubscriberTests {
    @Test func whoeverIsOneTooManyIsToldHowManyThereMayBe() async throws {
        try await withServer {
            ($0.streamSubscriberLimit, $0.subscriberLimit) = (2, 3)
        } _: { server in
            let (first, second) = (try await server.createRunningStream(), try await server.createRunningStream())
            let headers = TestServer.basic(server.user)
            func watch(_ stream: RegisteredStream, _ body: () async throws -> Void) async throws {
                try await RawWebSocket.open(server, stream: stream.id, headers: headers) { socket in
                    #expect(socket.reply.status == 101)
                    try await body()
                }
            }
            func refusal(_ stream: RegisteredStream) async throws -> JSONValue? {
                let path = "/6/streams/\(stream.id.wire)/ws"
                let reply = try await server.sendRaw(
                    "GET", path, headers: headers.merging(RawWebSocket.handshake) { first, _ in first })
                #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
                #expect(try reply.json["error_code"] == 37001)
                return try reply.json["detail"]
            }
            try await watch(first) {
                try await watch(first) {
                    let detail = "Stream with id '\(first.id.wire)' has all 2 subscribers that it may have at once"
                    #expect(try await refusal(first) == .string(detail))
                    try await watch(second) {
                        let answer = try await refusal(second)
                        #expect(answer == "Service has all 3 subscribers that it may have at once")
                    }
                }
                #expect(server.listener.metrics.limits[.subscribers] == 2)
                // A place is free as soon as the server knows that its client has left.
                while server.hub.subscriberCount(of: first.id) > 1 { await Task.yield() }
                try await watch(first) {}
            }
        }
    }

    @Test func aPlaceIsTakenAsLongAsSomebodyHoldsIt() throws {
        var settings = APISettings()
        settings.subscriberLimit = 2
        let metrics = RequestMetrics().limits
        let subscribers = Subscribers(settings, metrics: metrics)
        var places = [try subscribers.place(at: UUID()), try subscribers.place(at: UUID())]
        #expect(throws: APIError.self) { _ = try subscribers.place(at: UUID()) }
        places.removeLast()
        places.append(try subscribers.place(at: UUID()))
        #expect(throws: APIError.self) { _ = try subscribers.place(at: UUID()) }
        #expect(metrics[.subscribers] == 2 && places.count == 2)
    }
}
