import Glibc

/// When the packets of a source over the network come. Written by its thread, read by anybody.
struct Arrivals: Sendable {
    private static let second: Int64 = 1_000_000_000
    let board: SourceBoard

    /// The thread waits for a packet from now on.
    func wait() { board[.waitingSince] = Self.now }
    /// It waits no longer, and has one more packet if it has `come`.
    func end(come: Bool) {
        board[.waitingSince] = SourceBoard.never
        if come { board.add(1, to: .packets) }
    }

    var count: Int { board.count(.packets) }
    /// How long the thread has been waiting; `nil` while it does something else.
    var silence: Duration? {
        let since = board[.waitingSince]
        return since == SourceBoard.never ? nil : .nanoseconds(max(0, Self.now &- since))
    }
    /// Nanoseconds on a clock that all processes of the machine share.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * second + Int64(time.tv_nsec)
    }
}
