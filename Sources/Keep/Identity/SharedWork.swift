import Synchronization

/// Does the same work once for all who ask while it is under way.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let waiting = Mutex<[Key: [CheckedContinuation<Value, any Error>]]>([:])

    func run(_ key: Key, _ work: () async throws -> Value) async throws -> Value {
        while !begin(key) {
            if let value = try await join(key) { return value }
        }
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
        let joined = waiting.withLock { $0.removeValue(forKey: key) }
        for continuation in joined ?? [] { continuation.resume(with: outcome) }
        return try outcome.get()
    }

    private func begin(_ key: Key) -> Bool {
        waiting.withLock { waiting in
            guard waiting[key] == nil else { return false }
            waiting[key] = []
            return true
        }
    }
    /// `nil` when the work was over before it could be joined.
    private func join(_ key: Key) async throws -> Value? {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                let isUnderWay = waiting.withLock { $0[key]?.append(continuation) != nil }
                if !isUnderWay { continuation.resume(throwing: IsOver()) }
            }
        } catch is IsOver {
            return nil
        }
    }
    private struct IsOver: Error {}
}
