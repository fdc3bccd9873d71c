import Inference
import Synchronization

/// How many inferences may be in flight over all networks of an engine, and who waits for a place: live before batch, first
/// come first served within each.
///
/// One place more than the engine has threads, so that the next picture is drawn, and waits in the engine's own queue, while
/// every thread is busy. Batch waits for as long as live work comes faster than it is done.
final class InferenceBudget: Sendable {
    private struct State {
        /// Above 0 only while nobody waits.
        var free: Int
        var live: [CheckedContinuation<Void, Never>] = []
        var batch: [CheckedContinuation<Void, Never>] = []

        mutating func takeFree() -> Bool {
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }
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
            if !state.live.isEmpty { return state.live.removeFirst() }
            if !state.batch.isEmpty { return state.batch.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }

    /// Callers that wait.
    var waitingCount: Int { state.withLock { $0.live.count + $0.batch.count } }
}
