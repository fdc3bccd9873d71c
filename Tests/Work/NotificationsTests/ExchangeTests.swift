import Foundation
import JSON
import NIOCore
import NIOEmbedded
import Records
import Synchronization
import Testing

@testable import Notifications

struct ExchangeTests {
    /// A connection to a receiver whose bytes and whose clock the test holds.
    private final class Line {
        let channel = EmbeddedChannel()
        private let request: OutgoingRequest
        init(idleTime: TimeAmount) throws {
            try ExchangeHandler.add(to: channel.pipeline.syncOperations, idleTime: idleTime)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 80), promise: nil)
            let callback = try Callback(JSONReader(["type": "http", "url": "http://127.0.0.1/"]))
            let letter = Letter(
                sequence: 1, id: UUID(), lane: UUID(), subject: .job(UUID()), callback: callback,
                body: JSONText(.emptyObject), number: 1, failures: 0)
            let endpoint = try #require(callback.endpoint)
            request = try #require(OutgoingRequest(letter, to: endpoint, at: .now))
        }
        func begin() -> Outcome {
            let promise = channel.eventLoop.makePromise(of: Exchange.Answer.self)
            let outcome = Outcome()
            promise.futureResult.whenComplete { result in outcome.result.withLock { $0 = result.map(\.head.status) } }
            channel.writeAndFlush(Exchange(request: request, onHead: { _ in }, answer: promise)).whenFailure {
                promise.fail($0)
            }
            return outcome
        }
        func receive(_ text: String) { channel.pipeline.fireChannelRead(ByteBuffer(string: text)) }
        func advance(by time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
    }
    private final class Outcome: Sendable {
        let result = Mutex<Result<Int, any Error>?>(nil)
        var status: Int? { result.withLock { try? $0?.get() } }
        var loss: Loss? {
            result.withLock { result in
                guard case .failure(let error)? = result else { return nil }
                return error as? Loss
            }
        }
    }
    private static let done = "HTTP/1.1 204 No Content\r\n\r\n"

    @Test func aConnectionThatNobodyUsesIsClosedAfterAWhile() throws {
        let line = try Line(idleTime: .seconds(3))
        let outcome = line.begin()
        line.receive(Self.done)
        #expect(outcome.status == 204)
        line.advance(by: .milliseconds(2999))
        #expect(line.channel.isActive)
        line.advance(by: .milliseconds(1))
        #expect(!line.channel.isActive)
    }

    /// Both are due in one turn of the event loop, the exchange first: nothing that is due then can be cancelled.
    @Test func anExchangeThatBeginsAtTheEndOfThatWhileIsNotCutOff() throws {
        let line = try Line(idleTime: .seconds(3))
        let first = line.begin(), outcomes = Mutex<[Outcome]>([])
        line.channel.eventLoop.assumeIsolated().scheduleTask(in: .seconds(3)) {
            let second = line.begin()
            outcomes.withLock { $0.append(second) }
        }
        line.receive(Self.done)
        #expect(first.status == 204)
        line.advance(by: .seconds(3))
        #expect(line.channel.isActive)
        line.receive(Self.done)
        #expect(outcomes.withLock { $0.map(\.status) } == [204])
        line.advance(by: .seconds(3))
        #expect(!line.channel.isActive)
    }

    @Test(arguments: ["", "HTTP/1.1 2", "HTTP/1.1 103 Early Hints\r\n\r\n"])
    func aReceiverThatClosesHasSaidNothingOnlyWhereNothingCame(text: String) throws {
        let line = try Line(idleTime: .seconds(3))
        let outcome = line.begin()
        if !text.isEmpty { line.receive(text) }
        line.channel.close(promise: nil)
        #expect(outcome.loss?.isUnanswered == text.isEmpty)
    }
}
