import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

/// `docs/contract/streams.md §3.9` sentence by sentence: what happens to a stream with `attempt_count` 2 and `delay` 10, and what is shown
/// of it at the end. A tick of the background task comes before each step and once a second between them.
@Suite(.onEachBackend) struct AutorestartTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let sentence: String
        /// At a second, a status that the stream is put into, in order of time.
        let steps: [(Double, StreamStatus)]
        let end: Double
        let status: StreamStatus
        let autorestart: AutorestartState.Status
        let attempt: Int
        /// Second of the last attempt.
        let last: Double?
        var isAllowed = true
        var isFatal = false
        var testDescription: String { sentence }
        init(
            _ sentence: String, _ steps: [(Double, StreamStatus)], until end: Double, _ status: StreamStatus,
            _ autorestart: AutorestartState.Status, attempt: Int = 0, last: Double? = nil, isAllowed: Bool = true,
            isFatal: Bool = false
        ) {
            (self.sentence, self.steps, self.end, self.status) = (sentence, steps, end, status)
            (self.autorestart, self.attempt, self.last) = (autorestart, attempt, last)
            (self.isAllowed, self.isFatal) = (isAllowed, isFatal)
        }
    }
    private static let fails: [(Double, StreamStatus)] = [(1, .inProgress), (5, .failure)]

    static let table: [Row] = [
        Row("not allowed: disabled", fails, until: 99, .failure, .disabled, isAllowed: false),
        Row("allowed and nothing going on: enabled", [(1, .inProgress)], until: 99, .inProgress, .enabled),
        Row("no attempt before delay seconds have passed", fails, until: 14, .failure, .enabled),
        Row("an attempt after delay seconds", fails, until: 15, .pending, .inProgress, attempt: 1, last: 15),
        Row("pending is no verdict", fails, until: 99, .pending, .inProgress, attempt: 1, last: 15),
        Row(
            "in progress when it is judged: success", fails + [(17, .inProgress)], until: 25, .inProgress, .enabled,
            last: 15),
        Row(
            "not judged before delay seconds", fails + [(17, .inProgress)], until: 24, .inProgress, .inProgress,
            attempt: 1, last: 15),
        Row("done is success", fails + [(17, .inProgress), (18, .done)], until: 25, .done, .enabled, last: 15),
        Row(
            "a failure within the delay is a failed attempt, and the next follows delay after it",
            fails + [(17, .inProgress), (18, .failure)], until: 25, .pending, .inProgress, attempt: 2, last: 25),
        Row(
            "no next attempt before that", fails + [(17, .inProgress), (18, .failure)], until: 24, .failure,
            .inProgress, attempt: 1, last: 15),
        Row(
            "attempts used up: failed",
            fails + [(17, .inProgress), (18, .failure), (26, .inProgress), (27, .failure)], until: 99, .failure,
            .failed, attempt: 2, last: 25),
        Row(
            "a failure after the verdict is a new one", fails + [(17, .inProgress), (30, .failure)], until: 39,
            .failure, .enabled, last: 15),
        Row(
            "and is tried again", fails + [(17, .inProgress), (30, .failure)], until: 40, .pending, .inProgress,
            attempt: 1, last: 40),
        Row(
            "an attempt that waited for its turn is judged by how it goes on: in progress",
            fails + [(50, .inProgress)], until: 51, .inProgress, .enabled, last: 15),
        Row(
            "or a failure, which uses it up", fails + [(50.2, .inProgress), (50.6, .failure)], until: 51, .pending,
            .inProgress, attempt: 2, last: 51),
        Row("stop calls an attempt off", fails + [(17, .stop)], until: 99, .stop, .enabled, attempt: 1, last: 15),
        Row("a fatal error blocks it", fails, until: 99, .failure, .failed, isFatal: true),
    ]

    @Test(arguments: table) func theRuleHolds(row: Row) async throws {
        let fixture = try await TemporaryStore()
        func time(_ second: Double) -> Date { TemporaryStore.noon.addingTimeInterval(second) }
        let stream = try await fixture.createStream(
            TemporaryStore.specification(
                autorestart: AutorestartPolicy(isAllowed: row.isAllowed, attemptCount: 2, delay: 10)), at: time(0))
        var status: StreamStatus {
            get async throws { try #require(try await fixture.store.stream(id: stream.id, account: nil)).status }
        }
        var steps = row.steps[...]
        for second in 1...Int(row.end) {
            while let (moment, next) = steps.first, moment <= Double(second) {
                steps.removeFirst()
                guard next != .stop else {
                    #expect(
                        try await fixture.store.stopStream(
                            id: stream.id, account: fixture.account.id, at: time(moment)) == .done)
                    continue
                }
                try await fixture.move(stream, try await status, next, isFatal: row.isFatal, at: time(moment))
            }
            try await fixture.store.performAutorestarts(at: time(Double(second)))
        }
        let shown = try #require(try await fixture.store.stream(id: stream.id, account: nil))
        #expect(shown.status == row.status)
        #expect(
            shown.autorestart
                == AutorestartState(
                    status: row.autorestart, currentAttempt: row.attempt, lastAttemptTime: row.last.map(time)))
    }
}
