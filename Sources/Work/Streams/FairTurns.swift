import Foundation
import Records

/// Whose turn is next among pending streams.
///
/// Opening a silent source takes a place until the open deadline, so what is still being opened must not fill all places: the
/// streams of one account hold three quarters of them at most while they are opened, and those that autorestart tries again
/// half of them, all accounts together. Within these bounds the account comes first that has the fewest streams being opened,
/// and of an account the stream that has waited longest.
struct FairTurns {
    /// Whose stream it is, and whether autorestart tries it again.
    struct Kind: Hashable {
        let accountID: UUID
        let isRetry: Bool
        init(_ stream: WaitingStream) { (accountID, isRetry) = (stream.accountID, stream.isRetry) }
    }

    /// Streams at once.
    let places: Int
    private var placesOfAccount: Int { max(1, places * 3 / 4) }
    private var placesOfRetries: Int { max(1, places / 2) }

    /// - Parameters:
    ///   - waiting: those that may be taken up, the one that has waited longest first.
    ///   - free: places that nobody holds.
    ///   - opening: those that were taken up and have not opened their source yet.
    /// - Returns: whom to take up, in this order; at most `free`.
    func next(of waiting: [WaitingStream], free: Int, opening: [Kind]) -> [WaitingStream] {
        guard free > 0 else { return [] }
        var held: [UUID: Int] = [:], retries = 0
        for one in opening {
            held[one.accountID, default: 0] += 1
            if one.isRetry { retries += 1 }
        }
        var lines = Dictionary(grouping: waiting, by: Kind.init).mapValues { $0[...] }
        var chosen: [WaitingStream] = []
        while chosen.count < free {
            let first = lines.compactMap { kind, line -> WaitingStream? in
                guard held[kind.accountID, default: 0] < placesOfAccount, !kind.isRetry || retries < placesOfRetries
                else { return nil }
                return line.first
            }.min { a, b in
                let (heldByA, heldByB) = (held[a.accountID, default: 0], held[b.accountID, default: 0])
                return heldByA != heldByB ? heldByA < heldByB : a.since < b.since
            }
            guard let first else { break }
            lines[Kind(first)]?.removeFirst()
            held[first.accountID, default: 0] += 1
            if first.isRetry { retries += 1 }
            chosen.append(first)
        }
        return chosen
    }
}
