import Addresses
import Logging
import NIOCore
import Synchronization

/// Decides about each connection that is accepted: served, refused with an answer, or closed at once.
///
/// A served one takes one of `limit` seats. When all are taken, those that have kept the server waiting longest give theirs up
/// (for a request head, a body, the next request, or for somebody to take an answer), so that nobody locks others out by
/// holding connections. Where one address has more than a quarter of all seats in this way, it is the one that gives way. Only
/// when the server itself is at work for everybody is a newcomer refused.
final class Admission: Sendable {
    enum Verdict {
        case served(Seat)
        /// There is room to say so.
        case refused
        case closed
    }
    /// Connections beyond the served ones that may be there for a moment: to be told of their refusal, or on their way out.
    static let spare = 48
    /// How many of those may be waiting for their answer to be taken.
    private static let answering = 32
    /// Between two lines in the log.
    private static let logInterval = Duration.seconds(10)

    private struct State {
        var seats: [ObjectIdentifier: Seat] = [:]
        /// Of `seats`, those who were told to go.
        var leaving: Set<ObjectIdentifier> = []
        var refused = 0
        var turnedAway = 0
        var lastLog: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    let departures = Departures()
    private let limit: Int
    private let trusted: [NetworkRange]
    private let descriptorCeiling: Int
    private let metrics: LimitMetrics
    private let logger: Logger

    /// - Parameter logger: is told now and then that connections were turned away.
    init(_ configuration: ListenerConfiguration, metrics: LimitMetrics, logger: Logger) {
        (limit, descriptorCeiling) = (configuration.connectionLimit, configuration.descriptorCeiling)
        trusted = configuration.trustedProxies
        (self.metrics, self.logger) = (metrics, logger)
        metrics.connectionLimit.store(limit, ordering: .relaxed)
    }

    /// To be called once for each connection, on its event loop.
    func admit(_ channel: any Channel) -> Verdict {
        // The system gives the lowest number that is free, so this one tells how many are taken in the whole process.
        let descriptor = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
        let isInReserve = descriptor.map { Int($0) >= descriptorCeiling } ?? false
        let seat = Seat(channel, trusted: trusted)
        let (verdict, victims) = state.withLock { state in
            var victims: [Seat] = []
            if isInReserve || state.seats.count - state.leaving.count >= limit {
                victims = Self.victims(in: state, limit: limit)
                state.leaving.formUnion(victims.map(ObjectIdentifier.init))
            }
            if !isInReserve, state.seats.count - state.leaving.count < limit {
                state.seats[ObjectIdentifier(seat)] = seat
                return (Verdict.served(seat), victims)
            }
            guard !isInReserve, state.refused < Self.answering else { return (.closed, victims) }
            state.refused += 1
            return (.refused, victims)
        }
        for victim in victims { victim.askToGiveWay() }
        watch(channel, verdict)
        return verdict
    }

    private func watch(_ channel: any Channel, _ verdict: Verdict) {
        switch verdict {
        case .served(let seat):
            departures.connectionsAre(metrics.connections.add(1, ordering: .relaxed).newValue)
            channel.closeFuture.whenComplete { [self] _ in
                departures.connectionsAre(metrics.connections.subtract(1, ordering: .relaxed).newValue)
                state.withLock { state in
                    state.seats[ObjectIdentifier(seat)] = nil
                    state.leaving.remove(ObjectIdentifier(seat))
                }
            }
        case .refused:
            turnedAway(.connections)
            channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.refused -= 1 } }
        case .closed: turnedAway(.connectionsUnanswered)
        }
    }

    /// Whether a seat that was asked to give way has done so. If it is at work again by then, it stays.
    func gaveWay(_ seat: Seat) -> Bool {
        if seat.isWaiting {
            turnedAway(.connectionsGivenUp)
            return true
        }
        _ = state.withLock { $0.leaving.remove(ObjectIdentifier(seat)) }
        return false
    }

    /// Those who keep the server waiting longest: several at once, so that looking for them costs little even in a flood.
    private static func victims(in state: State, limit: Int) -> [Seat] {
        var waiting: [(seat: Seat, since: UInt64)] = []
        var counts: [String: Int] = [:]
        for (id, seat) in state.seats where !state.leaving.contains(id) {
            guard let since = seat.waitingSince else { continue }
            waiting.append((seat, since))
            if let place = seat.place { counts[place, default: 0] += 1 }
        }
        if let greediest = counts.max(by: { $0.value < $1.value }), greediest.value > limit / 4 {
            waiting.removeAll { $0.seat.place != greediest.key }
        }
        waiting.sort { $0.since < $1.since }
        return waiting.prefix(max(1, min(waiting.count, limit) / 32)).map(\.seat)
    }

    private func turnedAway(_ reason: LimitMetrics.Reason) {
        metrics.count(reason)
        let count = state.withLock { state -> Int? in
            state.turnedAway += 1
            let now = ContinuousClock.now
            if let last = state.lastLog, now - last < Self.logInterval { return nil }
            defer { (state.lastLog, state.turnedAway) = (now, 0) }
            return state.turnedAway
        }
        guard let count else { return }
        logger.warning(
            "All connections taken, some are turned away",
            metadata: [HTTPLogKey.connectionLimit: "\(limit)", HTTPLogKey.turnedAway: "\(count)"])
    }
}
