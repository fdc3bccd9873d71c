import Foundation
import SQL
import Synchronization

/// A session with the queue that it is used on.
///
/// `@unchecked Sendable` holds because all that changes is touched on the queue alone.
final class Lane: @unchecked Sendable {
    /// Between two looks at a connection that nobody uses.
    private static let pause = DispatchTimeInterval.seconds(1)

    private let queue: DispatchQueue
    private let session: PostgresSession
    private var isClosed = false

    init(_ name: String, _ session: PostgresSession) {
        queue = DispatchQueue(label: "postgres \(name)")
        self.session = session
    }

    /// Runs `body` behind all that came before.
    func run<V: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> V) async throws -> V {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        guard !self.isClosed else { throw SQLError(.unworkable, "the database is closed") }
                        return try body(self.session)
                    })
                self.session.settle()
            }
        }
    }
    /// From now on a connection that was lost is opened again although nobody uses it, until the lane is closed.
    func stayOpen() {
        queue.asyncAfter(deadline: .now() + Self.pause) { [weak self] in
            guard let self, !isClosed else { return }
            _ = try? session.open()
            stayOpen()
        }
    }
    /// Waits for what is under way.
    func close() {
        queue.sync {
            isClosed = true
            session.close()
        }
    }
}

/// Lanes of which each serves one task at a time, first come, first served.
final class LanePool: Sendable {
    let all: [Lane]
    private struct State {
        var free: [Lane]
        var waiting: [(id: Int, continuation: CheckedContinuation<Lane, any Error>)] = []
        var nextID = 0
    }
    private let state: Mutex<State>

    init(_ lanes: [Lane]) {
        all = lanes
        state = Mutex(State(free: lanes))
    }

    /// Calls `body` with a lane that is nobody else's meanwhile.
    /// - Throws: `CancellationError` when the task is cancelled before it has one; what `body` throws.
    func withLane<V>(_ body: (Lane) async throws -> V) async throws -> V {
        let lane = try await take()
        defer { give(lane) }
        return try await body(lane)
    }

    private func take() async throws -> Lane {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Lane, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let lane = state.free.popLast() { return .success(lane) }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            continuation?.resume(throwing: CancellationError())
        }
    }
    private func give(_ lane: Lane) {
        let next = state.withLock { state -> CheckedContinuation<Lane, any Error>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.free.append(lane)
            return nil
        }
        next?.resume(returning: lane)
    }
}
