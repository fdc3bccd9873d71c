import Inference
import Synchronization

/// How many inferences may be in flight over all networks of an engine, and who waits for a place: live before batch, first
/// come first served within each.
///
/// One place more than the engine has threads, so that the next picture is drawn, and waits in the engine's own queue, while
/// every thread is busy. A stream waits with few looks at a time, so that on a machine that is too slow every live stream is looked
/// at equally often, whatever its camera's rate: each turn takes all of them round once. Batch work goes on meanwhile with one place in
/// `batchTurn`: a file that never advances looks like one that hangs.
final class InferenceBudget: Sendable {
    private struct State {
        /// Above 0 only while nobody waits.
        var free: Int
        var live: [CheckedContinuation<Void, Never>] = []
        var batch: [CheckedContinuation<Void, Never>] = []
        /// Live looks that went before batch work that waits, since one of that last went.
        var liveInARow = 0

        mutating func takeFree() -> Bool {
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        /// Whose turn it is.
        mutating func takeNext() -> CheckedContinuation<Void, Never>? {
            if !live.isEmpty, batch.isEmpty || liveInARow < InferenceBudget.batchTurn - 1 {
                liveInARow = batch.isEmpty ? 0 : liveInARow + 1
                return live.removeFirst()
            }
            liveInARow = 0
            return batch.isEmpty ? nil : batch.removeFirst()
        }
    }
    /// While both wait, every so manieth place is for batch work.
    static let batchTurn = 16
    let places: Int
    private let state: Mutex<State>

    /// - Parameter places: at least 1.
    init(places: Int) {
        self.places = places
        state = Mutex(State(free: places))
    }

    /// Waits for a place. Who got one gives it back.
    func take(_ urgency: Urgency) async {
        if state.withLock({ $0.takeFree() }) { return }
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                if state.takeFree() { return true }
                switch urgency {
                case .live: state.live.append(continuation)
                case .batch: state.batch.append(continuation)
                }
                return false
            }
            if isTaken { continuation.resume() }
        }
    }

    func give() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let next = state.takeNext() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }

    /// Callers that wait.
    var waitingCount: Int { state.withLock { $0.live.count + $0.batch.count } }
}
