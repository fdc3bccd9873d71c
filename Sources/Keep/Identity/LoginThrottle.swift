import Foundation
import Synchronization

/// Who tries to log in from where.
struct LoginOrigin: Hashable, Sendable {
    let login: String
    let address: String
}

/// Slows down whoever tries passwords: per login and address, so that nobody else's login is touched.
///
/// Some attempts are free; each further one must keep a distance to the one before, which doubles up to a limit. An
/// attempt that would have to wait too long is refused unheard. A right password clears the slate, and so does time.
final class LoginThrottle: Sendable {
    struct Configuration: Sendable {
        var freeAttempts = 5.0
        /// One attempt is forgotten every so often.
        var decay = Duration.seconds(30)
        var firstDistance = Duration.milliseconds(500)
        var longestDistance = Duration.seconds(4)
        /// The longest that an attempt waits for its turn.
        var patience = Duration.seconds(8)
        /// Origins remembered at once, of either kind. One takes some 300 bytes at most.
        var capacity = 8192
        /// How long an origin counts as one that knows its password.
        var acquaintance = Duration.seconds(86_400)
    }
    enum Admission: Equatable {
        case after(Duration)
        case refused(retryAfter: Duration)
    }
    private struct Record {
        var attempts: Double
        var time: ContinuousClock.Instant
        /// When the next attempt may be made.
        var turn: ContinuousClock.Instant
    }
    private struct State {
        var records: [LoginOrigin: Record] = [:]
        var acquainted: [LoginOrigin: ContinuousClock.Instant] = [:]
    }
    private let configuration: Configuration
    private let state = Mutex(State())

    init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// Counts an attempt, right or wrong: those that run side by side are all seen.
    func admit(_ origin: LoginOrigin, at now: ContinuousClock.Instant = .now) -> Admission {
        state.withLock { state in
            var record = state.records[origin] ?? Record(attempts: 0, time: now, turn: now)
            record.attempts = attempts(record, at: now)
            record.time = now
            let turn = max(now, record.turn)
            guard turn - now <= configuration.patience else { return .refused(retryAfter: turn - now) }
            record.attempts += 1
            record.turn = turn + distance(after: record.attempts)
            if state.records[origin] == nil { makeRoom(in: &state, at: now) }
            state.records[origin] = record
            return .after(turn - now)
        }
    }
    /// The password was right.
    func welcome(_ origin: LoginOrigin, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.records[origin] = nil
            if state.acquainted[origin] == nil, state.acquainted.count >= configuration.capacity {
                state.acquainted = state.acquainted.filter { now - $0.value < configuration.acquaintance }
                if state.acquainted.count >= configuration.capacity, let victim = state.acquainted.keys.first {
                    state.acquainted[victim] = nil
                }
            }
            state.acquainted[origin] = now
        }
    }
    /// Whether somebody knew the password for this login at this address lately: such attempts need not queue behind
    /// those of strangers.
    func isAcquainted(_ origin: LoginOrigin, at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.acquainted[origin].map { now - $0 < configuration.acquaintance } ?? false }
    }
    var count: Int { state.withLock { $0.records.count } }

    private func attempts(_ record: Record, at now: ContinuousClock.Instant) -> Double {
        max(0, record.attempts - (now - record.time) / configuration.decay)
    }
    private func distance(after attempts: Double) -> Duration {
        let doublings = min(attempts.rounded() - configuration.freeAttempts, 32)
        guard doublings >= 0 else { return .zero }
        return min(configuration.firstDistance * pow(2, doublings), configuration.longestDistance)
    }
    /// Forgets who has been forgiven; if that is nobody, the quarter that tried least.
    private func makeRoom(in state: inout State, at now: ContinuousClock.Instant) {
        guard state.records.count >= configuration.capacity else { return }
        state.records = state.records.filter { attempts($0.value, at: now) > 0 }
        guard state.records.count >= configuration.capacity else { return }
        let byAttempts = state.records.sorted { attempts($0.value, at: now) < attempts($1.value, at: now) }
        for (origin, _) in byAttempts.prefix(max(1, configuration.capacity / 4)) { state.records[origin] = nil }
    }
}
