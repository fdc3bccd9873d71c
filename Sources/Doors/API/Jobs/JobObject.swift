import Foundation
import JSON
import Jobs
import Records

extension Job {
    /// The job object of `docs/api.md`, secrets hidden.
    /// - Parameter progress: how far it is, where it is under way in this process.
    func wire(_ progress: JobProgress?) -> JSONValue {
        func time(_ date: Date?) -> JSONValue { date.map { .string($0.rfc3339) } ?? .null }
        func number(_ value: Double?) -> JSONValue { value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null }
        let tally = progress?.tally ?? tally
        return [
            "job_id": .string(id.wire), "account_id": .string(accountID.wire), "kind": .string(kind.rawValue),
            "state": .string(state.rawValue), "attended": .bool(isAttended),
            "parameters": parameters.withoutSecrets,
            "error": error.map { .string(Redaction.redacted($0)) } ?? .null,
            "progress": [
                "all": .integer(Int64(tally.items)), "done": .integer(Int64(tally.done)),
                "failed": .integer(Int64(tally.failed)), "percent": .integer(Int64(tally.percent(state))),
                "rate": number(state.isFinal ? nil : progress?.rate),
                "seconds_left": number(state.isFinal ? nil : progress?.secondsLeft),
            ],
            "create_time": time(createTime), "start_time": time(startTime), "end_time": time(endTime),
            "expiry_time": time(expiry),
        ]
    }
}

extension JobItem {
    /// The item object of `docs/api.md`, secrets hidden.
    var wire: JSONValue {
        [
            "number": .integer(Int64(number)), "name": .string(Redaction.redacted(name)),
            "state": .string(state.rawValue), "result": result.map { $0.value.withoutSecrets } ?? .null,
            "error": error.map { .string(Redaction.redacted($0)) } ?? .null,
            "end_time": endTime.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
