import Foundation
public import Logging
import Records
public import ServiceLifecycle
public import Store
import Synchronization

/// Delivers what is due to callbacks, until the daemon shuts down: wakes by what commits have changed and by time, and takes
/// lanes, one letter of each at a time.
///
/// At least once: a letter is removed when its receiver has said that it has it, so one that was on its way when the process
/// ended is sent again.
public final class Courier: Service {
    /// Letters of one lane in a row, before others that wait have their turn.
    private static let quantum = 32
    /// The longest time between two looks: the system's clock may be set.
    private static let longestSleep = Duration.seconds(60)
    /// Between two looks while lanes wait for a place at their receivers: each reads all that is due.
    private static let lookPause = Duration.milliseconds(100)
    /// After the database failed.
    private static let databasePause = Duration.seconds(1)

    private let store: Store
    private let postman: any Postman
    private let configuration: CallbackConfiguration
    private let policy: RetryPolicy
    private let time: Timepiece
    private let logger: Logger
    private let counts = Mutex(CourierCounts())

    private struct Inbox {
        var ended: [DueLane] = []
        /// Lanes may be due that are not known.
        var isStale = true
        /// When alarms go off.
        var alarms: [Date] = []
        /// Somebody will say when the next look may be.
        var isPausing = false
    }
    private let inbox = Mutex(Inbox())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    public convenience init(
        store: Store, postman: any Postman, configuration: CallbackConfiguration, time: Timepiece = .system,
        logger: Logger
    ) {
        self.init(
            store: store, postman: postman, configuration: configuration, policy: RetryPolicy(), time: time,
            logger: logger)
    }
    init(
        store: Store, postman: any Postman, configuration: CallbackConfiguration, policy: RetryPolicy,
        time: Timepiece, logger: Logger
    ) {
        (self.store, self.postman, self.configuration, self.policy) = (store, postman, configuration, policy)
        (self.time, self.logger) = (time, logger)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What became of letters since the start.
    public var tally: CourierCounts { counts.withLock { $0 } }

    public func run() async { await cancelWhenGracefulShutdown { await self.deliver() } }

    private func deliver() async {
        let changes = store.changes.changes { $0 == .deliveries }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in changes { self.lookAgain() }
            }
            lookAgain()
            var queue = LaneQueue(
                places: configuration.concurrency, placesOfReceiver: configuration.receiverConcurrency)
            var lastLook = ContinuousClock.now - Self.lookPause
            for await _ in wakes {
                for lane in inbox.withLock({ inbox in
                    defer { inbox.ended = [] }
                    return inbox.ended
                }) { queue.ended(lane) }
                begin(&queue, &group)
                if queue.hasPlace, inbox.withLock(\.isStale) || queue.isCut {
                    if queue.isWaiting, lastLook.duration(to: .now) < Self.lookPause {
                        pause(&group)
                    } else {
                        lastLook = .now
                        await look(&queue, &group)
                        begin(&queue, &group)
                    }
                }
                counts.withLock { $0.running = queue.runningCount }
            }
            group.cancelAll()
        }
    }

    private func begin(_ queue: inout LaneQueue, _ group: inout DiscardingTaskGroup) {
        while let lane = queue.next() { group.addTask { await self.serve(lane) } }
    }
    private func pause(_ group: inout DiscardingTaskGroup) {
        let isFirst = inbox.withLock { inbox in
            defer { inbox.isPausing = true }
            return !inbox.isPausing
        }
        guard isFirst else { return }
        group.addTask {
            try? await Task.sleep(for: Self.lookPause)
            self.inbox.withLock { $0.isPausing = false }
            self.wake.yield()
        }
    }
    private func lookAgain() {
        inbox.withLock { $0.isStale = true }
        wake.yield()
    }

    /// Finds out which lanes are due, and when the next one will be.
    private func look(_ queue: inout LaneQueue, _ group: inout DiscardingTaskGroup) async {
        let now = time.now()
        inbox.withLock { $0.isStale = false }
        do {
            queue.clear()
            try await store.recallLanes(beyond: now + policy.longest / .seconds(1), at: now)
            var last: DueLane?
            repeat {
                let lanes = try await store.dueLanes(at: now, after: last)
                queue.found(lanes)
                last = lanes.count == 1000 ? lanes.last : nil
            } while last != nil
            if let next = try await store.nextLaneTime(after: now) {
                setAlarm(at: min(next, now + Self.longestSleep / .seconds(1)), now, &group)
            }
        } catch is CancellationError {
        } catch {
            logger.warning("The outbox cannot be read", metadata: [LogKey.error: "\(error)"])
            setAlarm(at: now + Self.databasePause / .seconds(1), now, &group)
        }
    }
    /// Looks again then. One that is set for an earlier time does as well: it leads to a look too.
    private func setAlarm(at moment: Date, _ now: Date, _ group: inout DiscardingTaskGroup) {
        let isEarliest = inbox.withLock { inbox in
            guard inbox.alarms.allSatisfy({ $0 > moment }) else { return false }
            inbox.alarms.append(moment)
            return true
        }
        guard isEarliest else { return }
        group.addTask {
            guard (try? await self.time.sleepUntil(moment)) != nil else { return }
            self.inbox.withLock { $0.alarms.removeAll { $0 == moment } }
            self.lookAgain()
        }
    }

    // MARK: One lane

    private func serve(_ lane: DueLane) async {
        var isMore = true, count = 0
        while isMore, count < Self.quantum, !Task.isCancelled {
            isMore = await serveNext(of: lane)
            count += 1
        }
        inbox.withLock { inbox in
            inbox.ended.append(lane)
            // What was postponed wants an alarm, and what is left its turn.
            inbox.isStale = true
        }
        wake.yield()
    }
    /// - Returns: whether the lane's next letter may follow.
    private func serveNext(of lane: DueLane) async -> Bool {
        do {
            guard let letter = try await store.nextLetter(of: lane.id) else {
                try await store.settle(lane: lane.id, at: time.now())
                return false
            }
            let answer =
                letter.callback == nil ? .impossible("Its callback cannot be read") : await postman.post(letter)
            guard let answer else { return false }
            let verdict = policy.verdict(on: answer, failures: letter.failures, at: time.now())
            tell(verdict, of: letter)
            await settle(letter, verdict)
            if case .postponed = verdict { return false }
            return true
        } catch is CancellationError {
            return false
        } catch {
            logger.warning("The outbox cannot be read", metadata: [LogKey.error: "\(error)"])
            try? await time.sleep(for: Self.databasePause)
            return false
        }
    }
    /// Tries until the database has it: a letter whose receiver has it must not be sent again for that. What is not written when
    /// the daemon ends is.
    private func settle(_ letter: Letter, _ verdict: Verdict) async {
        var isNews = true
        while true {
            do { return try await store.settle(letter, verdict, at: time.now()) } catch {
                if isNews {
                    logger.warning("What became of a report cannot be stored", metadata: [LogKey.error: "\(error)"])
                }
                isNews = false
            }
            guard (try? await time.sleep(for: Self.databasePause)) != nil else { return }
        }
    }

    private func tell(_ verdict: Verdict, of letter: Letter) {
        counts.withLock { $0.add(verdict) }
        var facts: Logger.Metadata = [LogKey.receiver: "\(letter.callback?.receiver ?? "")"]
        switch letter.subject {
        case .event(let id, let stream):
            (facts[LogKey.event], facts[LogKey.stream]) = ("\(id.wire)", "\(stream.wire)")
        case .job(let id): facts[LogKey.job] = "\(id.wire)"
        case .generated(let id, let handler):
            facts[LogKey.event] = id.map { "\($0.wire)" }
            facts[LogKey.handler] = "\(handler.wire)"
        }
        switch verdict {
        case .delivered where letter.failures > 0: logger.notice("A callback takes reports again", metadata: facts)
        case .delivered: logger.debug("A report was delivered", metadata: facts)
        case .postponed(let reason, _, _):
            facts[LogKey.reason] = "\(reason)"
            // One line when it begins, not one for each try.
            let level: Logger.Level = letter.failures == 0 ? .warning : .debug
            logger.log(level: level, "A callback does not take a report, it waits", metadata: facts)
        case .dead(let reason):
            facts[LogKey.reason] = "\(reason)"
            logger.error("A report is a dead letter", metadata: facts)
        }
    }
}

/// What became of letters since the daemon's start.
public struct CourierCounts: Hashable, Sendable {
    public var delivered = 0
    /// Tries after which a letter waits.
    public var failed = 0
    /// Letters that were given up at once.
    public var refused = 0
    /// Lanes that are being served.
    public var running = 0
    public init() {}

    mutating func add(_ verdict: Verdict) {
        switch verdict {
        case .delivered: delivered += 1
        case .postponed: failed += 1
        case .dead: refused += 1
        }
    }
}

/// The keys of log metadata, spelled in one place.
enum LogKey {
    static let error = "error"
    static let stream = "stream.id"
    static let event = "event.id"
    static let job = "job.id"
    static let handler = "handler.id"
    static let receiver = "receiver"
    static let reason = "reason"
}
