import Foundation
public import Logging
public import Records
public import ServiceLifecycle
public import Store
import Synchronization

/// Publishes how many people streams show where their callbacks want that: the latest number, at most once a second, kept by the
/// broker for those who come later.
///
/// It is state, so what nobody took is forgotten as soon as there is something newer, and nothing of it is stored. Which streams
/// there are says the store, so that one that does not run, was replaced or is gone is told as such.
public final class PeopleBoard: PeopleStates, Service {
    /// Between two numbers of a broker.
    private static let interval = Duration.seconds(1)
    /// After so long all is said again, for brokers that forget.
    static let repetition = Duration.seconds(60)
    /// Whoever hears nothing for so long, in seconds, knows that the daemon died.
    static let patience = 180
    /// For brokers, when the daemon ends.
    private static let lastPatience = Duration.seconds(2)
    private static let databasePause = Duration.seconds(1)

    private let store: Store
    private let postman: MQTTPostman
    private let time: Timepiece
    private let logger: Logger
    private let policy = RetryPolicy()

    private struct State {
        var notices = PeopleNotices()
        var brokers: [MQTTPostman.Key: AsyncStream<Void>.Continuation] = [:]
        var isEnding = false
    }
    private let state = Mutex(State())
    private typealias Newcomer = (key: MQTTPostman.Key, wakes: AsyncStream<Void>)
    private let newcomers: AsyncStream<Newcomer>
    private let newcomer: AsyncStream<Newcomer>.Continuation

    public init(store: Store, postman: MQTTPostman, time: Timepiece = .system, logger: Logger) {
        (self.store, self.postman, self.time, self.logger) = (store, postman, time, logger)
        (newcomers, newcomer) = AsyncStream.makeStream()
    }

    // MARK: What streams say

    public func wants(_ stream: StreamDefinition) -> Bool {
        change { $0.learn(stream) }
        return state.withLock { $0.notices.knows(stream.id) }
    }
    public func see(_ count: Int, by analytic: Int, of stream: StreamDefinition) {
        change { $0.set(.count(count), analytic, of: stream) }
    }
    public func rest(_ stream: StreamDefinition) { change { $0.set(.nothing, nil, of: stream) } }

    /// Wakes those who have something to say after it.
    private func change(_ body: (inout PeopleNotices) -> Void) {
        state.withLock { state in
            body(&state.notices)
            for key in state.notices.takeNews() {
                if let known = state.brokers[key] {
                    known.yield()
                } else if !state.isEnding {
                    let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                    state.brokers[key] = wake
                    newcomer.yield((key, wakes))
                    wake.yield()
                }
            }
        }
    }

    // MARK: Life

    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.work() }
            group.addTask {
                try? await gracefulShutdown()
                self.end()
                try? await Task.sleep(for: Self.lastPatience)
            }
            await group.next()
            group.cancelAll()
        }
    }
    /// Brokers are told that nobody counts any longer.
    func end() {
        change { $0.setAll(.nothing) }
        state.withLock { state in
            state.isEnding = true
            for wake in state.brokers.values { wake.finish() }
        }
        newcomer.finish()
    }

    private func work() async {
        await withDiscardingTaskGroup { brokers in
            await withDiscardingTaskGroup { helpers in
                helpers.addTask { await self.followStore() }
                helpers.addTask {
                    while (try? await self.time.sleep(for: Self.repetition)) != nil { self.change { $0.repeatAll() } }
                }
                for await newcomer in newcomers {
                    brokers.addTask { await self.serve(newcomer.key, newcomer.wakes) }
                }
                helpers.cancelAll()
            }
        }
    }

    /// Learns of all streams, and of what becomes of those that want state.
    private func followStore() async {
        let changes = store.changes.changes { $0 == .streams }
        await untilRead {
            var page = Page(number: 1, size: 1000)
            while true {
                let streams = try await self.store.streams(Filter(), order: .oldestFirst, page: page)
                self.change { notices in for stream in streams { notices.learn(stream.definition) } }
                // Those whose rows cannot be read are left out, so a page may be short.
                if streams.isEmpty { return }
                page.number += 1
            }
        }
        for await _ in changes {
            await untilRead {
                let ids = self.state.withLock { $0.notices.streams }
                for start in stride(from: 0, to: ids.count, by: 1000) {
                    let part = ids[start..<min(start + 1000, ids.count)]
                    var filter = Filter<RegisteredStream>()
                    filter.require(.ids, part.map { .id($0) })
                    let streams = try await self.store.streams(filter, page: Page(size: 1000))
                    self.change { notices in
                        for stream in streams { notices.learn(stream.definition) }
                        for id in Set(part).subtracting(streams.map(\.id)) { notices.forget(id) }
                    }
                }
            }
            // Many changes come together.
            guard (try? await time.sleep(for: Self.interval)) != nil else { return }
        }
    }
    private func untilRead(_ body: () async throws -> Void) async {
        while true {
            do { return try await body() } catch {
                guard (try? await time.sleep(for: Self.databasePause)) != nil else { return }
            }
        }
    }

    // MARK: One broker

    private func serve(_ key: MQTTPostman.Key, _ wakes: AsyncStream<Void>) async {
        var pause = GrowingPause(from: policy.first, upTo: policy.longest), isFailing = false
        for await _ in wakes {
            guard let failure = await publishNews(for: key) else {
                if isFailing { logger.notice("A broker takes the number of people again") }
                isFailing = false
                pause.reset()
                guard !state.withLock(\.isEnding), (try? await time.sleep(for: Self.interval)) != nil else { continue }
                continue
            }
            if !isFailing {
                logger.warning("A broker does not take the number of people", metadata: [LogKey.reason: "\(failure)"])
            }
            isFailing = true
            guard !Task.isCancelled, (try? await time.sleep(for: pause.next())) != nil else { return }
            state.withLock { $0.brokers[key] }?.yield()
        }
    }
    /// - Returns: why something of it was not taken; it is news again.
    private func publishNews(for key: MQTTPostman.Key) async -> String? {
        for notice in state.withLock({ $0.notices.news(for: key) }) {
            for message in notice.messages(patience: Self.patience) {
                let answer = await postman.publish(message, at: notice.place.broker)
                guard case .status? = answer else {
                    state.withLock { $0.notices.failed(notice) }
                    if case .unreachable(let reason)? = answer { return reason }
                    return "It was not asked"
                }
            }
            state.withLock { $0.notices.told(notice) }
        }
        return nil
    }
}
