import Foundation
import Probing
import Synchronization

/// Tries sources, three at once for each account: each takes a place at its camera, and time of the models.
final class ProbeDesk: Sendable {
    static let limit = 3
    private let prober: SourceProber
    private let counts = Mutex<[UUID: Int]>([:])
    init(_ prober: SourceProber) { self.prober = prober }

    /// - Throws: `APIError` while the account has as many under way as it may; `CancellationError`.
    func probe(_ wish: SourceProber.Wish, for account: UUID) async throws -> ProbeReport {
        let hasPlace = counts.withLock { counts in
            guard counts[account, default: 0] < Self.limit else { return false }
            counts[account, default: 0] += 1
            return true
        }
        guard hasPlace else { throw APIError.tooManyProbes }
        defer {
            counts.withLock { counts in
                let left = counts[account, default: 1] - 1
                counts[account] = left > 0 ? left : nil
            }
        }
        return try await prober.probe(wish)
    }
}

extension APIError {
    fileprivate static let tooManyProbes = overloaded(
        "The account tries all \(ProbeDesk.limit) sources that it may try at once", retryAfter: SourceProber.time)
}
