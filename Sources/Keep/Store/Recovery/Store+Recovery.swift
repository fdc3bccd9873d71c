import Foundation
import Records
import SQL

extension Store {
    public func recoverFromUncleanStop() async throws { try await recoverFromUncleanStop(at: .now) }

    /// After a start, when nothing runs yet: what an earlier process could not write any more is written; streams that it left
    /// running go through `restart` to `pending`, each step logged, and the events it left open end as interrupted, which those are told who
    /// are told of their ends.
    func recoverFromUncleanStop(at now: Date) async throws {
        do { try await events.drainLeftOver() } catch let error as SQLError { throw StoreError(error) }
        try await write { connection in
            for (id, account) in try connection.streams(in: .inProgress) {
                try connection.putBack(id, of: account, at: now)
            }
            for (id, account) in try connection.streams(in: .restart) {
                try connection.setStatus(
                    .pending, ofStream: id, account: account, error: nil, isFatal: false, at: now)
            }
            for event in try connection.openEvents() {
                try connection.execute("UPDATE event SET state = 'interrupted' WHERE id = ?", [event.id])
                try connection.appendRecord(
                    .finished, event: event.id, account: event.account, stream: event.stream,
                    time: Milliseconds.nearest(now), results: nil, isNotice: event.endsAsNotice)
                try connection.redeemPledges(of: event.id, account: event.account, at: Milliseconds.nearest(now))
            }
        }
    }
}

extension Connection {
    fileprivate typealias OpenEvent = (id: UUID, account: UUID, stream: UUID?, endsAsNotice: Bool)
    fileprivate func openEvents() throws -> [OpenEvent] {
        try rows(
            "SELECT id, account_id, stream_id, ends_as_notice FROM event WHERE state = 'open' ORDER BY sequence", []
        ) { ($0[0], $0[1], $0[2], $0[3]) }
    }
    fileprivate func streams(in status: StreamStatus) throws -> [(id: UUID, account: UUID)] {
        try rows("SELECT id, account_id FROM stream WHERE status = ? ORDER BY sequence", [status.rawValue]) {
            ($0[0], $0[1])
        }
    }
}
