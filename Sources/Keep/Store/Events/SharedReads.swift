import Synchronization

/// Lets all who ask the same at the same time share one answer: a change wakes everybody who follows, and they all stand at the same place.
///
/// No answer is older than its question: who asks while an answer is being found shares the one after it.
final class SharedReads<Question: Hashable & Sendable, Answer: Sendable>: Sendable {
    private typealias Reading = Task<Answer, any Error>
    private struct Round {
        let running: Reading
        var next: Reading?
        /// How many wait for `next`.
        var waiting = 0
    }
    private let rounds = Mutex<[Question: Round]>([:])

    /// - Parameter read: finds the answer; the callers of one round share what it throws. A caller that is cancelled waits for it.
    func answer(to question: Question, by read: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let reading = rounds.withLock { rounds in
            guard let round = rounds[question] else {
                let first = Reading {
                    defer { self.end(of: question) }
                    return try await read()
                }
                rounds[question] = Round(running: first)
                return first
            }
            rounds[question]?.waiting += 1
            if let next = round.next { return next }
            let next = Reading {
                _ = await round.running.result
                defer { self.end(of: question) }
                return try await read()
            }
            rounds[question]?.next = next
            return next
        }
        return try await reading.value
    }
    /// How many share the answer after the one that is being found.
    func waitingCount(for question: Question) -> Int { rounds.withLock { $0[question]?.waiting ?? 0 } }
    private func end(of question: Question) {
        rounds.withLock { rounds in rounds[question] = rounds[question]?.next.map { Round(running: $0) } }
    }
}
