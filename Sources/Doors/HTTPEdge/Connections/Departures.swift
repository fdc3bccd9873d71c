import Foundation
import NIOCore
import Synchronization

/// What connections that end leave behind: work for those who stay, and memory.
///
/// When thousands leave within a moment, their closings would keep an event loop from everything else for as long as they take. So
/// each has its turn, and requests come between them. Afterwards the memory that they had is given back to the system: it was freed
/// among what is still in use, where glibc keeps it.
final class Departures: Sendable {
    /// Between two turns: 5,000 a second, a fraction of one core.
    static let pace = TimeAmount.microseconds(200)
    /// As many connections at once make it worth while to give memory back when three quarters of them have gone.
    static let crowd = 256
    /// How long the last of them may take.
    private static let calm = DispatchTimeInterval.seconds(2)

    private struct State {
        var nextTurn = NIODeadline.uptimeNanoseconds(0)
        var count = 0
        /// The most since memory was given back; leaving makes none.
        var peak = 0
    }
    private let state = Mutex(State())
    private let giveBack: @Sendable () -> Void

    init(giveBack: @escaping @Sendable () -> Void = Departures.giveMemoryBack) { self.giveBack = giveBack }

    /// When a connection may be closed that nobody waits for. At once, as long as few leave.
    func turn(now: NIODeadline = .now()) -> NIODeadline {
        state.withLock { state in
            let turn = max(now, state.nextTurn)
            state.nextTurn = turn + Self.pace
            return turn
        }
    }

    /// To be told of each change.
    func connectionsAre(_ count: Int) {
        let hasThinned = state.withLock { state in
            if count > state.count { state.peak = max(state.peak, count) }
            state.count = count
            guard state.peak >= Self.crowd, count <= state.peak / 4 else { return false }
            state.peak = 0
            return true
        }
        if hasThinned { giveBack() }
    }

    /// Takes some milliseconds of a thread of its own, a moment later. Only glibc knows `malloc_trim`, and Swift's overlay of it does not.
    private static func giveMemoryBack() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        let trim = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + calm) { _ = trim(0) }
    }
}
